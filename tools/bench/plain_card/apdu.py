"""APDUs as objects whose fields are checked, and their text in a trace."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

_SHORT_LE: Final = 256
_EXTENDED_LE: Final = 65_536
_ROW: Final = 16
_MEANINGS: Final = (
    (0xFFFF, 0x9000, "done"),
    (0xFF00, 0x6100, "done, {0} bytes wait"),
    (0xFFF0, 0x63C0, "{1} tries are left"),
    (0xFFFF, 0x6282, "the file ends before that"),
    (0xFF00, 0x6200, "a warning, nothing has changed"),
    (0xFF00, 0x6300, "a warning, something has changed"),
    (0xFF00, 0x6400, "an error, nothing has changed"),
    (0xFF00, 0x6500, "an error, something has changed"),
    (0xFF00, 0x6700, "a wrong length"),
    (0xFF00, 0x6800, "a class that is not supported"),
    (0xFF00, 0x6900, "not allowed"),
    (0xFF00, 0x6A00, "wrong parameters"),
    (0xFF00, 0x6B00, "a wrong offset"),
    (0xFF00, 0x6C00, "a wrong expected length, {0} would do"),
    (0xFF00, 0x6D00, "an unknown instruction"),
    (0xFF00, 0x6E00, "an unknown class"),
)


class Malformed(Exception):
    """These bytes are no command: their lengths do not agree."""


class Octet:
    """A field of one byte, checked whenever it is set."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._place = f"{name}_octet"

    def __get__(self, apdu: object, owner: type) -> int:
        value: int = getattr(apdu, self._place)
        return value

    def __set__(self, apdu: object, value: int) -> None:
        setattr(apdu, self._place, checked(value))


def checked(value: int) -> int:
    """Return a byte. Raises TypeError or ValueError for anything else."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number")
    if not 0 <= value <= 0xFF:
        raise ValueError(f"{value} does not fit in a byte")
    return value


def joined(octets: Iterable[int]) -> bytes:
    """Return bytes, each of them checked."""
    out = b""
    for each in octets:
        out += bytes([checked(each)])
    return out


def rows(data: bytes) -> Iterator[str]:
    """Yield the lines of a trace that show bytes: 16 in hexadecimal, then those that can be printed."""
    for start in range(0, len(data), _ROW):
        row = data[start : start + _ROW]
        numbers = " ".join([f"{each:02x}" for each in row])
        letters = "".join([chr(each) if 0x20 <= each < 0x7F else "." for each in row])
        yield f"{start:5d} | {numbers:<47} | {letters}"


def shown(data: bytes) -> str:
    """Return the text of bytes in a trace."""
    return "\n".join(f"    {row}" for row in rows(data))


def octet_rows(message: bytes) -> Iterator[str]:
    """Yield a line of a trace for each byte: its place, its value in four bases, and its character's name."""
    for place, each in enumerate(message):
        value = checked(each)
        letter = chr(value)
        if letter.isdigit():
            kind = "digit"
        elif letter.isalpha():
            kind = "letter"
        elif letter.isprintable():
            kind = "sign"
        else:
            kind = "control"
        bits = f"{value >> 4:04b} {value & 0x0F:04b}"
        name = unicodedata.name(letter, "unnamed").lower()
        bases = f"0x{value:02x}, {value:3d}, 0o{value:03o}, {bits}"
        yield f"    [{place:5d}] = {bases}: {kind} {letter!r}, {name}"


def explained(message: bytes, apdu: Command | Answer) -> str:
    """Return the text of an APDU, and below it a line for each of its bytes."""
    text = str(apdu)
    for row in octet_rows(message):
        text = f"{text}\n{row}"
    return text


class ClassByte:
    """What a class byte says (ISO/IEC 7816-4 §5.4.1)."""

    def __init__(self, octet: int) -> None:
        self.proprietary = octet & 0x80 != 0
        further = octet & 0xC0 == 0x40
        self.chained = octet & 0x10 != 0
        self.channel = octet & 0x0F if further else octet & 0x03
        self.protected = octet & 0x20 != 0 if further else octet & 0x0C != 0

    def __str__(self) -> str:
        said = [name for name in ("proprietary", "chained", "protected") if getattr(self, name)]
        return ", ".join([*said, f"channel {self.channel}"])


class Command:
    """A command: header, data, and the number of bytes that it expects, `None` without Le.

    Construction raises Malformed.
    """

    cla = Octet()
    ins = Octet()
    p1 = Octet()
    p2 = Octet()

    def __init__(self, raw: bytes) -> None:
        octets = [checked(each) for each in raw]
        if len(octets) < 4:
            raise Malformed("a header has four bytes")
        self.cla, self.ins, self.p1, self.p2 = octets[:4]
        self.meaning = ClassByte(self.cla)
        data, le = _divided(octets[4:])
        self.data = joined(data)
        self.expected = le

    def __str__(self) -> str:
        header = f"command CLA={self.cla:02x} INS={self.ins:02x} P1={self.p1:02x} P2={self.p2:02x}"
        wanted = "" if self.expected is None else f", {self.expected} bytes wanted"
        return f"{header} ({self.meaning}){wanted}\n{shown(self.data)}"


class Answer:
    """An answer: data and a status word in two fields."""

    sw1 = Octet()
    sw2 = Octet()

    def __init__(self, data: bytes, word: int) -> None:
        self.data = joined(data)
        self.sw1, self.sw2 = word >> 8, word & 0xFF

    @classmethod
    def decode(cls, raw: bytes) -> Answer:
        """Return the answer in these bytes. Raises Malformed."""
        octets = [checked(each) for each in raw]
        if len(octets) < 2:
            raise Malformed("a status word has two bytes")
        return cls(joined(octets[:-2]), octets[-2] << 8 | octets[-1])

    @property
    def meaning(self) -> str:
        """What the status word says, in words (ISO/IEC 7816-4 §5.6)."""
        word = self.sw1 << 8 | self.sw2
        for mask, value, text in _MEANINGS:
            if word & mask == value:
                return text.format(self.sw2, self.sw2 & 0x0F)
        return "of its own"

    @property
    def summary(self) -> str:
        """The status word, what it says, and the number of bytes before it."""
        return f"answer SW={self.sw1:02x}{self.sw2:02x} ({self.meaning}), {len(self.data)} bytes"

    def __str__(self) -> str:
        return f"{self.summary}\n{shown(self.data)}"

    def encode(self) -> bytes:
        """Return the bytes of the answer."""
        return self.data + joined([self.sw1, self.sw2])


def _divided(body: list[int]) -> tuple[list[int], int | None]:
    """Return the data and the expected length in what follows the header (ISO/IEC 7816-4 §5.1)."""
    if not body:
        return [], None
    if len(body) == 1:
        return [], body[0] or _SHORT_LE
    extended = body[0] == 0
    size, most = (2, _EXTENDED_LE) if extended else (1, _SHORT_LE)
    rest = body[1:] if extended else body
    count, rest = int.from_bytes(rest[:size], "big"), rest[size:]
    if extended and not rest:
        return [], count or most
    data, le = rest[:count], rest[count:]
    if len(data) < count or len(le) not in (0, size):
        raise Malformed(f"{count} bytes are announced, {len(rest)} follow")
    return data, (int.from_bytes(le, "big") or most) if le else None
