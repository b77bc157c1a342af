"""The inputs of a reader in order, packed as they grow old. Project-defined.

Packed, an input is its operation, subject and number as LEB128 integers, the length of its data likewise, and
the data. Up to two thousand inputs make a segment, which is compressed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tla_sim.protocol.errors import CodecError
from tla_sim.tools.simulator.history.inputs import REPEATABLE, Input, Op

_SEGMENT_INPUTS: Final = 2_000
_SEGMENT_BYTES: Final = 262_144
_LOOSE_BYTES: Final = 120
"""What an input that is not packed yet takes in memory, without its data."""
_FASTEST: Final = 1
MAX_STEPS: Final = 10_000_000
"""More inputs than any history keeps."""
_MAX_SEGMENT: Final = 4 * 1024 * 1024
_LENGTH: Final = 4


class _Segment(NamedTuple):
    steps: int
    packed: bytes


class InputLog:
    """Inputs in the order in which they were taken; one that repeats the last is counted with it.

    `steps` is the number of inputs, `size` about the memory that they take, in bytes.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._segments: list[_Segment] = []
        self._packed_bytes = 0
        self._loose: list[Input] = []
        self._loose_steps = 0
        self._loose_bytes = 0

    @property
    def size(self) -> int:
        """About how many bytes the inputs take in memory."""
        return self._packed_bytes + self._loose_bytes + _LOOSE_BYTES * len(self._loose)

    def add(self, op: Op, subject: int = 0, number: int = 0, data: bytes = b"") -> None:
        """Add an input, or one more time the last if it is the same and may be repeated."""
        loose = self._loose
        self.steps += 1
        self._loose_steps += 1
        if op in REPEATABLE and loose:
            last = loose[-1]
            if last.op is op and last.number == number:
                loose[-1] = Input(op, last.subject + 1, number)
                return
        loose.append(Input(op, subject, number, data))
        self._loose_bytes += len(data)
        if len(loose) >= _SEGMENT_INPUTS or self._loose_bytes >= _SEGMENT_BYTES:
            self._close_segment()

    def cut(self, steps: int) -> None:
        """Keep the first `steps` inputs only."""
        whole: list[_Segment] = []
        rest: Iterable[Input] = tuple(self._loose)
        left = steps
        for segment in self._segments:
            if segment.steps > left:
                rest = unpack_segment(segment.packed)
                break
            whole.append(segment)
            left -= segment.steps
        self.steps = steps - left
        self._segments = whole
        self._packed_bytes = sum(len(segment.packed) for segment in whole)
        self._loose, self._loose_steps, self._loose_bytes = [], 0, 0
        self.extend(take(rest, left))

    def extend(self, inputs: Iterable[Input]) -> None:
        """Add inputs as another log gives them."""
        for each in inputs:
            times = each.subject if each.op in REPEATABLE else 1
            self._loose.append(each)
            self.steps += times
            self._loose_steps += times
            self._loose_bytes += len(each.data)
            if len(self._loose) >= _SEGMENT_INPUTS or self._loose_bytes >= _SEGMENT_BYTES:
                self._close_segment()

    def __iter__(self) -> Iterator[Input]:
        for segment in self._segments:
            yield from unpack_segment(segment.packed)
        yield from tuple(self._loose)

    def first(self, steps: int) -> Iterator[Input]:
        """Return the first `steps` inputs."""
        return take(self, steps)

    def after(self, steps: int) -> Iterator[Input]:
        """Return the inputs behind the first `steps`."""
        left = steps
        for each in self:
            times = each.subject if each.op in REPEATABLE else 1
            if times > left:
                yield each if not left else each._replace(subject=times - left)
            left = max(left - times, 0)

    def build(self) -> bytes:
        """Return all inputs packed, in one piece: each segment behind its length."""
        segments = [segment.packed for segment in self._segments]
        if self._loose:
            segments.append(pack(self._loose))
        return b"".join(len(each).to_bytes(_LENGTH, "big") + each for each in segments)

    def _close_segment(self) -> None:
        segment = _Segment(self._loose_steps, pack(self._loose))
        self._segments.append(segment)
        self._packed_bytes += len(segment.packed)
        self._loose, self._loose_steps, self._loose_bytes = [], 0, 0


def take(inputs: Iterable[Input], steps: int) -> Iterator[Input]:
    """Yield the first `steps` of some inputs."""
    left = steps
    for each in inputs:
        if left <= 0:
            return
        times = each.subject if each.op in REPEATABLE else 1
        yield each if times <= left else each._replace(subject=left)
        left -= times


def count_steps(packed: bytes) -> int:
    """Return how many inputs are packed. Raises CodecError for anything that `pack` did not make."""
    return sum(each.subject if each.op in REPEATABLE else 1 for each in unpack(packed))


def pack(inputs: Iterable[Input]) -> bytes:
    """Return inputs packed and compressed."""
    out = bytearray()
    for op, subject, number, data in inputs:
        out.append(op)
        for value in (subject, number, len(data)):
            while value > 0x7F:
                out.append(value & 0x7F | 0x80)
                value >>= 7
            out.append(value)
        out += data
    return zlib.compress(bytes(out), _FASTEST)


def unpack(packed: bytes) -> Iterator[Input]:
    """Yield the inputs of a log in one piece. Raises CodecError for anything that `build` did not make."""
    at = 0
    while at < len(packed):
        start = at + _LENGTH
        at = start + int.from_bytes(packed[at:start], "big")
        if at > len(packed):
            raise _damaged()
        yield from unpack_segment(packed[start:at])


def unpack_segment(packed: bytes) -> Iterator[Input]:
    """Yield the inputs of one segment. Raises CodecError for anything that `pack` did not make."""
    engine = zlib.decompressobj()
    try:
        # At most what a sound segment holds, so that a damaged one cannot fill the memory.
        content = engine.decompress(packed, _MAX_SEGMENT)
    except zlib.error:
        raise _damaged() from None
    at = 0
    while (found := _next(content, at)) is not None:
        each, at = found
        yield each
    if at != len(content) or not engine.eof or engine.unused_data:
        raise _damaged()


def _next(content: bytes, at: int) -> tuple[Input, int] | None:
    """Return the input at a place and the place behind it, `None` if it is not whole yet."""
    size = len(content)
    if at >= size:
        return None
    op = _OPS.get(content[at])
    if op is None:
        raise _damaged()
    at += 1
    values = []
    for _ in range(3):
        value = shift = 0
        while True:
            if at >= size:
                return None
            byte = content[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte <= 0x7F:
                break
            if shift > 63:
                raise _damaged()
        values.append(value)
    subject, number, length = values
    if at + length > size:
        return None
    return Input(op, subject, number, content[at : at + length]), at + length


_OPS: Final = {int(op): op for op in Op}


def _damaged() -> CodecError:
    return CodecError("The record of what was done to the reader is damaged", "Use another snapshot")
