"""The profile of a version of the reader software: what it can do, and how much it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.version import V1_31, V1_40, Version
from tla_sim.reader_fw.app.software.newest import NEWEST_RELEASE

if TYPE_CHECKING:
    from tla_sim.protocol.firmware import Manifest


@dataclass(frozen=True)
class Profile:
    """One version of the reader software: its number, its capabilities and its limits.

    `floor` is the version below which a reader that ran this one never goes back. `signs_all` says whether
    the screens offer to sign all of a patient's invoices at once. `code_bytes` is the size of the software.
    `altered` says whether the factory delivers it with a byte changed.
    """

    name: str
    version: Version
    cdc: Version
    capabilities: frozenset[Capability]
    max_owners: int
    max_documents: int
    released: date = date(2019, 1, 15)
    floor: Version = V1_31
    signs_all: bool = True
    code_bytes: int = 12_288
    altered: bool = False

    @property
    def capability_mask(self) -> int:
        """The capabilities as `identify` reports them."""
        return sum(sorted(self.capabilities))

    @property
    def release(self) -> str:
        """The name under which the software is published, which an altered one shares with the original."""
        return self.name.removesuffix("-altered") if self.altered else self.name

    def knows(self, instruction: Ins) -> bool:
        """Return whether this version has an instruction."""
        needed = instruction.capability
        return instruction.since <= self.version and (needed is None or needed in self.capabilities)

    @classmethod
    def of(cls, manifest: Manifest) -> Profile:
        """Return the profile of installed software, from its manifest."""
        return cls(
            name=manifest.release,
            version=manifest.version,
            cdc=manifest.cdc,
            capabilities=frozenset(each for each in Capability if manifest.capabilities & each),
            max_owners=manifest.max_owners,
            max_documents=manifest.max_documents,
            released=manifest.components[0].day,
            floor=manifest.floor,
            signs_all=manifest.signs_all,
            code_bytes=manifest.components[0].size,
        )


TLA_1_40: Final = Profile(
    NEWEST_RELEASE,
    V1_40,
    V1_40,
    frozenset(Capability),
    max_owners=32,
    max_documents=2_000,
    floor=Version(1, 39),
)
