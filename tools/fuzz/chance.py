"""Sources of a generator's choices: a seed, the bytes of a coverage-guided fuzzer, or hypothesis.

A generator asks only a Chance, so that the seeded loop, atheris and hypothesis share it. Project-defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

T = TypeVar("T")


class Chance(Protocol):
    """A source of choices."""

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1; `limit` is at least 1."""

    def data(self, size: int) -> bytes:
        """Return `size` bytes."""


def pick(chance: Chance, choices: Sequence[T]) -> T:
    """Return one of the choices."""
    return choices[chance.below(len(choices))]


class SeededChance:
    """Choices from a seed, the same on every machine."""

    def __init__(self, seed: str) -> None:
        random = Random(seed)
        self._random = random.random
        self._bytes = random.randbytes

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1."""
        return int(self._random() * limit)

    def data(self, size: int) -> bytes:
        """Return `size` bytes."""
        return self._bytes(size)


class BytesChance:
    """Choices read from bytes, as a coverage-guided fuzzer gives them; zeros once they run out."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1, from one, two or eight bytes, as the limit needs."""
        size = 1 if limit <= 256 else 2 if limit <= 65_536 else 8
        return int.from_bytes(self.data(size), "big") % limit

    def data(self, size: int) -> bytes:
        """Return `size` bytes."""
        at = self._at
        self._at = at + size
        return self._raw[at : at + size].ljust(size, b"\0")
