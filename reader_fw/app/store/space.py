"""How much the invoice store takes, so that what it has accepted can always be certified and given back.

Every document that can still be signed has room put by for its signed form. What is put by, what is held and
what cleaning needs to work stay below what the flash has; so a store that is full of loaded documents still
certifies and acknowledges all of them, in batches of up to one segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from tla_sim.reader_fw.app.store.index import ROW_BYTES, StoreIndex

_RESERVED_BLOCKS: Final = 20
"""For directories, settings and the file system itself."""
_USABLE: Final = 4_000
_SCRATCH_SEGMENTS: Final = 3
_SLACK_SEGMENTS: Final = 4
_SMALLEST_SEGMENT: Final = 16_384
_LARGEST_SEGMENT: Final = 131_072
_TYPICAL_DOCUMENT: Final = 1_024
MAX_OWNERS: Final = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """What the store accepts: owners (at most 32), documents, and the bytes put by for signing one."""

    owners: int = 16
    documents: int = 1_000
    signature_bytes: int = 4_096

    def __post_init__(self) -> None:
        if not 1 <= self.owners <= MAX_OWNERS:
            raise ValueError(f"a store has 1 to {MAX_OWNERS} owners, not {self.owners}")


class Capacity(NamedTuple):
    """How full the store is. `free_documents` of typical size still fit; `damaged` records are known of."""

    owners: int
    documents: int
    free_documents: int
    used_bytes: int
    free_bytes: int
    total_bytes: int
    damaged: int


class Space:
    """The arithmetic of the store's room on a file system of `blocks` blocks."""

    def __init__(self, blocks: int, limits: Limits) -> None:
        self._limits = limits
        self.total = max(blocks - _RESERVED_BLOCKS, 0) * _USABLE
        self.segment_bytes = min(max(self.total // 32, _SMALLEST_SEGMENT), _LARGEST_SEGMENT)
        self.budget = max(self.total * 95 // 100 - _SCRATCH_SEGMENTS * self.segment_bytes, 0)

    def required(self, index: StoreIndex) -> int:
        """Bytes that what is held takes now, and will take once all of it is certified."""
        growth = index.uncertified_bytes + index.uncertified * self._limits.signature_bytes
        return index.live_bytes + growth

    def of_loaded(self, length: int) -> int:
        """Return what a document of `length` sealed bytes requires from its loading on."""
        return 2 * length + ROW_BYTES + self._limits.signature_bytes

    def of_final(self, length: int) -> int:
        """Return what a content of `length` sealed bytes requires that will not grow any more."""
        return length + ROW_BYTES

    def free_documents(self, free_bytes: int, slots: int) -> int:
        """Return how many documents of typical size fit into both."""
        return max(min(slots, free_bytes // self.of_loaded(_TYPICAL_DOCUMENT)), 0)

    def must_clean(self, log_bytes: int, segments: int, coming: int) -> bool:
        """Return whether `coming` bytes only fit, with room to clean, once a segment was cleaned."""
        partial_blocks = 2 * (segments + 1) * _USABLE
        return log_bytes + coming + partial_blocks + self.segment_bytes > self.total

    def should_clean(self, log_bytes: int, index: StoreIndex) -> bool:
        """Return whether so much is dead that cleaning costs less than a byte moved for a byte written."""
        return log_bytes > 2 * index.live_bytes + _SLACK_SEGMENTS * self.segment_bytes
