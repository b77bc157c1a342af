"""How much of a message an end of a T=1 link puts into a block: most on a clean line, less on a noisy one.

A block of 254 bytes is lost five times as often as one of 50, and costs five times as much to repeat. At one
bit error in 10,000, half as much a block saves a third of what the noise costs. Source: ISO/IEC 7816-3
§11.4.2 lets every block be shorter than the peer takes; when is Project-defined.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.t1.block import MAX_IFS

SHORTEST: Final = 32
SHORT: Final = 96
"""What lone misses lead to. Only misses that follow one another make blocks shorter still."""
GOOD_BLOCKS: Final = 16
"""So many blocks in a row that arrive make the next ones twice as long."""


class BlockLength:
    """What of a message the next block takes: halved by a block missed, doubled by many that arrive."""

    def __init__(self) -> None:
        self._limit = MAX_IFS
        self._good = 0

    def of(self, most: int) -> int:
        """Return what goes into a block for a peer that takes at most `most`."""
        return min(self._limit, most)

    def note_arrival(self) -> None:
        """A block arrived the first time it was sent."""
        self._good += 1
        if self._good % GOOD_BLOCKS == 0:
            self._limit = min(2 * self._limit, MAX_IFS)

    def note_loss(self) -> None:
        """A block did not arrive, and is sent again."""
        floor = SHORT if self._good else SHORTEST
        self._limit, self._good = min(self._limit, max(self._limit // 2, floor)), 0
