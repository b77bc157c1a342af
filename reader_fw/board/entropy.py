"""Sources of random bytes: the protocol, and a seeded source that makes every run repeatable."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple, Protocol

_CHUNK: Final = 4096


class Entropy(Protocol):
    """A source of random bytes."""

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes, never the same ones twice."""


class EntropyState(NamedTuple):
    """Where a seeded source stands: its seed in bytes, and how many bytes it has given."""

    seed: bytes
    given: int

    def __repr__(self) -> str:
        return f"EntropyState({self.given} bytes given)"


class SeededEntropy:
    """SHAKE-256 in counter mode over a seed: the same seed gives the same bytes, however they are split.

    For simulation and tests; a reader that holds real data gets the operating system's source. `given` counts
    the bytes taken so far.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed.to_bytes((seed.bit_length() + 8) // 8, "big", signed=True)
        self.given = 0
        self._block = 0
        self._pool = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes. Raises ValueError for a negative count."""
        if count < 0:
            raise ValueError(f"cannot take {count} bytes")
        end = self._at + count
        while end > len(self._pool):
            block = self._block.to_bytes(8, "big")
            self._block += 1
            fresh = hashlib.shake_256(block + self._seed).digest(_CHUNK)
            self._pool = self._pool[self._at :] + fresh
            end -= self._at
            self._at = 0
        taken = self._pool[self._at : end]
        self._at = end
        self.given += count
        return taken

    @property
    def state(self) -> EntropyState:
        """Where the source stands, for `put_back`. Whoever has it knows all bytes to come."""
        return EntropyState(self._seed, self.given)

    def put_back(self, state: EntropyState) -> None:
        """Go on from a former state, also of another source: for replay only."""
        self._seed = state.seed
        self._block, skipped = divmod(state.given, _CHUNK)
        self._pool, self._at = b"", 0
        self.take(skipped)
        self.given = state.given

    def __repr__(self) -> str:
        return "SeededEntropy(…)"
