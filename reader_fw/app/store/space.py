"""The room of the invoice store: whatever it has accepted can always be certified and given back.

Room is reserved for the signed form of every document that can still be signed. What is reserved, what is
held and what cleaning needs stay below the size of the flash, so a store full of loaded documents can still
certify and acknowledge all of them, in batches of up to one segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from tla_sim.reader_fw.app.store.index import ROW_BYTES, StoreIndex

_RESERVED_BLOCKS: Final = 20
"""For directories, settings and the file system itself."""
_USABLE: Final = 4_000
"""Bytes of a block that hold data; littlefs takes some of its 4,096 for pointers."""
_SCRATCH_SEGMENTS: Final = 3
"""Kept free so that cleaning can always work."""
_SLACK_SEGMENTS: Final = 4
"""Dead segments that a small store may keep before cleaning is worth its writes."""
_SMALLEST_SEGMENT: Final = 16_384
_LARGEST_SEGMENT: Final = 131_072
_TYPICAL_DOCUMENT: Final = 1_024
MAX_OWNERS: Final = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """What the store accepts: owners (at most 32), documents, and the bytes reserved for signing one."""

    owners: int = 16
    documents: int = 1_000
    signature_bytes: int = 4_096

    def __post_init__(self) -> None:
        if not 1 <= self.owners <= MAX_OWNERS:
            raise ValueError(f"a store has 1 to {MAX_OWNERS} owners, not {self.owners}")


class Capacity(NamedTuple):
    """How full the store is. `free_documents` counts documents of typical size, `damaged` known damage."""

    owners: int
    documents: int
    free_documents: int
    free_bytes: int
    total_bytes: int
    damaged: int


class Space:
    """The store's arithmetic of bytes, for a file system of `blocks` blocks."""

    def __init__(self, blocks: int, limits: Limits) -> None:
        self._limits = limits
        self.total = max(blocks - _RESERVED_BLOCKS, 0) * _USABLE
        self.segment_bytes = min(max(self.total // 32, _SMALLEST_SEGMENT), _LARGEST_SEGMENT)
        self.budget = max(self.total * 95 // 100 - _SCRATCH_SEGMENTS * self.segment_bytes, 0)

    def sum_required(self, index: StoreIndex) -> int:
        """Return the bytes that everything held takes now plus what certifying all of it will add."""
        growth = index.uncertified_bytes + index.uncertified * self._limits.signature_bytes
        return index.live_bytes + growth

    def of_loaded(self, length: int) -> int:
        """Return the bytes that a loaded document of `length` sealed bytes requires."""
        # Twice, since the signed form contains the invoice and is written before the loaded one is cleaned.
        return 2 * length + ROW_BYTES + self._limits.signature_bytes

    def of_final(self, length: int) -> int:
        """Return the bytes that a content of `length` sealed bytes requires if it will not grow."""
        return length + ROW_BYTES

    def free_documents(self, free_bytes: int, slots: int) -> int:
        """Return how many documents of typical size fit, given the free bytes and the free slots."""
        return max(min(slots, free_bytes // self.of_loaded(_TYPICAL_DOCUMENT)), 0)

    def must_clean(self, log_bytes: int, segments: int, coming: int) -> bool:
        """Return whether a segment must be cleaned before `coming` bytes fit and cleaning can still work."""
        # Two blocks for each segment, and for one that may be begun, since its last ones are not full.
        partial_blocks = 2 * (segments + 1) * _USABLE
        return log_bytes + coming + partial_blocks + self.segment_bytes > self.total

    def should_clean(self, log_bytes: int, index: StoreIndex) -> bool:
        """Return whether so much is dead that cleaning moves less than it gives back."""
        return log_bytes > 2 * index.live_bytes + _SLACK_SEGMENTS * self.segment_bytes
