"""The field's memory zones (ZDATA), by which programs exchange groups with the SSV and SGD functions.

`tla_sim.protocol.groups.zone_data` has their form, `zone_values` the bytes of each kind of field. On our own
line the same groups have another form (`tla_sim.protocol.groups.line`); both come from one declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import (
    Field,
    Group,
    GroupDeclaration,
    field_error,
    find_declaration,
)
from tla_sim.protocol.groups.kinds import EMPTY, Kind
from tla_sim.protocol.groups.zone_data import (
    MAX_GROUP_BYTES,
    MAX_ZONE_BYTES,
    MAX_ZONE_GROUPS,
    ZoneData,
    ZoneError,
    decode_zone_data,
    encode_zone_data,
    split_fields,
    split_groups,
)
from tla_sim.protocol.groups.zone_values import ZONE_FORMS, TooLong, zone_length, zone_reader, zone_writer
from tla_sim.protocol.sentence import Sentence

__all__ = [
    "MAX_GROUP_BYTES",
    "MAX_ZONE_BYTES",
    "MAX_ZONE_GROUPS",
    "ZoneData",
    "ZoneError",
    "decode_zone",
    "decode_zone_data",
    "encode_zone",
    "encode_zone_data",
    "zone_length",
]

_REMEMBERED: Final = 512
_REMEMBERED_BYTES: Final = 1_024
_BLANK: Final = frozenset({Kind.TEXT, Kind.DIGITS, Kind.BINARY})


def encode_zone(groups: Iterable[Group]) -> bytes:
    """Return the zone of typed groups, each with every field of its group.

    Raises ZoneError, which names the group and field, for a value that does not fit, and for more than
    `MAX_ZONE_BYTES` or `MAX_ZONE_GROUPS`.
    """
    return encode_zone_data(map(_to_data, groups))


def decode_zone(raw: bytes) -> tuple[Group, ...]:
    """Return the typed groups of a zone.

    Raises ZoneError for a zone cut short or beyond its limits, a group that is not in the dictionary or has
    another number of fields, and a field that does not hold what is declared.
    """
    return tuple([_to_group(number, content) for number, content in split_groups(raw)])


def _typed(number: int, content: bytes) -> Group:
    """Return the typed group with these fields."""
    form = _form(number)
    fields = split_fields(number, content)
    if len(fields) != form.declaration.zone_count:
        raise ZoneError(
            "Group {number} has {present} fields, {expected} expected",
            "Send every field, an empty one as 00",
            number=number,
            present=len(fields),
            expected=form.declaration.zone_count,
        )
    values = form.empty.copy()
    for position, name, longest, required, read in form.readers:
        if raw := fields[position]:
            if len(raw) > longest:
                raise _too_long(form.declaration, position)
            try:
                value = read(raw)
            except TooLong:
                raise _too_long(form.declaration, position) from None
            except ValueError:
                raise _unreadable(form.declaration, position) from None
            if value is not None:
                values[name] = value
                continue
        if required:
            raise field_error(form.declaration, position, Sentence("it must not be empty"), ZoneError)
    # As the class's own __init__ does, several times as fast.
    group = object.__new__(form.declaration.type)
    group.__dict__.update(values)
    return group


# Small groups are remembered, as those of our line: documents of one owner or patient share most of them.
_remembered: Final = lru_cache(_REMEMBERED)(_typed)


def _to_group(number: int, content: bytes) -> Group:
    return (_remembered if len(content) <= _REMEMBERED_BYTES else _typed)(number, content)


def _to_data(group: Group) -> ZoneData:
    """Return the group's fields as bytes."""
    form = _form(group.DECLARATION.number)
    fields = [b""] * form.declaration.zone_count
    for position, name, longest, blank, write in form.writers:
        value = getattr(group, name)
        if value is None or (blank and not value):
            continue
        try:
            raw = write(value)
        except TooLong:
            raise _too_long(form.declaration, position) from None
        except (ValueError, AttributeError, TypeError):
            raise _unreadable(form.declaration, position) from None
        if len(raw) > longest:
            raise _too_long(form.declaration, position)
        fields[position] = raw
    return ZoneData(form.declaration.number, tuple(fields))


class _Form(NamedTuple):
    """How a declared group is read and written: position from 0, name, most bytes, …, by field.

    Readers also have whether the field is required, writers whether a false value is written as none.
    """

    declaration: GroupDeclaration
    empty: dict[str, Any]
    readers: tuple[tuple[int, str, int, bool, Callable[[bytes], Any]], ...]
    writers: tuple[tuple[int, str, int, bool, Callable[[Any], bytes]], ...]


@cache
def _form(number: int) -> _Form:
    declaration = find_declaration(number)
    if declaration is None:
        raise ZoneError(
            "Group {number} is not in the dictionary", "Check the sender's version", number=number
        )
    zoned = [field for field in declaration.fields if field.zoned]
    return _Form(
        declaration,
        {field.name: EMPTY[field.kind] for field in declaration.fields},
        tuple(
            (field.number - 1, field.name, zone_length(field), field.required, zone_reader(field))
            for field in zoned
        ),
        tuple(
            (field.number - 1, field.name, zone_length(field), field.kind in _BLANK, zone_writer(field))
            for field in zoned
        ),
    )


def _unreadable(declaration: GroupDeclaration, position: int) -> CodecError:
    kind = _field_at(declaration, position).kind
    expected = Sentence("{kind} expected", kind=ZONE_FORMS.get(kind, kind.value))
    return field_error(declaration, position, expected, ZoneError)


def _too_long(declaration: GroupDeclaration, position: int) -> CodecError:
    field = _field_at(declaration, position)
    template = "at most {longest} characters expected"
    if field.kind is Kind.BINARY:
        template = "at most {longest} bytes expected"
    longest = field.max_length if field.kind is Kind.TEXT else zone_length(field)
    return field_error(declaration, position, Sentence(template, longest=longest), ZoneError)


def _field_at(declaration: GroupDeclaration, position: int) -> Field:
    return next(field for field in declaration.fields if field.number == position + 1)
