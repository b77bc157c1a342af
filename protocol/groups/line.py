"""How SSV groups travel between workstation, reader and cards.

Project-defined: a u16 count of groups, then UTF-8 text in which each group is its number and its fields, each
followed by a unit separator (1F), and ended by a group separator (1D).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.wire.record import Record, u16

MAX_GROUP_NUMBER: Final = 65_535
_FIELD_END: Final = "\x1f"
_GROUP_END: Final = "\x1d"
_COUNT_BYTES: Final = 2


class _Head(NamedTuple):
    """The count that precedes the groups."""

    groups: Annotated[int, u16("how many there are")]


_HEAD: Final = Record(_Head)


class GroupData(NamedTuple):
    """One occurrence of a group as it travels: its number and the text of fields 1, 2, … in order."""

    number: int
    fields: tuple[str, ...]


def encode_groups(groups: Iterable[GroupData]) -> bytes:
    """Return the bytes of at most 65,535 groups.

    Raises CodecError when a number does not fit or a text holds a separator.
    """
    parts = []
    for group in groups:
        text = _FIELD_END.join((str(group.number), *group.fields, _GROUP_END))
        if text.count(_FIELD_END) != len(group.fields) + 1 or text.count(_GROUP_END) != 1:
            raise CodecError(
                "A field of group {number} holds a control character", "Take it out", number=group.number
            )
        if not 0 <= group.number <= MAX_GROUP_NUMBER:
            raise CodecError(
                "There is no group {number}", "Give 0 to {most}", number=group.number, most=MAX_GROUP_NUMBER
            )
        parts.append(text)
    try:
        return _HEAD.build(_Head(len(parts))) + "".join(parts).encode()
    except (CodecError, UnicodeEncodeError) as error:
        raise CodecError(
            "The groups cannot be encoded: {reason}", "Send fewer, in plain text", reason=str(error)
        ) from None


def decode_groups(raw: bytes, only: Iterable[int] | None = None) -> tuple[GroupData, ...]:
    """Return the groups in `raw`, or those with the numbers in `only`, without decoding the others.

    Raises CodecError on missing, trailing or non-UTF-8 bytes.
    """
    try:
        (count,), _ = _HEAD.parse_prefix(raw)
        *parts, rest = _text(raw[_COUNT_BYTES:]).split(_GROUP_END)
        if rest or len(parts) != count:
            raise ValueError(
                Sentence("{count} groups were announced, {came} came", count=count, came=len(parts))
            )
        if only is not None:
            wanted = tuple(f"{number}{_FIELD_END}" for number in only)
            parts = [part for part in parts if part.startswith(wanted)]
        groups = []
        for part in parts:
            number, *fields = part.split(_FIELD_END)
            groups.append(GroupData(_group_number(number), _check_ended(fields)))
    except (CodecError, ValueError) as error:
        raise CodecError(
            "These bytes are not SSV groups: {reason}", "Send them again", reason=str(error)
        ) from None
    return tuple(groups)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        place = _COUNT_BYTES + error.start
        raise ValueError(Sentence("byte {place} is not UTF-8", place=place)) from None


def _group_number(text: str) -> int:
    number = int(text) if text.isdecimal() and len(text) <= len(str(MAX_GROUP_NUMBER)) else -1
    if str(number) != text or not 0 <= number <= MAX_GROUP_NUMBER:
        raise ValueError(Sentence("a group has no proper number"))
    return number


def _check_ended(fields: list[str]) -> tuple[str, ...]:
    if not fields or fields.pop():
        raise ValueError(Sentence("a field is not ended"))
    return tuple(fields)
