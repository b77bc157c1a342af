"""Frames: the units of atomic writing to a segment, readable from either end. Project-defined.

    head | directory | body | directory | head

The head has the frame's number and lengths, in clear. The directory says what the frame records, sealed under
the device key with the head as its place. The body is what the directory points into, sealed by its writer.
Head and directory stand at both ends so that damage to one copy loses nothing: frames are found from the
front and, where that fails, from the back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.wire.record import Record, fixed, u32, u64
from tla_sim.reader_fw.app.store.sealing import SEAL_BYTES, RecordDamaged, Sealer

_HEAD_SIZE: Final = 20
_MAGIC: Final = b"TLAF"
FRAME_OVERHEAD: Final = 2 * (_HEAD_SIZE + SEAL_BYTES)
"""Bytes of a frame besides its body and its two directories."""

Read = Callable[[int, int], bytes]
"""Returns `length` bytes at an offset of a segment, fewer at its end."""


class _Head(NamedTuple):
    """The head of a frame."""

    magic: Annotated[bytes, fixed(4, "TLAF")]
    number: Annotated[int, u64("the frame's")]
    directory_size: Annotated[int, u32("bytes of the sealed directory")]
    body_size: Annotated[int, u32("bytes of the body")]


_HEAD: Final = Record(_Head)


class Frame(NamedTuple):
    """A frame found in a segment: its number, its directory, and the place of its body."""

    number: int
    directory: bytes
    body_offset: int
    body_size: int


class Gap(NamedTuple):
    """A stretch of a segment in which no frame can be found."""

    start: int
    end: int


def build_frame(sealer: Sealer, number: int, directory: bytes, body: bytes) -> bytes:
    """Return the bytes of a frame, whose body starts at `body_offset_in`."""
    head = _HEAD.build(_Head(_MAGIC, number, len(directory) + SEAL_BYTES, len(body)))
    sealed = sealer.seal(directory, head)
    return b"".join((head, sealed, body, sealed, head))


def body_offset_in(directory: bytes) -> int:
    """Return the offset of the body in a frame with this directory."""
    return _HEAD_SIZE + SEAL_BYTES + len(directory)


def scan(sealer: Sealer, read: Read, size: int) -> Iterator[Frame | Gap]:
    """Yield the frames of a segment of `size` bytes in order, with a Gap where some are lost."""
    start = 0
    while start < size:
        found = _read_forward(sealer, read, start, size)
        if found is None:
            yield from _read_backward(sealer, read, start, size)
            return
        frame, start = found
        yield frame


def _read_forward(sealer: Sealer, read: Read, start: int, size: int) -> tuple[Frame, int] | None:
    raw = read(start, _HEAD_SIZE)
    sizes = _parse_head(raw, size - start)
    if sizes is None:
        return None
    number, directory_size, body_size = sizes
    directory = _directory(sealer, raw, read(start + _HEAD_SIZE, directory_size))
    if directory is None:
        return None
    body = start + _HEAD_SIZE + directory_size
    return Frame(number, directory, body, body_size), body + body_size + directory_size + _HEAD_SIZE


def _read_backward(sealer: Sealer, read: Read, start: int, size: int) -> Iterator[Frame | Gap]:
    """Yield what is between `start`, where reading from the front ends, and the end of the segment."""
    frames: list[Frame] = []
    end = size
    while end > start:
        raw = read(end - _HEAD_SIZE, _HEAD_SIZE) if end - start >= _HEAD_SIZE else b""
        sizes = _parse_head(raw, end - start)
        if sizes is None:
            break
        number, directory_size, body_size = sizes
        directory = _directory(sealer, raw, read(end - _HEAD_SIZE - directory_size, directory_size))
        if directory is None:
            break
        body = end - _HEAD_SIZE - directory_size - body_size
        frames.append(Frame(number, directory, body, body_size))
        end = body - directory_size - _HEAD_SIZE
    if end > start:
        yield Gap(start, end)
    yield from reversed(frames)


def _parse_head(raw: bytes, room: int) -> tuple[int, int, int] | None:
    """Return number, directory size and body size, `None` if this is not a head or its frame does not fit."""
    if len(raw) != _HEAD_SIZE:
        return None
    magic, number, directory_size, body_size = _HEAD.parse(raw)
    if magic != _MAGIC or 2 * (_HEAD_SIZE + directory_size) + body_size > room:
        return None
    return number, directory_size, body_size


def _directory(sealer: Sealer, head: bytes, sealed: bytes) -> bytes | None:
    try:
        return sealer.open(sealed, head, "A frame's directory")
    except RecordDamaged:
        return None
