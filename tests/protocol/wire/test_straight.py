"""Straight code does what construct does with the same declaration, for values and for damaged bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, NamedTuple

import construct
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.wire.record import (
    Record,
    blob8,
    blob16,
    blob32,
    blobs,
    boolean,
    choice,
    fixed,
    records,
    string,
    u8,
    u16,
    u16_little,
    u32,
    u32_little,
    u64,
)
from tla_sim.tools.testing.strategies import values


class Ink(IntEnum):
    BLACK = 1
    BLUE = 2


class Row(NamedTuple):
    number: Annotated[int, u32("a number")]
    text: Annotated[str, string("a text")]


@dataclass(frozen=True)
class Everything:
    """A field of each kind, in an order that puts both byte orders side by side."""

    kind: int = u8("one byte")
    counter: int = u64("eight bytes")
    low: int = u16_little("low byte first")
    lower: int = u32_little("low byte first")
    high: int = u16("high byte first")
    magic: bytes = fixed(2, "two bytes")
    flag: bool = boolean("yes or no")
    ink: int = choice(Ink, "a choice")
    name: str = string("a text")
    short: bytes = blob8("bytes")
    rest: bytes = blob16("bytes")
    long: bytes = blob32("bytes")
    digest: bytes = fixed(4, "four bytes")
    pieces: tuple[bytes, ...] = blobs("some bytes")
    rows: tuple[Row, ...] = records(Row, "rows")


EVERYTHING = Record(Everything)
DECLARED = [EVERYTHING, *dict.fromkeys(each for it in COMMANDS for each in (it.request, it.response))]


def by_construct(record: Record[Any], raw: bytes) -> Any:
    """What construct reads, or None where it refuses; the members of enumerations are checked here."""
    struct = construct.Struct(*record.construct(construct).subcons, construct.Terminated)
    try:
        return taken(record, struct.parse(raw))
    except (construct.ConstructError, ValueError):
        return None


def taken(record: Record[Any], row: Any) -> Any:
    """The record of what construct read."""
    fields = []
    for name, field in record.fields.items():
        read = row[name]
        if field.enum is not None:
            read = field.enum(read)
        elif field.nested is not None:
            read = tuple(taken(field.nested, each) for each in read)
        elif isinstance(read, list):
            read = tuple(read)
        fields.append(read)
    return record.type(*fields)


@pytest.mark.parametrize("record", DECLARED, ids=repr)
@given(data=st.data())
def test_it_builds_and_reads_as_construct_does(record: Record[Any], data: st.DataObject) -> None:
    value = data.draw(values(record))
    raw = record.build(value)
    assert raw == record.construct(construct).build(record.for_construct(value))
    assert record.parse(raw) == value
    assert record.parse_prefix(b"xx" + raw + b"x", 2) == (value, len(raw) + 2)


@pytest.mark.share(2)
@pytest.mark.parametrize("record", DECLARED, ids=repr)
@given(data=st.data())
def test_damaged_bytes_mean_the_same_to_both(record: Record[Any], data: st.DataObject) -> None:
    raw = data.draw(st.one_of(st.binary(max_size=80), values(record).map(record.build)))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    if raw and data.draw(st.booleans()):
        position = data.draw(st.integers(0, len(raw) - 1))
        raw = raw[:position] + data.draw(st.binary(min_size=1, max_size=2)) + raw[position + 1 :]
    try:
        found = record.parse(raw)
    except CodecError:
        found = None
    assert found == by_construct(record, raw)


GOOD = Everything(1, 2, 3, 4, 5, b"TL", True, Ink.BLUE, "n", b"", b"", b"", b"1234", (), ())


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ("kind", 256),
        ("kind", "x"),
        ("counter", -1),
        ("low", 65_536),
        ("digest", b"123"),
        ("digest", "1234"),
        ("name", "x" * 256),
        ("name", None),
        ("short", bytes(256)),
        ("rest", bytes(65_536)),
        ("rest", "text"),
        ("pieces", (1,)),
        ("rows", ((1,),)),
        ("rows", None),
    ],
)
def test_values_that_do_not_fit_are_refused(changed: str, value: object) -> None:
    assert EVERYTHING.parse(EVERYTHING.build(GOOD)) == GOOD
    with pytest.raises(CodecError):
        EVERYTHING.build(Everything(**{**vars(GOOD), changed: value}))
