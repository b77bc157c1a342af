"""The frame: what one atomic write of a segment consists of, readable from either end. Project-defined.

    head | directory | body | directory | head

The head has the frame's number and lengths, in the clear; the directory says what the frame records, sealed
under the device key with the head as its place; the body is whatever the directory points into, sealed by
whoever wrote it. Head and directory stand at both ends so that damage to one copy loses nothing: frames are
found from the front and, where that fails, from the back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.wire.record import Record, fixed, u32, u64
from tla_sim.reader_fw.app.store.sealing import SEAL_BYTES, RecordDamaged, Sealer

_HEAD_SIZE: Final = 20
_MAGIC: Final = b"TLAF"
FRAME_OVERHEAD: Final = 2 * (_HEAD_SIZE + SEAL_BYTES)
"""Bytes of a frame beyond its body and twice its directory."""

Read = Callable[[int, int], bytes]
"""Reads (offset, length) of a segment; fewer bytes at its end."""


class _Head(NamedTuple):
    """The head of a frame."""

    magic: Annotated[bytes, fixed(4, "TLAF")]
    number: Annotated[int, u64("the frame's")]
    directory_size: Annotated[int, u32("bytes of the sealed directory")]
    body_size: Annotated[int, u32("bytes of the body")]


_HEAD: Final = Record(_Head)


class Frame(NamedTuple):
    """A frame found in a segment: its number, its directory, and where its body lies there."""

    number: int
    directory: bytes
    body_offset: int
    body_size: int


class Gap(NamedTuple):
    """Bytes of a segment in which no frame can be made out."""

    start: int
    end: int


def build_frame(sealer: Sealer, number: int, directory: bytes, body: bytes) -> bytes:
    """Return the bytes of a frame; its body lies `body_offset_in` bytes from its start."""
    head = _HEAD.build(_Head(_MAGIC, number, len(directory) + SEAL_BYTES, len(body)))
    sealed = sealer.seal(directory, head)
    return b"".join((head, sealed, body, sealed, head))


def body_offset_in(directory: bytes) -> int:
    """Return how far into its frame the body starts."""
    return _HEAD_SIZE + SEAL_BYTES + len(directory)


def scan(sealer: Sealer, read: Read, size: int) -> Iterator[Frame | Gap]:
    """Return the frames of a segment of `size` bytes in order, with a Gap where some are lost."""
    start = 0
    while start < size:
        found = _forward(sealer, read, start, size)
        if found is None:
            yield from _backward(sealer, read, start, size)
            return
        frame, start = found
        yield frame


def _forward(sealer: Sealer, read: Read, start: int, size: int) -> tuple[Frame, int] | None:
    raw = read(start, _HEAD_SIZE)
    sizes = _sizes(raw, size - start)
    if sizes is None:
        return None
    number, directory_size, body_size = sizes
    directory = _directory(sealer, raw, read(start + _HEAD_SIZE, directory_size))
    if directory is None:
        return None
    body = start + _HEAD_SIZE + directory_size
    return Frame(number, directory, body, body_size), body + body_size + directory_size + _HEAD_SIZE


def _backward(sealer: Sealer, read: Read, start: int, size: int) -> Iterator[Frame | Gap]:
    """Return what is between `start`, where the way from the front ends, and the end of the segment."""
    frames: list[Frame] = []
    end = size
    while end > start:
        raw = read(end - _HEAD_SIZE, _HEAD_SIZE) if end - start >= _HEAD_SIZE else b""
        sizes = _sizes(raw, end - start)
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


def _sizes(raw: bytes, room: int) -> tuple[int, int, int] | None:
    """Number, directory size and body size that a head tells, if it is one and its frame fits in `room`."""
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
