"""An append-only log of frames in segment files: each append lands whole or not at all.

Segments are named by the number of their first frame, so that their names sort in the order of time. Space
comes back by removing the oldest segment, once its owner has written elsewhere what is still wanted of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tla_sim.reader_fw.app.store.frames import FRAME_OVERHEAD, Frame, Gap, body_offset_in, build_frame, scan
from tla_sim.reader_fw.app.store.sealing import Sealer
from tla_sim.reader_fw.board.filesystem import FlashFileSystem

# Each read of the file system is a walk through littlefs' list of blocks: one long read costs less than many
# short ones, as long as what it brings is wanted. Contents of a load lie close to each other and are read in
# order, by a pull and by cleaning; a body that is farther away than _NEAR is one that was asked for alone.
_READ_AHEAD: Final = 16_384
_NEAR: Final = 2_048
_WINDOW: Final = 4_096


class Place(NamedTuple):
    """Where a body lies: the segment, and the offset in it."""

    segment: int
    offset: int


class Damage(NamedTuple):
    """Part of a segment that is lost, as a person is told."""

    segment: int
    start: int
    end: int


class SegmentLog:
    """The log in one directory of the file system.

    `segment_bytes` is when a segment is full and the next begins. `replay` must be run through before
    anything is appended. `sizes` has each segment's bytes, oldest first, `total` their sum; `damage` lists
    what could not be read.
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
        """Every frame with its segment, oldest first."""
        self.sizes = {int(name, 16): size for name, size in self._fs.list(self._directory)}
        self.total = sum(self.sizes.values())
        expected: int | None = None
        for segment, size in self.sizes.items():
            for found in scan(self._sealer, _Window(self._fs, self._path(segment)).read, size):
                if isinstance(found, Gap):
                    self.damage.append(Damage(segment, found.start, found.end))
                    expected = None
                    continue
                # Frames are numbered without a gap: one that is lost with its segment shows by this alone.
                if expected is not None and found.number != expected:
                    self.damage.append(Damage(segment, 0, 0))
                expected = self._next = found.number + 1
                yield segment, found
        # A segment has the number of its first frame: it was given out, even if nothing of it can be read.
        self._next = max(self._next, *self.sizes) if self.sizes else self._next

    @property
    def newest(self) -> int | None:
        """The segment that the next append goes to if it is not full, `None` before the first."""
        return None if not self.sizes else next(reversed(self.sizes))

    @property
    def oldest(self) -> int | None:
        """The segment to clean first, `None` before the first."""
        return next(iter(self.sizes), None)

    def append(self, parts: Sequence[tuple[bytes, bytes]]) -> list[Place]:
        """Write frames of (directory, body), all of them or none; where each body lies.

        Raises FlashFull, which leaves the log as it was.
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
        """`length` bytes of a body. Reads ahead when read in order."""
        segment, offset = place
        last, self._last_end = self._last_end, Place(segment, offset + length)
        # Segments only grow, and no number comes twice: what was read ahead stays true.
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
        """Let the next append begin a new segment."""
        self._roll = True

    def remove(self, segment: int) -> None:
        """Remove a segment: the oldest, lest what it takes back comes to life again."""
        self._fs.remove(self._path(segment))
        self.total -= self.sizes.pop(segment)

    def _path(self, segment: int) -> str:
        return f"{self._directory}/{segment:016x}"


def frame_bytes(directory: bytes, body_size: int) -> int:
    """Return how long a frame is."""
    return FRAME_OVERHEAD + 2 * len(directory) + body_size


class _Window:
    """Reads a file by windows: directories lie close to each other, bodies are passed over."""

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
