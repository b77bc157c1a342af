"""Typed groups of every declaration, for properties of how they travel."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.declaration import Field, Group
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.kinds import Kind


def _value(field: Field) -> st.SearchStrategy[Any]:
    match field.kind:
        case Kind.DIGITS:
            return st.text("0123456789", min_size=1, max_size=field.max_length)
        case Kind.TEXT:
            letters = st.characters(codec="latin-1", categories=("L", "N", "Z"))
            return st.text(letters, min_size=1, max_size=min(field.max_length, 40))
        case Kind.DATE:
            return st.dates(date(1, 1, 1), date(9999, 12, 31))
        case Kind.BIRTH:
            return st.text("0123456789", min_size=8, max_size=8).map(BirthDate)
        case Kind.MOMENT:
            return st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)).map(
                lambda moment: moment.replace(microsecond=0)
            )
        case Kind.FLAG:
            return st.booleans()
        case Kind.BYTE:
            return st.integers(0, 255)
        case Kind.BINARY:
            return st.binary(max_size=min(field.max_length, 300))
        case _:
            return st.integers(-99_999, 10**10)


@st.composite
def typed_groups(draw: st.DrawFn) -> Group:
    declaration = draw(st.sampled_from([DICTIONARY[number] for number in sorted(DICTIONARY)]))
    values = {}
    for field in declaration.fields:
        if field.required or draw(st.booleans()):
            values[field.name] = draw(_value(field))
    return declaration.type(**values)
