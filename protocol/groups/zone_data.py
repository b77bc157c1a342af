"""The bytes of the field's memory zones (ZDATA): numbered groups of fields, whatever these hold.

    zone   = group*                               no header, no count, no padding
    group  = number (2 bytes)  length  field*     the length counts all the fields
    field  = length  value                        from field 1; an empty field is 00
    length = one byte below 80h, or 81h and one byte, or 82h and two, high byte first

Source: public test cards of the field, for the groups of a Vitale; that other groups follow is inferred. A
length may take more bytes than it needs, since those of other writers may; ours never does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.line import MAX_GROUP_NUMBER

MAX_ZONE_BYTES: Final = 16 * 1_024 * 1_024
"""The most bytes of a zone."""
MAX_ZONE_GROUPS: Final = 0xFFFF
"""The most groups of a zone, as many as our line carries."""
MAX_GROUP_BYTES: Final = 0xFFFF
"""The most bytes of a group's fields, their lengths included."""

_NUMBER_BYTES: Final = 2
_LONG: Final = 0x80
_ONE_BYTE: Final = 0x81
_TWO_BYTES: Final = 0x82
_SHORT: Final = tuple(bytes((size,)) for size in range(_LONG))


class ZoneError(CodecError):
    """A memory zone that does not follow the field's form, or a value that a zone cannot carry."""

    ssv = 0xF802


class ZoneData(NamedTuple):
    """One occurrence of a group in a zone: its number and the bytes of fields 1, 2, … in order."""

    number: int
    fields: tuple[bytes, ...]


def encode_zone_data(groups: Iterable[ZoneData]) -> bytes:
    """Return the zone of these groups. Raises ZoneError for a number or length that does not fit."""
    parts: list[bytes] = []
    for place, (number, fields) in enumerate(groups):
        _check_count(place + 1)
        if not 0 <= number <= MAX_GROUP_NUMBER:
            raise ZoneError(
                "There is no group {number}", "Give 0 to {most}", number=number, most=MAX_GROUP_NUMBER
            )
        pieces: list[bytes] = []
        for field in fields:
            size = len(field)
            pieces.append(_SHORT[size] if size < _LONG else _length(size, number))
            pieces.append(field)
        content = b"".join(pieces)
        parts += (number.to_bytes(_NUMBER_BYTES), _length(len(content), number), content)
    raw = b"".join(parts)
    _check_size(len(raw))
    return raw


def decode_zone_data(raw: bytes) -> tuple[ZoneData, ...]:
    """Return the groups of a zone, declared or not, as bytes. Raises ZoneError when cut short or too long."""
    return tuple([ZoneData(number, split_fields(number, content)) for number, content in split_groups(raw)])


def split_groups(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each group of the zone. Raises ZoneError when cut short or too long."""
    _check_size(len(raw))
    at, end, count = 0, len(raw), 0
    while at < end:
        count += 1
        _check_count(count)
        length_at = at + _NUMBER_BYTES
        if length_at > end:
            raise ZoneError("The memory zone ends inside the number of a group", "Send all of it")
        number = int.from_bytes(raw[at:length_at])
        start, stop = _value_at(raw, length_at, number)
        yield number, raw[start:stop]
        at = stop


def split_fields(number: int, content: bytes) -> tuple[bytes, ...]:
    """Return the fields in the content of one group. Raises ZoneError when one is cut short."""
    fields = []
    at, end = 0, len(content)
    while at < end:
        stop = at + 1 + content[at]
        # As _value_at, in line for the lengths that most fields have.
        if stop <= end and content[at] < _LONG:
            fields.append(content[at + 1 : stop])
        else:
            start, stop = _value_at(content, at, number)
            fields.append(content[start:stop])
        at = stop
    return tuple(fields)


def _check_size(size: int) -> None:
    if size > MAX_ZONE_BYTES:
        raise ZoneError(
            "The memory zone has {size} bytes, {most} at most",
            "Send fewer groups",
            size=size,
            most=MAX_ZONE_BYTES,
        )


def _check_count(groups: int) -> None:
    if groups > MAX_ZONE_GROUPS:
        raise ZoneError(
            "The memory zone has more than {most} groups", "Send fewer groups", most=MAX_ZONE_GROUPS
        )


def _length(size: int, number: int) -> bytes:
    if size < _LONG:
        return _SHORT[size]
    if size <= 0xFF:
        return bytes((_ONE_BYTE, size))
    if size > MAX_GROUP_BYTES:
        raise ZoneError(
            "Group {number} has {size} bytes, {most} at most",
            "Send it in parts",
            number=number,
            size=size,
            most=MAX_GROUP_BYTES,
        )
    return bytes((_TWO_BYTES, size >> 8, size & 0xFF))


def _value_at(raw: bytes, at: int, number: int) -> tuple[int, int]:
    """Return where the value behind the length at `at` starts and stops."""
    end = len(raw)
    if at < end:
        size = raw[at]
        start = at + 1
        if size > _TWO_BYTES or size == _LONG:
            raise ZoneError(
                "Group {number} has a length that begins with {first:02X}",
                "Send lengths of at most two bytes, as 81 and 82 announce them",
                number=number,
                first=size,
            )
        if size >= _ONE_BYTE:
            start += size - _ONE_BYTE + 1
            size = int.from_bytes(raw[at + 1 : start])
        if start + size <= end:
            return start, start + size
    raise ZoneError("The memory zone ends inside group {number}", "Send all of it", number=number)
