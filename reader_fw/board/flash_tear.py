"""Seven models of a torn write: what the array holds when power fails during one operation.

Real parts leave a prefix of the pages, cells between 0 and 1, or a finished operation that was never
reported. Source: Project-defined, after the tests of littlefs and SQLite.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Final

from tla_sim.reader_fw.board.flash import SECTOR_SIZE, FlashOperation, Operation, clear_bits

_ERASED: Final = b"\xff" * SECTOR_SIZE


class Tear(Enum):
    """How far the operation got. HALF_BITS changes some cells, by a pattern derived from the address."""

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
    """Return how many bytes the operation changes from its address on."""
    return SECTOR_SIZE if operation.kind is Operation.ERASE else len(operation.data)


def tear_bytes(tear: Tear, operation: FlashOperation, before: bytes) -> bytes:
    """Return what the bytes of a torn operation hold after it; `before` is what they held."""
    after = _ERASED if operation.kind is Operation.ERASE else clear_bits(before, operation.data)
    if tear is Tear.HALF_BITS:
        return _mix(before, after, operation.address)
    half = len(after) // 2
    if tear is Tear.SUFFIX_50:
        return before[:half] + after[half:]
    cut = int(len(after) * _PREFIX[tear])
    return after[:cut] + before[cut:]


def _mix(before: bytes, after: bytes, address: int) -> bytes:
    size = len(after)
    mask = int.from_bytes(hashlib.shake_128(address.to_bytes(8, "big")).digest(size), "big")
    old, new = int.from_bytes(before, "big"), int.from_bytes(after, "big")
    return (old & ~mask | new & mask).to_bytes(size, "big")
