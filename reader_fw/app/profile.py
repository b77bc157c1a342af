"""What a version of the reader software can do and holds."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

from protocol.commands import Capability
from protocol.version import V1_40, Version


@dataclass(frozen=True)
class Profile:
    """One version of the reader software: its number, its capabilities, how much it takes."""

    name: str
    version: Version
    cdc: Version
    capabilities: frozenset[Capability]
    max_owners: int
    max_documents: int

    @property
    def checksum(self) -> str:
        """The checksum of the software as group 61 shows it: CRC-32 of what makes this version, in hex."""
        limits = f"{self.max_owners} {self.max_documents} {self.capability_mask}"
        return f"{zlib.crc32(f'Log_SV {self.name} {self.version} {self.cdc} {limits}'.encode()):08X}"

    @property
    def capability_mask(self) -> int:
        """The capabilities as `identify` gives them."""
        return sum(sorted(self.capabilities))


TLA_1_40: Final = Profile(
    "1.40",
    V1_40,
    V1_40,
    frozenset(
        (
            Capability.PARTIAL_CERTIFICATION,
            Capability.MULTI_OWNER,
            Capability.DESK_CERTIFICATION,
            Capability.DRE,
        )
    ),
    max_owners=32,
    max_documents=2_000,
)
