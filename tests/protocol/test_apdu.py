"""APDUs: every vector both ways, round trips of all four cases, garbage refused with a typed error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.apdu import MAX_DATA, MAX_NE, VECTORS, CommandApdu, ResponseApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError

BYTES = st.integers(0, 255)
COMMANDS = st.builds(
    CommandApdu,
    BYTES,
    BYTES,
    BYTES,
    BYTES,
    st.one_of(st.binary(max_size=300), st.sampled_from((b"", b"x" * 255, b"x" * 256, b"x" * MAX_DATA))),
    st.one_of(st.integers(0, MAX_NE), st.sampled_from((0, 1, 255, 256, 257, MAX_NE))),
)


@pytest.mark.parametrize(("hexa", "case", "cla", "ins", "p1", "p2", "data", "ne"), VECTORS)
def test_vectors_parse_and_build(
    hexa: str, case: int, cla: int, ins: int, p1: int, p2: int, data: str, ne: int
) -> None:
    raw = bytes.fromhex(hexa)
    command = CommandApdu.parse(raw)
    assert command == CommandApdu(cla, ins, p1, p2, bytes.fromhex(data), ne)
    assert command.case == case
    assert command.build() == raw


def test_every_case_has_a_short_and_an_extended_vector() -> None:
    seen = {(case, CommandApdu.parse(bytes.fromhex(hexa)).extended) for hexa, case, *_ in VECTORS}
    assert seen == {(1, False), (2, False), (3, False), (4, False), (2, True), (3, True), (4, True)}


@given(COMMANDS)
def test_a_command_survives_its_bytes(command: CommandApdu) -> None:
    assert CommandApdu.parse(command.build()) == command


@given(st.binary(max_size=64))
def test_garbage_is_refused_or_means_one_command(raw: bytes) -> None:
    try:
        command = CommandApdu.parse(raw)
    except CodecError:
        return
    assert CommandApdu.parse(command.build()) == command


@pytest.mark.parametrize(
    "hexa",
    [
        "",
        "00A404",
        "00A40400023F",  # data cut short
        "00A40400023F001000",  # a byte too many after Le
        "00A404000000",  # an extended length cut short
        "00A4040000000500",
        "00A40400000002AA",
        "00A40400000001AA00",  # a one-byte Le after extended data
        "00A4040000000000",  # extended Lc 0 followed by more
    ],
)
def test_lengths_that_disagree_are_refused(hexa: str) -> None:
    with pytest.raises(CodecError):
        CommandApdu.parse(bytes.fromhex(hexa))


@pytest.mark.parametrize(
    "wrong",
    [
        CommandApdu(256, 0),
        CommandApdu(0, -1),
        CommandApdu(0, 0, ne=MAX_NE + 1),
        CommandApdu(0, 0, ne=-1),
        CommandApdu(0, 0, data=b"x" * (MAX_DATA + 1)),
    ],
)
def test_fields_out_of_range_are_refused(wrong: CommandApdu) -> None:
    with pytest.raises(CodecError):
        wrong.build()


def test_what_a_command_carries_stays_out_of_its_repr() -> None:
    assert "1234" not in repr(CommandApdu(0, 0x20, 0, 1, b"1234"))
    assert "secret" not in repr(ResponseApdu(b"secret"))


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_a_response_survives_its_bytes(data: bytes, word: int) -> None:
    response = ResponseApdu(data, word)
    assert ResponseApdu.parse(response.build()) == response


@pytest.mark.parametrize("size", [0, 1, MAX_NE + 3])
def test_a_response_without_a_status_word_or_too_long_is_refused(size: int) -> None:
    with pytest.raises(CodecError):
        ResponseApdu.parse(b"\0" * size)


def test_the_status_word_names_its_meaning() -> None:
    assert ResponseApdu(b"", 0x9000).status is Status.OK
    assert ResponseApdu(b"", 0x63C2).status is Status.CODE_WRONG
    assert ResponseApdu(b"", 0x1234).status is None
