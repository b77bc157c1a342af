"""The kinds of field values: what each is in Python, and its text on our line.

`tla_sim.protocol.groups.zone` has their bytes in the field's memory zones.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.sentence import Sentence

MAX_BYTE: Final = 0xFF


class Kind(StrEnum):
    """What a field holds, as its text on our line has it."""

    TEXT = "text"
    DIGITS = "digits"
    DATE = Sentence("date, YYYYMMDD")
    BIRTH = Sentence("birth date, YYYYMMDD, month and day any two digits")
    MOMENT = Sentence("date and time, YYYYMMDDHHMMSS")
    CENTS = Sentence("amount in euro cents")
    NUMBER = Sentence("whole number")
    FLAG = "flag, 0 or 1"
    BYTE = Sentence("number from 0 to 255")
    BINARY = Sentence("bytes in hexadecimal")


def _digits(text: str) -> str:
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError("digits only")
    return text


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("0 or 1")
    return text == "1"


def _number(text: str) -> int:
    if not (text.isascii() and (text.isdigit() or (text[:1] == "-" and text[1:].isdigit()))):
        raise ValueError("a whole number")
    return int(text)


def _byte(text: str) -> int:
    return check_byte(int(_digits(text)))


def check_byte(number: int) -> int:
    """Return the number. Raises ValueError when a byte cannot hold it."""
    if not 0 <= number <= MAX_BYTE:
        raise ValueError("0 to 255")
    return number


def _binary(text: str) -> bytes:
    # bytes.fromhex also skips blanks, which would not read back.
    if not (text.isascii() and text.isalnum()):
        raise ValueError("hexadecimal")
    return bytes.fromhex(text)


def _date(text: str) -> date:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError("YYYYMMDD")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def moment_of_digits(text: str) -> datetime:
    """Return the moment of 14 digits, YYYYMMDDHHMMSS. Raises ValueError for anything else."""
    if len(text) != 14 or not (text.isascii() and text.isdigit()):
        raise ValueError("YYYYMMDDHHMMSS")
    day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    return datetime.combine(day, time(int(text[8:10]), int(text[10:12]), int(text[12:])))


FROM_TEXT: Final[dict[Kind, Callable[[str], Any] | None]] = {
    Kind.TEXT: None,
    Kind.DIGITS: _digits,
    Kind.DATE: _date,
    Kind.BIRTH: BirthDate.of_digits,
    Kind.MOMENT: moment_of_digits,
    Kind.CENTS: _number,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.BYTE: _byte,
    Kind.BINARY: _binary,
}
"""How a value is read from its text, which is not empty; each raises ValueError. `None`: it is the text."""

TO_TEXT: Final[dict[Kind, Callable[[Any], str]]] = {
    Kind.TEXT: str,
    Kind.DIGITS: _digits,
    # strftime does not pad years below 1000 on every system.
    Kind.DATE: lambda value: f"{value:%Y%m%d}" if value.year > 999 else f"{value.year:04}{value:%m%d}",
    Kind.BIRTH: BirthDate.of_digits,
    Kind.MOMENT: lambda value: f"{value.year:04}{value:%m%d%H%M%S}",
    Kind.CENTS: str,
    Kind.NUMBER: str,
    Kind.FLAG: lambda value: "1" if value else "0",
    Kind.BYTE: lambda value: str(check_byte(value)),
    Kind.BINARY: lambda value: value.hex(),
}
"""How a value is written as text; each raises ValueError or AttributeError for a value of another kind."""

EMPTY: Final[dict[Kind, Any]] = {
    Kind.TEXT: "",
    Kind.DIGITS: "",
    Kind.DATE: None,
    Kind.BIRTH: None,
    Kind.MOMENT: None,
    Kind.CENTS: 0,
    Kind.NUMBER: 0,
    Kind.FLAG: False,
    Kind.BYTE: 0,
    Kind.BINARY: b"",
}
"""The value of an empty field."""
