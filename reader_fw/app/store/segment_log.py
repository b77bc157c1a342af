"""An append-only log of frames in segment files: each append lands whole or not at all.

A segment is named by the number of its first frame, so that names sort by time. Space is regained by removing
the oldest segment, once its owner has written what is still wanted of it elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tla_sim.reader_fw.app.store.frames import FRAME_OVERHEAD, Frame, Gap, body_offset_in, build_frame, scan
from tla_sim.reader_fw.app.store.sealing import Sealer
from tla_sim.reader_fw.board.filesystem import FlashFileSystem

# Every read of the file system walks through littlefs' list of blocks, so one long read costs less than many
# short ones, if what it brings is wanted. The contents of a load lie close together and are read in order, by
# a pull and by cleaning. A body that is farther from the last one than _NEAR was asked for alone.
_READ_AHEAD: Final = 16_384
_NEAR: Final = 2_048
_WINDOW: Final = 4_096


class Place(NamedTuple):
    """The place of a body: the segment, and the offset in it."""

    segment: int
    offset: int


class Damage(NamedTuple):
    """A part of a segment that is lost; an empty one stands for frames lost with their segment."""

    segment: int
    start: int
    end: int


class SegmentLog:
    """The log in one directory of the file system.

    A segment of `segment_bytes` is full, and the next append begins a new one. `replay` must run to its end
    before anything is appended. `sizes` has the bytes of each segment, oldest first, `total` their sum;
    `damage` lists what could not be read.
    """

    def __init__(self, fs: FlashFileSystem, directory: str, sealer: Sealer, segment_bytes: int) -> None:
        self._fs = fs
        self._directory = directory
        self._sealer = sealer
        self._segment_bytes = segment_bytes
        self._next = 0
        self._ahead = Place(-1, 0)
        self._ahead_data = b""
        self._last_end = Place(-1, 0)
        self._roll = False
        self.sizes: dict[int, int] = {}
        self.total = 0
        self.damage: list[Damage] = []
        fs.make_directory(directory)

    def replay(self) -> Iterator[tuple[int, Frame]]:
        """Yield every frame with its segment, oldest first."""
        self.sizes = {int(name, 16): size for name, size in self._fs.list(self._directory)}
        self.total = sum(self.sizes.values())
        expected: int | None = None
        for segment, size in self.sizes.items():
            for found in scan(self._sealer, _Window(self._fs, self._path(segment)).read, size):
                if isinstance(found, Gap):
                    self.damage.append(Damage(segment, found.start, found.end))
                    expected = None
                    continue
                # Frames are numbered without gaps. That a segment is missing altogether shows by this alone.
                if expected is not None and found.number != expected:
                    self.damage.append(Damage(segment, 0, 0))
                expected = self._next = found.number + 1
                yield segment, found
        # A segment's name is a number that was given out, even if none of its frames can be read. No number
        # is given out twice: it names a file, and seals are bound to it.
        self._next = max(self._next, *self.sizes) if self.sizes else self._next

    @property
    def newest(self) -> int | None:
        """The segment that the next append goes to unless it is full, `None` before the first."""
        return None if not self.sizes else next(reversed(self.sizes))

    @property
    def oldest(self) -> int | None:
        """The segment to clean first, `None` before the first."""
        return next(iter(self.sizes), None)

    def append(self, parts: Sequence[tuple[bytes, bytes]]) -> list[Place]:
        """Write frames of (directory, body), all or none, and return the place of each body.

        Raises FlashFull, in which case the log is unchanged.
        """
        newest = self.newest
        if newest is None or self._roll or self.sizes[newest] >= self._segment_bytes:
            newest = self._next
        start = self.sizes.get(newest, 0)
        places, frames = [], []
        at = start
        for number, (directory, body) in enumerate(parts, self._next):
            frame = build_frame(self._sealer, number, directory, body)
            places.append(Place(newest, at + body_offset_in(directory)))
            frames.append(frame)
            at += len(frame)
        self._fs.append(self._path(newest), b"".join(frames))
        self.sizes[newest] = at
        self.total += at - start
        self._next += len(parts)
        self._roll = False
        return places

    def read(self, place: Place, length: int) -> bytes:
        """Return `length` bytes of a body; reads ahead when bodies are read in order."""
        segment, offset = place
        last, self._last_end = self._last_end, Place(segment, offset + length)
        # Segments only grow and their numbers are never reused, so what was read ahead stays valid.
        ahead, data = self._ahead, self._ahead_data
        if segment == ahead.segment and ahead.offset <= offset <= ahead.offset + len(data) - length:
            start = offset - ahead.offset
            return data[start : start + length]
        if segment != last.segment or not 0 <= offset - last.offset <= _NEAR:
            return self._fs.read_part(self._path(segment), offset, length)
        data = self._fs.read_part(self._path(segment), offset, max(length, _READ_AHEAD))
        self._ahead, self._ahead_data = place, data
        return data[:length]

    def roll(self) -> None:
        """Make the next append begin a new segment."""
        self._roll = True

    def remove(self, segment: int) -> None:
        """Remove a segment, which must be the oldest: a later one may undo what earlier ones record."""
        self._fs.remove(self._path(segment))
        self.total -= self.sizes.pop(segment)

    def _path(self, segment: int) -> str:
        return f"{self._directory}/{segment:016x}"


def frame_bytes(directory: bytes, body_size: int) -> int:
    """Return how many bytes a frame takes."""
    return FRAME_OVERHEAD + 2 * len(directory) + body_size


class _Window:
    """Reads a file in windows, which suits directories that lie close together; bodies are skipped."""

    def __init__(self, fs: FlashFileSystem, path: str) -> None:
        self._fs = fs
        self._path = path
        self._start = 0
        self._data = b""

    def read(self, offset: int, length: int) -> bytes:
        start = offset - self._start
        if start < 0 or start + length > len(self._data):
            self._data = self._fs.read_part(self._path, offset, max(length, _WINDOW))
            self._start, start = offset, 0
        return self._data[start : start + length]
