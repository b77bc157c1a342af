"""The dictionary of SSV groups: which groups exist, their fields, and their sources.

A module of groups enters its own in DECLARED when it is imported; this one imports them all.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.groups import (
    complementary,
    invoice,
    lot,
    ps_card,
    reader,
    ssv_calls,
    vitale,
    vitale_131,
)
from tla_sim.protocol.groups.declaration import DECLARED, GroupDeclaration

__all__ = [
    "DICTIONARY",
    "complementary",
    "invoice",
    "lot",
    "ps_card",
    "reader",
    "ssv_calls",
    "vitale",
    "vitale_131",
]

DICTIONARY: Final[dict[int, GroupDeclaration]] = dict(sorted(DECLARED.items()))
"""Every declared group by number."""
