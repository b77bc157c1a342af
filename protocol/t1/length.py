"""How much of a message goes into one T=1 block: as much as fits on a clean line, less on a noisy one.

A block of 254 bytes is lost five times as often as one of 50, and costs five times as much to repeat. At one
bit error in 10,000, halving the blocks saves a third of what the noise costs. Source: ISO/IEC 7816-3 §11.4.2
allows blocks shorter than the peer takes; when to use them is Project-defined.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.t1.block import MAX_IFS

SHORTEST: Final = 32
SHORT: Final = 96
"""The shortest block after isolated losses. Only consecutive losses make blocks shorter still."""
GOOD_BLOCKS: Final = 16
"""How many blocks must arrive in a row before the next ones are twice as long."""


class BlockLength:
    """The length of the next block: halved when a block is lost, doubled when many arrive in a row."""

    def __init__(self) -> None:
        self._limit = MAX_IFS
        self._good = 0

    def of(self, most: int) -> int:
        """Return how many bytes go into the next block for a peer that takes at most `most`."""
        return min(self._limit, most)

    def note_arrival(self) -> None:
        """Count a block that arrived the first time it was sent."""
        self._good += 1
        if self._good % GOOD_BLOCKS == 0:
            self._limit = min(2 * self._limit, MAX_IFS)

    def note_loss(self) -> None:
        """Count a block that did not arrive and is sent again."""
        # `_good` is 0 when the block before this one was lost too: the line is worse than a stray error.
        floor = SHORT if self._good else SHORTEST
        self._limit, self._good = min(self._limit, max(self._limit // 2, floor)), 0
