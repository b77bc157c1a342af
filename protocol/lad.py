"""Logical addresses inside the reader, and the T=1 node of each (Project-defined, after the SSV's LAD)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

WORKSTATION_NODE: Final = 1


class Lad(IntEnum):
    """The addressee of a command: the reader's own software, or the card in one of its slots."""

    LOG_SV = 0
    PS = 1
    VITALE = 2

    @property
    def node(self) -> int:
        """The T=1 node number of this address (2, 3 or 4)."""
        return self + 2

    @property
    def nad(self) -> int:
        """The NAD byte of a block from the workstation to this address: destination high, source low."""
        return self.node << 4 | WORKSTATION_NODE

    @classmethod
    def of_node(cls, node: int) -> Lad | None:
        """Return the address with this T=1 node number, `None` if the reader has no such node."""
        return cls(node - 2) if 2 <= node <= 4 else None
