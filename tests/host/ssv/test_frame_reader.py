"""Frames out of a stream that comes in pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.host.ssv.frame_reader import SMALL_FRAME_BYTES, FrameDropped, FrameReader
from tla_sim.host.ssv.frames import MAX_FRAME_BYTES, build_frame
from tla_sim.protocol.errors import CodecError


def drain(reader: FrameReader) -> list[bytes]:
    frames = []
    while (frame := reader.next_frame()) is not None:
        frames.append(frame)
    return frames


@given(bodies=st.lists(st.binary(max_size=300)), cuts=st.sets(st.integers(0, 2_000)))
def test_frames_come_out_whole_however_the_stream_is_cut(bodies: list[bytes], cuts: set[int]) -> None:
    stream = b"".join(map(build_frame, bodies))
    reader = FrameReader()
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    found = []
    for start, end in pairwise(places):
        reader.feed(stream[start:end])
        found += drain(reader)
    assert found == bodies
    assert not reader.is_partial


@pytest.mark.parametrize("piece", [b"\0", b"\0\0\0\2", b"\0\0\0\2x"])
def test_a_frame_that_has_begun_is_partial(piece: bytes) -> None:
    reader = FrameReader()
    reader.feed(piece)
    assert reader.next_frame() is None
    assert reader.is_partial


def test_a_long_frame_without_leave_is_dropped_and_the_next_one_read() -> None:
    asked: list[int] = []

    def refuse(length: int) -> bool:
        asked.append(length)
        return False

    reader = FrameReader(refuse)
    long = build_frame(bytes(SMALL_FRAME_BYTES + 1))
    reader.feed(long[:1000])
    assert reader.next_frame() is None
    assert reader.is_partial
    reader.feed(long[1000:] + build_frame(b"next"))
    with pytest.raises(FrameDropped) as caught:
        reader.next_frame()
    assert caught.value.ssv == 0xF801
    assert drain(reader) == [b"next"]
    assert asked == [SMALL_FRAME_BYTES + 1]


def test_a_short_frame_needs_no_leave() -> None:
    reader = FrameReader(lambda _length: False)
    reader.feed(build_frame(bytes(SMALL_FRAME_BYTES)))
    assert len(reader.next_frame() or b"") == SMALL_FRAME_BYTES


def test_a_length_beyond_every_frame_is_an_error() -> None:
    reader = FrameReader()
    reader.feed((MAX_FRAME_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(CodecError, match="at most"):
        reader.next_frame()
