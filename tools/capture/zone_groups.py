"""The groups of a memory zone as a trace shows them: whatever the bytes, something is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.exchange.contents import shown_value
from tla_sim.protocol.groups.declaration import Group, find_declaration
from tla_sim.protocol.groups.kinds import TO_TEXT
from tla_sim.protocol.groups.zone import decode_zone
from tla_sim.protocol.groups.zone_data import ZoneData, encode_zone_data, split_fields, split_groups
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.wire.located import MAX_FIELDS

_NUMBER_BYTES: Final = 2
_LONG: Final = 0x80


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of a group: its name, its French label, its value, and that as people read it if it differs."""

    name: str
    label: str
    value: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """One occurrence of a group. `problem` says why its fields are in hex; it is empty if they are not."""

    number: int
    name: str
    fields: tuple[ShownField, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShownZone:
    """The groups of a zone, and the bytes behind them that are none, with the reason."""

    groups: tuple[ShownGroup, ...]
    rest: bytes = b""
    problem: str = ""


def show_zone(raw: bytes) -> ShownZone:
    """Return what a zone holds. Never raises, whatever the bytes."""
    groups: list[ShownGroup] = []
    at = 0
    try:
        for number, content in split_groups(raw):
            if len(groups) >= MAX_FIELDS:
                return ShownZone(tuple(groups), raw[at:], Sentence("more groups, which are not shown"))
            groups.append(_show_group(number, content))
            at += _NUMBER_BYTES + _length_bytes(raw[at + _NUMBER_BYTES]) + len(content)
    except CodecError as error:
        return ShownZone(tuple(groups), raw[at:], error.message)
    return ShownZone(tuple(groups))


def _length_bytes(first: int) -> int:
    return 1 if first < _LONG else first - _LONG + 1


def _show_group(number: int, content: bytes) -> ShownGroup:
    declared = find_declaration(number)
    name = "" if declared is None else declared.name
    try:
        fields = split_fields(number, content)
    except CodecError as error:
        return ShownGroup(number, name, (ShownField("", "", content.hex()),), error.message)
    try:
        (group,) = decode_zone(encode_zone_data([ZoneData(number, fields)]))
    except CodecError as error:
        labels = {} if declared is None else {each.number: each for each in declared.fields}
        raw = tuple(
            ShownField(str(place), labels[place].label if place in labels else "", value.hex())
            for place, value in enumerate(fields, 1)
            if value
        )
        return ShownGroup(number, name, raw, error.message)
    return ShownGroup(number, name, _show_fields(group))


def _show_fields(group: Group) -> tuple[ShownField, ...]:
    found = []
    for field in group.DECLARATION.fields:
        value: Any = getattr(group, field.name)
        if value in (None, "", b""):
            continue
        text = TO_TEXT[field.kind](value)
        found.append(ShownField(field.name, field.label, text, shown_value(field.kind, text)))
    return tuple(found)
