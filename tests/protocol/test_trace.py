"""Traces: written without codes, read back, decoded by the declarations."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.commands.cards import VERIFY_CODE, CodeEntry, CodePresentation
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.identity import IDENTIFY, READ_CLOCK, Moment
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import MAGIC, TraceRecord, blank_code, decode, read_trace

RECORDS = st.builds(
    TraceRecord,
    st.integers(0, 2**63),
    st.just(Lad.LOG_SV),
    st.binary(max_size=300),
    st.binary(max_size=300),
)


def _as_written(record: TraceRecord) -> TraceRecord:
    return record._replace(command=blank_code(record.lad, record.command))


@given(st.lists(RECORDS, max_size=5))
@example([TraceRecord(0, Lad.LOG_SV, b"\x00\x20\x00\x00\x00\x00", b"")])
def test_a_trace_reads_back(records: list[TraceRecord]) -> None:
    stream = io.BytesIO(MAGIC + b"".join(record.build() for record in records))
    assert list(read_trace(stream)) == [_as_written(record) for record in records]


@given(st.lists(RECORDS, min_size=1, max_size=3), st.data())
def test_a_cut_trace_gives_its_whole_records_and_then_says_so(
    records: list[TraceRecord], data: st.DataObject
) -> None:
    parts = [record.build() for record in records]
    cut = data.draw(st.integers(1, len(parts[-1]) - 1))
    stream = io.BytesIO(MAGIC + b"".join(parts[:-1]) + parts[-1][:cut])
    reading = read_trace(stream)
    whole = [_as_written(record) for record in records[:-1]]
    assert [next(reading) for _ in whole] == whole
    with pytest.raises(CodecError, match="middle"):
        next(reading)


@given(st.binary(max_size=40))
def test_anything_else_is_no_trace(raw: bytes) -> None:
    with pytest.raises(CodecError, match="not a trace"):
        list(read_trace(io.BytesIO(b"x" + raw)))


@given(RECORDS)
def test_any_exchange_decodes_to_something(record: TraceRecord) -> None:
    assert decode(record).meaning


def test_a_command_decodes_by_its_declaration() -> None:
    command = CommandApdu(0x80, READ_CLOCK.ins, ne=65_536).build()
    response = ResponseApdu(READ_CLOCK.response.build(Moment(5))).build()
    decoded = decode(TraceRecord(1, Lad.LOG_SV, command, response))
    assert (decoded.name, decoded.request, decoded.response) == ("read_clock", {}, {"moment": 5})
    assert decoded.word == 0x9000
    refused = decode(TraceRecord(1, Lad.LOG_SV, command, bytes.fromhex("9108")))
    assert "held" in refused.meaning


def test_every_command_has_a_decoding() -> None:
    for command in COMMANDS:
        for value, text in command.vectors:
            asked = isinstance(value, command.request.type)
            raw = CommandApdu(0x80, command.ins, data=bytes.fromhex(text) if asked else b"").build()
            answer = ResponseApdu(b"" if asked else bytes.fromhex(text)).build()
            decoded = decode(TraceRecord(0, Lad.LOG_SV, raw, answer))
            assert decoded.name == command.name
            shown = decoded.request if asked else decoded.response
            assert "problem" not in shown, decoded


def test_the_code_of_a_card_is_never_written() -> None:
    verify = bytes.fromhex("0020000108") + b"1234\xff\xff\xff\xff"
    for instruction in (0x20, 0x24, 0x2C):
        command = bytes((0, instruction)) + verify[2:]
        assert b"1234" not in TraceRecord(0, Lad.PS, command, b"\x90\x00").build()
    assert b"1234" not in repr(TraceRecord(0, Lad.PS, verify, b"")).encode()


def test_identify_of_another_class_is_shown_raw() -> None:
    decoded = decode(TraceRecord(0, Lad.PS, CommandApdu(0x80, IDENTIFY.ins).build(), b""))
    assert decoded.name == "8010 P1P2=0000"
    assert decoded.meaning == "no answer"


def test_a_command_of_a_card_has_its_name() -> None:
    decoded = decode(TraceRecord(0, Lad.PS, bytes.fromhex("00A4040C023F00"), b"\x90\x00"))
    assert decoded.name == "SELECT 00A4 P1P2=040C"


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ("8024000008" + "3132333435363738", 5),
        ("80240000000008" + "3132333435363738", 7),
        ("8020000108" + "31323334FFFFFFFF", 5),
        ("80280001083132333435363738", 5),
        ("802000000000" + "00", 7),
    ],
)
def test_an_unsound_command_to_log_sv_that_may_hold_a_code_is_blanked(command: str, kept: int) -> None:
    raw = bytes.fromhex(command)
    assert blank_code(Lad.LOG_SV, raw) == raw[:kept] + b"\xff" * (len(raw) - kept)


def test_a_sound_presentation_to_log_sv_is_left_as_it_is() -> None:
    for entry, key, sealed in ((CodeEntry.KEYPAD, b"", b""), (CodeEntry.HOST, bytes(32), bytes(24))):
        data = VERIFY_CODE.request.build(CodePresentation(entry, key, sealed))
        raw = CommandApdu(CLA, Ins.VERIFY_CODE, data=data).build()
        assert blank_code(Lad.LOG_SV, raw) == raw
