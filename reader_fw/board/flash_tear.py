"""What the array holds when the power goes in the middle of one operation: seven models of a torn write.

Real parts leave a prefix of the pages, cells between 0 and 1, or a finished operation whose caller never
heard of it. Source: Project-defined, after what littlefs and SQLite test.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Final

from tla_sim.reader_fw.board.flash import SECTOR_SIZE, FlashOperation, Operation, clear_bits

_ERASED: Final = b"\xff" * SECTOR_SIZE


class Tear(Enum):
    """How far the operation got. HALF_BITS: each cell for itself, as a fixed pattern of the address says."""

    NOTHING = "nothing"
    PREFIX_37 = "prefix 37 %"
    PREFIX_50 = "prefix 50 %"
    PREFIX_99 = "prefix 99 %"
    SUFFIX_50 = "second half only"
    HALF_BITS = "half of the bits"
    LANDED = "all of it, unheard"


_PREFIX: Final = {
    Tear.NOTHING: 0.0,
    Tear.PREFIX_37: 0.37,
    Tear.PREFIX_50: 0.5,
    Tear.PREFIX_99: 0.99,
    Tear.LANDED: 1.0,
}


def span(operation: FlashOperation) -> int:
    """Return how many bytes the operation touches from its address on."""
    return SECTOR_SIZE if operation.kind is Operation.ERASE else len(operation.data)


def tear_bytes(tear: Tear, operation: FlashOperation, before: bytes) -> bytes:
    """Return what the touched bytes hold after a torn operation; `before` is what they held."""
    after = _ERASED if operation.kind is Operation.ERASE else clear_bits(before, operation.data)
    if tear is Tear.HALF_BITS:
        return _mixed(before, after, operation.address)
    half = len(after) // 2
    if tear is Tear.SUFFIX_50:
        return before[:half] + after[half:]
    cut = int(len(after) * _PREFIX[tear])
    return after[:cut] + before[cut:]


def _mixed(before: bytes, after: bytes, address: int) -> bytes:
    size = len(after)
    mask = int.from_bytes(hashlib.shake_128(address.to_bytes(8, "big")).digest(size), "big")
    old, new = int.from_bytes(before, "big"), int.from_bytes(after, "big")
    return (old & ~mask | new & mask).to_bytes(size, "big")
