"""Files of SSV groups as text: every field by the name that the dictionary gives it.

A group whose texts a typed value would not give back to the letter (an undeclared one, a former form, a field
that does not suit its kind) has them as a list under `fields`, which any odd card may use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import Field, GroupDeclaration, find_declaration
from tla_sim.protocol.groups.kinds import FROM_TEXT, MAX_BYTE, TO_TEXT, Kind
from tla_sim.protocol.groups.line import MAX_GROUP_NUMBER, GroupData, decode_groups, encode_groups
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cards.text.given import NOTE, Flawed, Given

_NUMBER: Final = "group"
_FIELDS: Final = "fields"
_CONTROLS: Final = "\x1d\x1f"


class _Form(NamedTuple):
    """How a field's value stands in JSON, from its value in Python and back; and that of an empty field."""

    write: Callable[[Any], object]
    read: Callable[[Given], Any]
    empty: object


def _day(given: Given) -> date:
    return date.fromisoformat(given.text())


def _whole(given: Given) -> int:
    return given.whole(-(10**12), 10**12)


_TEXT: Final = _Form(str, Given.text, "")
_FORMS: Final[Mapping[Kind, _Form]] = {
    Kind.TEXT: _TEXT,
    Kind.DIGITS: _TEXT,
    Kind.DATE: _Form(date.isoformat, _day, ""),
    Kind.BIRTH: _Form(lambda value: value.iso, lambda given: BirthDate.of_iso(given.text()), ""),
    Kind.MOMENT: _Form(datetime.isoformat, lambda given: datetime.fromisoformat(given.text()), ""),
    Kind.CENTS: _Form(int, _whole, None),
    Kind.NUMBER: _Form(int, _whole, None),
    Kind.FLAG: _Form(bool, Given.flag, None),
    Kind.BYTE: _Form(int, lambda given: given.whole(0, MAX_BYTE), None),
    Kind.BINARY: _Form(bytes.hex, lambda given: given.octets(0, MAX_BYTE), ""),
}


def groups_told(raw: bytes) -> list[dict[str, Any]] | None:
    """Return the groups that these bytes are, as JSON; `None` if they are none."""
    try:
        groups = decode_groups(raw)
        return [_told(data) for data in groups] if encode_groups(groups) == raw else None
    except CodecError:
        return None


def groups_given(given: Given) -> bytes:
    """Return the bytes of the groups in a list. Raises Flawed."""
    items = given.items()
    if len(items) > MAX_GROUP_NUMBER:
        raise given.flawed(Sentence("at most {most} groups", most=MAX_GROUP_NUMBER))
    return encode_groups([_group(each) for each in items])


def _told(data: GroupData) -> dict[str, Any]:
    declaration = find_declaration(data.number)
    told: dict[str, Any] = {_NUMBER: data.number}
    if declaration is None:
        return told | {_FIELDS: list(data.fields)}
    told[NOTE] = declaration.name
    named = {field.name: _field_told(field, data.fields) for field in declaration.fields}
    with suppress(Flawed):
        if _texts(declaration, Given(told | named)) == data.fields:
            return told | named
    return told | {_FIELDS: list(data.fields)}


def _field_told(field: Field, texts: tuple[str, ...]) -> object:
    text = texts[field.number - 1] if field.number <= len(texts) else ""
    form = _FORMS[field.kind]
    if not text:
        return form.empty
    from_text = FROM_TEXT[field.kind]
    try:
        return form.write(text if from_text is None else from_text(text))
    except ValueError:
        # No value of this kind: the whole group is then told by its texts.
        return text


def _group(given: Given) -> GroupData:
    if isinstance(given.value, dict) and _FIELDS in given.value:
        raw = given.members((_NUMBER, _FIELDS))
        texts = tuple(_plain(each) for each in raw[_FIELDS].items())
        return GroupData(raw[_NUMBER].whole(0, MAX_GROUP_NUMBER), texts)
    if not isinstance(given.value, dict) or _NUMBER not in given.value:
        raise given.flawed(Sentence("an object with the number of its {key}", key=_NUMBER))
    number = Given(given.value[_NUMBER], (*given.location, _NUMBER))
    declaration = find_declaration(number.whole(0, MAX_GROUP_NUMBER))
    if declaration is None:
        raise number.flawed(
            Sentence("a group of the dictionary, or its texts in order under {fields}", fields=_FIELDS)
        )
    return GroupData(declaration.number, _texts(declaration, given))


def _texts(declaration: GroupDeclaration, given: Given) -> tuple[str, ...]:
    members = given.members((_NUMBER,), [field.name for field in declaration.fields])
    texts = [""] * declaration.fields[-1].number
    for field in declaration.fields:
        if field.name in members:
            texts[field.number - 1] = _field(field, members[field.name])
    while len(texts) > declaration.first_later and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _field(field: Field, given: Given) -> str:
    form = _FORMS[field.kind]
    if given.value is None or given.value == "":
        return ""
    expected = field.kind.value
    if field.kind in (Kind.DATE, Kind.BIRTH, Kind.MOMENT):
        expected = Sentence("a day such as 2019-03-05, or nothing")
    try:
        text = TO_TEXT[field.kind](form.read(given))
    except ValueError:
        raise given.flawed(expected) from None
    if len(text) > field.line_length:
        raise given.flawed(Sentence("at most {longest} characters", longest=field.line_length))
    if any(each in text for each in _CONTROLS):
        raise given.flawed(Sentence("text without the control characters 1D and 1F"))
    return text


def _plain(given: Given) -> str:
    text = given.text()
    if any(each in text for each in _CONTROLS):
        raise given.flawed(Sentence("text without the control characters 1D and 1F"))
    return text
