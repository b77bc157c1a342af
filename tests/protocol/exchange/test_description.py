"""Exchanges described byte by byte: by the declarations, by ISO/IEC 7816-4, and whatever the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.identity import IDENTIFY, READ_CLOCK, Moment
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.exchange import LocatedField, describe
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.slot_order import SlotOrder
from tla_sim.protocol.wire.located import MAX_FIELDS
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.testing.strategies import apdus, values

INVOICE = make_invoice()
LADS = st.sampled_from(list(Lad))
HEADERS = st.tuples(
    st.sampled_from((0x00, 0x01, 0x10, 0x0C, 0x80, 0xFE)),
    st.sampled_from([*map(int, CardIns), *(int(each.ins) for each in COMMANDS), *map(int, SlotOrder)]),
    st.integers(0, 255),
    st.integers(0, 255),
).map(bytes)
COMMAND_BYTES = st.one_of(
    st.binary(max_size=60),
    apdus(),
    st.builds(lambda head, rest: head + rest, HEADERS, st.binary(max_size=40)),
    st.builds(lambda head, data: head + bytes((len(data),)) + data, HEADERS, st.binary(max_size=40)),
)


def flatten(fields: tuple[LocatedField, ...]) -> Iterator[LocatedField]:
    for field in fields:
        yield field
        yield from flatten(field.fields)


def check_cover(fields: tuple[LocatedField, ...], size: int) -> None:
    """The fields follow one another without a gap; those inside a field lie in it, without overlap."""
    at = 0
    for field in fields:
        assert field.start == at
        at = field.end
        check_inside(field)
    assert at == size


def check_inside(field: LocatedField) -> None:
    at = field.start + field.lead
    assert at <= field.end
    for inner in field.fields:
        assert inner.start >= at
        assert inner.end <= field.end
        at = inner.end
        check_inside(inner)


def by_name(fields: tuple[LocatedField, ...], name: str) -> LocatedField:
    return next(field for field in flatten(fields) if field.name == name)


@settings(max_examples=400)
@given(LADS, COMMAND_BYTES, st.binary(max_size=80))
@example(Lad.PS, b"", b"")
@example(Lad.LOG_SV, bytes.fromhex("80320000000003020101"), b"\x90")
def test_any_bytes_are_covered_by_fields(lad: Lad, command: bytes, response: bytes) -> None:
    described = describe(lad, command, response)
    assert described.name
    assert described.meaning
    check_cover(described.request, len(command))
    check_cover(described.answer, len(response))
    for field in flatten((*described.request, *described.answer)):
        assert field.name
        assert field.text
        assert isinstance(field.as_json()["text"], str)


@given(st.data())
def test_every_value_is_in_its_bytes(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(list(COMMANDS)))
    value = data.draw(values(command.response))
    answer = command.response.build(value)
    described = describe(Lad.LOG_SV, CommandApdu(CLA, command.ins).build(), answer + b"\x90\x00")
    fields = {field.name: field for field in described.answer}
    assert "?" not in fields
    for name, wire in command.response.fields.items():
        expected, field = getattr(value, name), fields[name]
        raw = answer[field.start + field.lead : field.end]
        match expected:
            case bytes():
                assert raw == expected
            case str():
                assert raw.decode() == expected == field.value
            case bool():
                assert field.value is expected
            case tuple():
                assert len(field.fields) == len(expected)
            case _ if wire.enum is not None:
                assert field.value == wire.enum(expected).name
            case _:
                assert int.from_bytes(raw) == expected == field.value


def test_a_command_is_told_by_its_declaration() -> None:
    command = CommandApdu(CLA, READ_CLOCK.ins, ne=256).build()
    answer = ResponseApdu(READ_CLOCK.response.build(Moment(1_551_776_400_000))).build()
    described = describe(Lad.LOG_SV, command, answer)
    assert (described.name, described.summary) == ("read_clock", READ_CLOCK.summary)
    assert [field.name for field in described.request] == ["CLA", "INS", "P1", "P2", "Le"]
    moment, word = described.answer
    assert (moment.name, moment.shown, moment.start, moment.end) == ("moment", "2019-03-05 09:00:00", 0, 8)
    assert (word.value, word.shown) == ("9000", "Done")


def test_documents_show_their_groups_and_the_bytes_of_each_field() -> None:
    invoice = INVOICE.build()
    content = Fse(DocumentKind.FSE, SecurityMode.SECURED, invoice).build()
    described = describe(
        Lad.LOG_SV, CommandApdu(CLA, 0x50).build(), len(content).to_bytes(2) + content + b"\x90\0"
    )
    number = by_name(described.answer, "invoice_number")
    assert described.response[number.start : number.end].decode() == INVOICE.number == number.value
    assert by_name(described.answer, "magic").value == b"TLAFSE".hex()
    made_on = by_name(described.answer, "made_on")
    assert made_on.shown == str(INVOICE.made_on)


@pytest.mark.parametrize(
    ("command", "answer", "name", "told"),
    [
        ("00A4040C07A0000000041010", "9000", "SELECT", {"P1": "an application, by name"}),
        ("00A4000C023F00", "6A82", "SELECT", {"P2": "answer without data"}),
        ("00B0810410", "6C05", "READ BINARY", {"P1": "file with the short identifier 1"}),
        ("00B0010000", "9000", "READ BINARY", {"P1-P2": "from byte 256"}),
        ("002241B606840103800102", "9000", "MANAGE SECURITY ENVIRONMENT", {"P2": "for a digital signature"}),
        ("002A9E9A020102", "6180", "PERFORM SECURITY OPERATION", {"P1-P2": "compute a digital signature"}),
        ("0088000004DEADBEEF00", "9000", "INTERNAL AUTHENTICATE", {}),
        ("0070000001", "019000", "MANAGE CHANNEL", {"P2": "the next free channel"}),
        ("FE16000000", "9000", "slot look", {"CLA": "for the slot itself"}),
        ("8010000000", "6E00", "8010", {"CLA": "proprietary"}),
    ],
)
def test_commands_of_cards_are_named(command: str, answer: str, name: str, told: dict[str, str]) -> None:
    described = describe(Lad.PS, bytes.fromhex(command), bytes.fromhex(answer))
    assert described.name == name
    assert {field.name: field.shown for field in described.request if field.name in told} == told


def test_data_objects_nest() -> None:
    get_data = bytes.fromhex("00CB3FFF0B4D097007BF8101037F418000")
    described = describe(Lad.PS, get_data, bytes.fromhex("700DBF8101097F41068001088101049000"))
    assert [field.name for field in flatten(described.request)][4:] == ["4D", "70", "BF8101", "7F41", "Le"]
    size = by_name(described.answer, "80")
    assert (size.value, described.response[size.start + size.lead : size.end]) == ("08", b"\x08")


@pytest.mark.parametrize("instruction", [each for each in CardIns if each.has_code])
@pytest.mark.parametrize("odd", [0, 1])
@pytest.mark.parametrize("length", ["08", "000008"])
def test_no_code_is_shown(instruction: CardIns, odd: int, length: str) -> None:
    code = b"1234\xff\xff\xff\xff"
    command = bytes((0, instruction | odd, 0, 1)) + bytes.fromhex(length) + code
    described = describe(Lad.PS, command, b"\x63\xc2")
    assert b"1234" not in described.command
    shown: list[Any] = [field.as_json() for field in described.request]
    assert "31323334" not in str(shown)
    assert "1234" not in str(shown)
    assert by_name(described.request, "code").value is None
    assert described.meaning == "Wrong code porteur (2 tries left)"
    check_cover(described.request, len(command))


def test_words_that_carry_a_number_say_it() -> None:
    for word, told in (
        ("6180", "128 bytes wait for GET RESPONSE"),
        ("6C05", "Wrong Le: 5 bytes are there"),
        ("9000", "Done"),
        ("1234", "undeclared 1234"),
        ("", "no answer"),
    ):
        assert describe(Lad.PS, bytes.fromhex("00B0000000"), bytes.fromhex(word)).meaning == told


@given(LADS, COMMAND_BYTES, st.binary(max_size=80))
def test_the_fields_in_brief_are_one_short_line(lad: Lad, command: bytes, response: bytes) -> None:
    brief = describe(lad, command, response).brief
    assert len(brief) < 400
    assert isinstance(brief, Sentence)


def test_the_fields_in_brief_are_those_that_tell_most() -> None:
    identity = IDENTIFY.response.build(IDENTIFY.vectors[1][0]) + b"\x90\x00"
    described = describe(Lad.LOG_SV, CommandApdu(CLA, IDENTIFY.ins).build(), identity)
    assert described.brief == "manufacturer TLA-SIM · reader_type TLA · serial_number S1"
    selected = describe(Lad.PS, bytes.fromhex("00A4040C023F00"), b"\x90\x00")
    assert selected.brief == "an application, by name · answer without data · data 3f00"
    assert describe(Lad.PS, bytes.fromhex("0020000104") + b"1234", b"\x90\x00").brief == "code 1"


def test_a_damaged_answer_is_shown_as_far_as_it_goes() -> None:
    whole = IDENTIFY.response.build(IDENTIFY.vectors[1][0])
    described = describe(Lad.LOG_SV, CommandApdu(CLA, IDENTIFY.ins).build(), whole[:14] + b"\x90\x00")
    names = [field.name for field in described.answer]
    assert names == ["manufacturer", "reader_type", "?", "SW"]


def test_a_message_of_countless_fields_is_told_in_part() -> None:
    groups = (60_000).to_bytes(2) + b"1\x1fx\x1f\x1d" * 10_000
    answer = len(groups).to_bytes(2) + groups
    described = describe(Lad.LOG_SV, CommandApdu(CLA, 0x12).build(), answer + b"\x90\x00")
    assert len(list(flatten(described.answer))) <= MAX_FIELDS + 10
    assert "not shown" in by_name(described.answer, "?").text
    check_cover(described.answer, len(answer) + 2)
