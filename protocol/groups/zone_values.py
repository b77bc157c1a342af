"""Field values in the field's memory zones: the bytes of each kind.

Dates have 12 digits, YYYYMMDDhhmm; none is empty or all zeros. A day is written at 0000 and read without
its hour, or from 8 digits. A moment is written to the minute; seconds are read where they are. Source: public
test cards of the field. Text is UTF-8 without control characters, which is Project-defined: the field shows
only ASCII, and NUL would end a text early for a program in C.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache, partial
from typing import Any, Final

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.declaration import Field
from tla_sim.protocol.groups.kinds import FROM_TEXT, TO_TEXT, Kind, moment_of_digits
from tla_sim.protocol.sentence import Sentence

ZONE_FORMS: Final = {
    Kind.TEXT: Sentence("printable text in UTF-8"),
    Kind.DATE: Sentence("date, YYYYMMDDhhmm"),
    Kind.BIRTH: Sentence("birth date, YYYYMMDDhhmm, month and day any two digits"),
    Kind.MOMENT: Sentence("date and time, YYYYMMDDhhmm"),
    Kind.BYTE: Sentence("one byte"),
    Kind.BINARY: Sentence("bytes"),
}
"""What a zone's field holds, for the kinds whose bytes are not the text on our line."""

_UTF8_BYTES: Final = 4
_MIDNIGHT: Final = b"0000"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DAY: Final = 8
_MINUTE: Final = 12
_SECOND: Final = 14
_REMEMBERED: Final = 1_024
"""How many days are remembered: those of one card, or of a morning's invoices, recur."""


class TooLong(ValueError):
    """A text of more characters than its field holds."""


def zone_length(field: Field) -> int:
    """Return the most bytes that a value of this field has in a zone."""
    match field.kind:
        case Kind.DATE | Kind.BIRTH:
            return _MINUTE
        case Kind.MOMENT:
            return _SECOND
        case Kind.BYTE:
            return 1
        case Kind.TEXT:
            return _UTF8_BYTES * field.max_length
        case _:
            return field.max_length


def zone_reader(field: Field) -> Callable[[bytes], Any]:
    """Return what reads a value that is not empty; it raises ValueError, and returns `None` for no date."""
    match field.kind:
        case Kind.TEXT:
            return partial(_read_text, field.max_length)
        case Kind.DATE:
            return _read_date
        case Kind.BIRTH:
            return _read_birth
        case Kind.MOMENT:
            return _read_moment
        case Kind.BYTE:
            return ord
        case Kind.BINARY:
            return bytes
        case _:
            from_text = FROM_TEXT[field.kind]
            assert from_text is not None
            return lambda raw: from_text(raw.decode())


def zone_writer(field: Field) -> Callable[[Any], bytes]:
    """Return what writes a value: ValueError, AttributeError or TypeError for one of another kind."""
    to_text = TO_TEXT[field.kind]
    match field.kind:
        case Kind.TEXT:
            return partial(_write_text, field.max_length)
        case Kind.DATE:
            return _write_date
        case Kind.BIRTH:
            return lambda value: to_text(value).encode() + _MIDNIGHT
        case Kind.MOMENT:
            return lambda value: to_text(value).encode()[:_MINUTE]
        case Kind.BYTE:
            return lambda value: bytes((value,))
        case Kind.BINARY:
            return lambda value: memoryview(value).tobytes()
        case _:
            return lambda value: to_text(value).encode()


def _read_text(longest: int, raw: bytes) -> str:
    text = raw.decode()
    _check_text(longest, text)
    return text


def _write_text(longest: int, text: str) -> bytes:
    _check_text(longest, text)
    return text.encode()


def _check_text(longest: int, text: str) -> None:
    if len(text) > longest:
        raise TooLong
    # isprintable refuses some blanks too, but is much faster.
    if not text.isprintable() and _CONTROL.search(text):
        raise ValueError("control character")


@lru_cache(_REMEMBERED)
def _read_date(raw: bytes) -> date | None:
    digits = _digits(raw, _DAY, _MINUTE)
    if not digits.strip("0"):
        return None
    if len(digits) == _MINUTE:
        time(int(digits[8:10]), int(digits[10:]))
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:_DAY]))


@lru_cache(_REMEMBERED)
def _write_date(value: date) -> bytes:
    return TO_TEXT[Kind.DATE](value).encode() + _MIDNIGHT


def _read_birth(raw: bytes) -> BirthDate:
    return BirthDate(_digits(raw, _DAY, _MINUTE)[:_DAY])


def _read_moment(raw: bytes) -> datetime | None:
    digits = _digits(raw, _MINUTE, _SECOND)
    if not digits.strip("0"):
        return None
    return moment_of_digits(digits.ljust(_SECOND, "0"))


def _digits(raw: bytes, *lengths: int) -> str:
    if not raw.isdigit() or len(raw) not in lengths:
        raise ValueError("digits")
    return raw.decode()
