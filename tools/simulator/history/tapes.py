"""What an input met outside the reader and its cards, kept in order so that a replay meets the same.

Hashes of codes are on tape so that no code needs to be kept: a replay takes them for those of the stand-ins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from errno import EIO
from typing import NamedTuple

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.cards.code_porteur import HASHES


class HistoryDiverged(TlaError):
    """A replay did not lead where the reader was: it was recorded by another version, or there is a bug."""

    category = Category.BAD_INPUT

    def __init__(self) -> None:
        super().__init__(
            "The reader's history does not lead to the same state again",
            "Use the version of this software that recorded it; nothing was changed",
        )


class Tapes(NamedTuple):
    """The tapes as values: hashes of codes, and the numbers of the cards' writes that failed."""

    hashes: tuple[bytes, ...] = ()
    failed: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"Tapes({len(self.hashes)} hashes, {len(self.failed)} failed writes)"


class CodeTape:
    """Hashes codes and keeps the results; while `playing`, returns those it kept. Is a card's `hashes`.

    A replay that asks for more than there are gets empty ones, and `overrun` is set.
    """

    def __init__(self) -> None:
        self.playing = False
        self._kept: list[bytes] = []
        self._at = 0

    def slow(self, block: bytes, salt: bytes) -> bytes:
        """Return the hash that a card keeps."""
        return self._next(HASHES.slow, block, salt)

    def quick(self, block: bytes, salt: bytes) -> bytes:
        """Return the hash of a code that was found right."""
        return self._next(HASHES.quick, block, salt)

    def _next(self, compute: Callable[[bytes, bytes], bytes], block: bytes, salt: bytes) -> bytes:
        self._at += 1
        if self.playing:
            return self._kept[self._at - 1] if self._at <= len(self._kept) else b""
        result = compute(block, salt)
        self._kept.append(result)
        return result

    @property
    def overrun(self) -> bool:
        """Whether more hashes were asked for than are on tape."""
        return self._at > len(self._kept)

    @property
    def kept(self) -> tuple[bytes, ...]:
        """The hashes so far."""
        return tuple(self._kept[: self._at])

    def wind(self, kept: Sequence[bytes]) -> None:
        """Take a tape from its beginning."""
        self._kept, self._at = list(kept), 0

    def cut(self) -> None:
        """Forget what was not played."""
        del self._kept[self._at :]


class WriteTape:
    """Counts the cards' writes and keeps which failed; while `playing`, the same fail and none is made."""

    def __init__(self) -> None:
        self.playing = False
        self._failed: list[int] = []
        self._at = 0

    def write(self, persist: Callable[[bytes], None], image: bytes) -> None:
        """Write a card's memory. Raises OSError."""
        number = self._at
        self._at += 1
        if self.playing:
            if number in self._failed:
                raise OSError(EIO, "the write failed")
            return
        try:
            persist(image)
        except OSError:
            self._failed.append(number)
            raise

    @property
    def failed(self) -> tuple[int, ...]:
        """The numbers of the writes that failed, from 0."""
        return tuple(number for number in self._failed if number < self._at)

    def wind(self, failed: Sequence[int]) -> None:
        """Take a tape from its beginning."""
        self._failed, self._at = list(failed), 0

    def cut(self) -> None:
        """Forget what was not played."""
        self._failed = list(self.failed)
