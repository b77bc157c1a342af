"""CCID messages and their serial framing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol import ccid
from tla_sim.protocol.ccid import (
    ANSWERS,
    HEADER_SIZE,
    MAX_DATA,
    NAK_FRAME,
    VECTORS,
    Answer,
    CardMoved,
    CommandStatus,
    FrameCutter,
    IccStatus,
    Kind,
    Notice,
    Oversized,
    Request,
    TimeAsked,
    frame_message,
)
from tla_sim.protocol.errors import CodecError

BYTE = st.integers(0, 255)
REQUESTS = st.builds(Request, BYTE, BYTE, BYTE, st.binary(max_size=MAX_DATA), BYTE, BYTE, BYTE)
ANSWER_VALUES = st.builds(
    Answer,
    BYTE,
    BYTE,
    BYTE,
    st.sampled_from(IccStatus),
    st.sampled_from(CommandStatus),
    BYTE,
    BYTE,
    st.binary(max_size=MAX_DATA),
)
STATUS = Request(Kind.GET_SLOT_STATUS, 0, 7).build()


@pytest.mark.parametrize(("message", "raw"), VECTORS)
def test_vectors(message: Request | Answer, raw: str) -> None:
    assert message.build().hex().upper() == raw
    assert type(message).parse(bytes.fromhex(raw)) == message


@given(REQUESTS)
def test_a_request_comes_back_as_it_was(request: Request) -> None:
    assert Request.parse(request.build()) == request


@given(ANSWER_VALUES)
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    assert Answer.parse(answer.build()) == answer


@given(st.binary(max_size=40) | st.one_of(REQUESTS, ANSWER_VALUES).map(lambda message: message.build()))
def test_any_bytes_are_a_message_or_a_codec_error(raw: bytes) -> None:
    if len(raw) < HEADER_SIZE or int.from_bytes(raw[1:5], "little") != len(raw) - HEADER_SIZE:
        for kind in (Request, Answer):
            with pytest.raises(CodecError):
                kind.parse(raw)
        return
    assert Request.parse(raw).build() == raw
    if 3 in (raw[7] & 3, raw[7] >> 6):
        with pytest.raises(CodecError):
            Answer.parse(raw)
    else:
        answer = Answer.parse(raw)
        assert (answer.icc, answer.command, answer.data) == (raw[7] & 3, raw[7] >> 6, raw[HEADER_SIZE:])


def test_every_request_has_an_answer_and_each_says_which() -> None:
    requests = [kind for kind in Kind if 0x61 <= kind <= 0x73]
    assert sorted(ANSWERS) == sorted(requests)
    assert all(answer >= 0x80 for answer in ANSWERS.values())


def test_a_field_that_is_no_byte_is_refused() -> None:
    with pytest.raises(CodecError):
        Request(Kind.ESCAPE, 256, 0).build()


def test_the_frame_of_libccids_first_command() -> None:
    assert frame_message(Request(Kind.ESCAPE, 0, 0, b"\x02").build()).hex() == "03066b010000000000000000026d"


def _fed(cutter: FrameCutter, raw: bytes, sizes: list[int]) -> list[ccid.Item]:
    items: list[ccid.Item] = []
    for size in sizes:
        items += cutter.feed(raw[:size])
        raw = raw[size:]
    return items + cutter.feed(raw)


@given(st.lists(REQUESTS, max_size=4), st.lists(st.integers(1, 40), max_size=20))
def test_frames_are_cut_however_the_bytes_arrive(requests: list[Request], sizes: list[int]) -> None:
    raw = b"".join(frame_message(request.build()) for request in requests)
    cutter = FrameCutter()
    assert _fed(cutter, raw, sizes) == [request.build() for request in requests]
    assert not cutter.unsettled
    assert cutter.silence() is None


@given(
    st.lists(
        st.one_of(
            ANSWER_VALUES.map(lambda answer: (frame_message(answer.build()), answer.build())),
            st.just((NAK_FRAME, Notice.REPEAT)),
            BYTE.map(lambda bits: (bytes((0x50, bits)), CardMoved(bits))),
            st.integers(0x80, 0xFF).map(lambda byte: (bytes((byte,)), TimeAsked())),
        ),
        max_size=6,
    ),
    st.lists(st.integers(1, 40), max_size=20),
)
def test_a_host_hears_everything_a_reader_may_say(
    said: list[tuple[bytes, ccid.Item]], sizes: list[int]
) -> None:
    heard = _fed(FrameCutter(reader=False), b"".join(raw for raw, _ in said), sizes)
    assert heard == [item for _, item in said]


def test_noise_before_a_frame_is_passed_over_in_silence() -> None:
    assert FrameCutter().feed(b"\x00\xff\x50\x02\x80" + frame_message(STATUS)) == [STATUS]


def test_a_wrong_lrc_is_a_fault_and_the_next_frame_is_heard() -> None:
    bad = bytearray(frame_message(STATUS))
    bad[-1] ^= 1
    assert FrameCutter().feed(bytes(bad) + frame_message(STATUS)) == [Notice.FAULT, STATUS]


@given(st.integers(0, 12), st.integers(0, 7))
def test_one_bit_wrong_never_passes_for_a_message(byte: int, bit: int) -> None:
    bad = bytearray(frame_message(STATUS))
    bad[byte] ^= 1 << bit
    cutter = FrameCutter()
    items = [*cutter.feed(bytes(bad)), cutter.silence()]
    assert not any(isinstance(item, bytes) for item in items)
    assert cutter.feed(frame_message(STATUS)) == [STATUS]


def test_a_truncated_frame_is_a_fault_once_the_line_is_silent() -> None:
    cutter = FrameCutter()
    assert cutter.feed(frame_message(STATUS)[:-3]) == []
    assert cutter.unsettled
    assert cutter.silence() is Notice.FAULT
    assert cutter.feed(frame_message(STATUS)) == [STATUS]


@pytest.mark.parametrize("body", [0, 300, 261 + 2])
def test_an_oversized_frame_is_named_by_its_header(body: int) -> None:
    header = bytes((Kind.XFR_BLOCK,)) + (262).to_bytes(4, "little") + bytes((1, 5, 0, 0, 0))
    cutter = FrameCutter()
    items = cutter.feed(b"\x03\x06" + header + bytes(body))
    last = cutter.silence()
    assert [item for item in (*items, last) if item is not None] == [Oversized(header)]
    assert cutter.feed(frame_message(STATUS)) == [STATUS]


def test_an_oversized_frame_that_comes_whole_does_not_eat_the_next_one() -> None:
    header = bytes((Kind.XFR_BLOCK,)) + (262).to_bytes(4, "little") + bytes((1, 5, 0, 0, 0))
    whole = b"\x03\x06" + header + bytes(263)
    assert _fed(FrameCutter(), whole + frame_message(STATUS), [100, 100]) == [Oversized(header), STATUS]


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_any_noise_ends_with_silence(pieces: list[bytes]) -> None:
    cutter = FrameCutter()
    for piece in pieces:
        cutter.feed(piece)
    cutter.silence()
    assert cutter.feed(frame_message(STATUS)) == [STATUS]
