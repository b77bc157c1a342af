"""A record travels as its type declares, be that a frozen dataclass or a NamedTuple."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, NamedTuple

import pytest
from hypothesis import given

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.wire.record import Record, choice, records, string, u16
from tla_sim.tools.testing.strategies import values


class Ink(IntEnum):
    BLACK = 1
    BLUE = 2


class Place(NamedTuple):
    """A NamedTuple declares its fields in their annotations."""

    book: Annotated[str, string("title")]
    page: Annotated[int, u16("page")]
    ink: Annotated[Ink, choice(Ink, "what it is written in")]


@dataclass(frozen=True)
class Quoted:
    """A dataclass that holds NamedTuples."""

    words: str = string("what is quoted")
    places: tuple[Place, ...] = records(Place, "where it stands")


PLACE, QUOTED = Record(Place), Record(Quoted)


def test_a_named_tuple_travels_field_by_field() -> None:
    place = Place("Emma", 258, Ink.BLUE)
    assert PLACE.build(place) == b"\x04Emma\x01\x02\x02"
    assert PLACE.parse(b"\x04Emma\x01\x02\x02") == place
    assert type(PLACE.parse(PLACE.build(place))) is Place
    assert PLACE.parse(PLACE.build(place)).ink is Ink.BLUE


@given(values(PLACE))
def test_any_named_tuple_is_read_back(place: Place) -> None:
    assert PLACE.parse(PLACE.build(place)) == place


@given(values(QUOTED))
def test_a_dataclass_holds_named_tuples(quoted: Quoted) -> None:
    assert QUOTED.parse(QUOTED.build(quoted)) == quoted


def test_a_named_tuple_is_as_strict_as_a_dataclass() -> None:
    with pytest.raises(CodecError):
        PLACE.parse(b"\x04Emma\x01\x02\x03")
    with pytest.raises(CodecError):
        PLACE.parse(b"\x04Emma\x01\x02\x02\x00")
    with pytest.raises(CodecError):
        PLACE.build(Place("Emma", 65_536, Ink.BLACK))
