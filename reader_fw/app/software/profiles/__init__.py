"""The versions of the reader software, from the oldest in the field to the newest.

Numbers other than 1.31 and 1.40, and what each version can do, are Project-defined. That readers before 1.40
take one owner at a time, and that partial certification needs 1.40, is known from the field.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.version import V1_31, Version
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile

TLA_1_31: Final = Profile(
    "1.31",
    V1_31,
    V1_31,
    frozenset((Capability.UPDATE,)),
    max_owners=1,
    max_documents=150,
    released=date(2012, 6, 4),
    signs_all=False,
    code_bytes=8_192,
)
"""One owner at a time, no partial certification, no desk mode, one signature at a time, little memory."""

TLA_1_31_FIXED: Final = replace(TLA_1_31, name="1.31-fixed", capabilities=frozenset())
"""1.31 in a reader made before updates came over the cable: only its manufacturer can change it."""

TLA_1_39: Final = Profile(
    "1.39",
    Version(1, 39),
    Version(1, 39),
    frozenset((Capability.DRE, Capability.UPDATE)),
    max_owners=1,
    max_documents=600,
    released=date(2016, 9, 19),
    code_bytes=10_240,
)
"""DRE and more memory; still one owner at a time and no partial certification."""

TLA_1_40_SINGLE: Final = replace(
    TLA_1_40,
    name="1.40-single",
    capabilities=TLA_1_40.capabilities - {Capability.MULTI_OWNER},
    max_owners=1,
    released=date(2018, 3, 12),
    floor=V1_31,
)
"""1.40 without the multi-owner addendum: partial certification, for one owner at a time."""

TLA_1_40_ALTERED: Final = replace(TLA_1_40, name="1.40-altered", altered=True)
"""1.40 whose software was changed in flash: it runs, and its checksum shows the change."""

PROFILES: Final = (TLA_1_31, TLA_1_31_FIXED, TLA_1_39, TLA_1_40_SINGLE, TLA_1_40, TLA_1_40_ALTERED)
"""All profiles, oldest first."""


class UnknownProfile(TlaError):
    """No version has this name."""

    category = Category.BAD_INPUT


def find_profile(name: str) -> Profile:
    """Return the profile with a name. Raises UnknownProfile."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in PROFILES)
    raise UnknownProfile(
        "'{name}' is not a version of the reader software", "Choose one of {known}", name=name, known=known
    )
