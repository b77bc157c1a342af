"""Calls of the SSV functions as people and programs read them: codes, zones by the dictionary, no secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from tla_sim.host.ssv.caller import CODES
from tla_sim.host.ssv.declaration import TEXTS, Form, Parameter
from tla_sim.protocol.groups.declaration import Field
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.groups.zone import ZoneData, ZoneError, decode_zone_data
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.language import Language, localise, spoken_language

BLANK: Final = "****"
"""What stands for a code porteur, whatever its length."""
_SHOWN: Final = 32
"""Most bytes of a binary value in the text; a zone's file has all of them."""


class FieldView(NamedTuple):
    """One field of a group: its number, its French label, empty for an unknown one, and its value as text."""

    number: int
    label: str
    value: str


class GroupView(NamedTuple):
    """One occurrence of a group: its number, its occurrence from 1, its French name and its fields."""

    number: int
    occurrence: int
    name: str
    fields: tuple[FieldView, ...]


def meaning(code: int) -> str:
    """Return what a code means, in the language spoken."""
    known = CODES.get(code)
    if known is None:
        return localise(Sentence("unknown code"))
    return known.fr if spoken_language() is Language.FR else known.en


def view_zone(zone: bytes) -> tuple[GroupView, ...]:
    """Return the groups of a zone with the dictionary's words. Raises ZoneError when it is ill-formed."""
    seen: dict[int, int] = {}
    return tuple(_view(each, seen) for each in decode_zone_data(zone))


def _view(group: ZoneData, seen: dict[int, int]) -> GroupView:
    seen[group.number] = occurrence = seen.get(group.number, 0) + 1
    known = DICTIONARY.get(group.number)
    fields = {} if known is None else {each.number: each for each in known.fields}
    return GroupView(
        group.number,
        occurrence,
        "" if known is None else known.name,
        tuple(_field(place, fields.get(place), raw) for place, raw in enumerate(group.fields, 1)),
    )


def _field(place: int, known: Field | None, raw: bytes) -> FieldView:
    label = "" if known is None else known.label
    if known is not None and known.kind is Kind.BYTE:
        return FieldView(place, label, str(raw[0]) if len(raw) == 1 else raw.hex())
    if known is None or known.kind is not Kind.BINARY:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = "\0"
        if text.isprintable():
            return FieldView(place, label, text)
    return FieldView(place, label, _hex(raw))


def _hex(raw: bytes) -> str:
    if len(raw) <= _SHOWN:
        return raw.hex()
    return localise(Sentence("{start}… ({count} bytes)", start=raw[:_SHOWN].hex(), count=len(raw)))


def blanked(parameters: tuple[Parameter, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by name for people: codes porteur blanked, texts as str, messages by their length."""
    return {each.name: _shown(each, values[each.name]) for each in parameters if each.name in values}


def _shown(parameter: Parameter, value: Any) -> Any:
    match parameter.form:
        case Form.CODE:
            return BLANK
        case Form.MESSAGE_IN | Form.MESSAGE_OUT | Form.BYTES_IN | Form.BYTES_OUT:
            # A message may present a code to a card.
            return localise(Sentence("{count} bytes", count=len(value)))
        case form if form in TEXTS or form in (Form.MOMENT_OUT, Form.TEXT_OUT):
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        case _:
            return value


def zones_of(parameters: tuple[Parameter, ...], values: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yield the zones among values, each with its parameter's name, numbered where there may be several."""
    for each in parameters:
        if each.name not in values:
            continue
        if each.form in (Form.ZONE_IN, Form.ZONE_OUT):
            yield each.name, values[each.name]
        elif each.form in (Form.ZONES_IN, Form.ZONES_OUT):
            for place, zone in enumerate(values[each.name], 1):
                yield f"{each.name}[{place}]", zone


def zone_document(zone: bytes) -> dict[str, Any]:
    """Return a zone for JSON: its bytes in hexadecimal, and its groups where it is well formed."""
    try:
        groups = view_zone(zone)
    except ZoneError as error:
        return {"zone": zone.hex(), "error": localise(error.message)}
    told = [
        {
            "group": each.number,
            "occurrence": each.occurrence,
            "name": each.name,
            "fields": [field._asdict() for field in each.fields],
        }
        for each in groups
    ]
    return {"zone": zone.hex(), "groups": told}


def zone_lines(zone: bytes) -> Iterator[str]:
    """Yield the lines of a zone for a trace: one for each group, one for each field that is not empty."""
    try:
        groups = view_zone(zone)
    except ZoneError as error:
        yield localise(error.message)
        return
    for group in groups:
        yield f"{group.number} [{group.occurrence}] {group.name}".rstrip()
        for field in group.fields:
            if field.value:
                yield f"    {field.number:>2} {field.label}: {field.value}"
