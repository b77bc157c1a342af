"""What a declaration lets through and what lies just beyond it, read off the declared fields.

`field_node` makes a node of a field's form; each node can write a valid value, a boundary, one off it, or a
value of the wrong type, as bytes. Values that only the world knows (an owner that exists, a sound invoice)
come from a `Lexicon` by field name. Nothing here says what a command looks like: `protocol` does.
Project-defined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any, Final

from tla_sim.protocol.wire import forms
from tla_sim.protocol.wire.record import Record, WireField
from tla_sim.tools.fuzz.chance import Chance, pick

Lexicon = Mapping[str, Sequence[bytes]]
"""Wire bytes worth trying for a field, by the field's name."""

NO_WORDS: Final[Lexicon] = {}
_SAMPLES: Final = (b"", b"1", b"A", b"75600001", b"\x1f", b"0" * 9)
_NOT_UTF8: Final = (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80")
_TEXTS: Final = ("", "0", "75600001", "TLA", "é" * 3, "\0", "a" * 31)
_LONG: Final = 40


class Shade(Enum):
    """How near to its declaration a value is."""

    VALID = "valid"
    BOUNDARY = "boundary"
    OFF_BY_ONE = "off by one"
    WRONG_TYPE = "wrong type"


@dataclass(frozen=True)
class Node:
    """One part of a structure. `write` gives the bytes of a value of some shade."""

    name: str

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Bytes of this part."""
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Node):
    """An unsigned number of `size` bytes, one of `choices` if there are any."""

    size: int
    choices: tuple[int, ...] = ()
    _edges: tuple[bytes, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        top = 256**self.size
        edges = {0, 1, top - 1, top // 2, top // 2 - 1}
        if self.choices:
            edges |= {min(self.choices), max(self.choices)}
        object.__setattr__(self, "_edges", tuple(each.to_bytes(self.size, "big") for each in sorted(edges)))

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Big-endian bytes; off by one is next to a declared choice or an edge, wrong type a byte short."""
        match shade:
            case Shade.VALID:
                known = words.get(self.name)
                if known and chance.below(4):
                    return pick(chance, known)
                if self.choices:
                    return pick(chance, self.choices).to_bytes(self.size, "big")
                return chance.below(16).to_bytes(self.size, "big") if chance.below(2) else self._any(chance)
            case Shade.BOUNDARY:
                return pick(chance, self._edges)
            case Shade.OFF_BY_ONE:
                base = (
                    pick(chance, self.choices) if self.choices else int.from_bytes(pick(chance, self._edges))
                )
                beside = (base + 1 - 2 * chance.below(2)) % int(256**self.size)
                return beside.to_bytes(self.size, "big")
            case Shade.WRONG_TYPE:
                return chance.data(self.size - 1)

    def _any(self, chance: Chance) -> bytes:
        return chance.data(self.size)


@dataclass(frozen=True)
class Fixed(Node):
    """Exactly `size` bytes."""

    size: int

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """So many bytes; off by one has one more or less."""
        match shade:
            case Shade.VALID:
                known = words.get(self.name)
                return pick(chance, known) if known and chance.below(8) else chance.data(self.size)
            case Shade.BOUNDARY:
                return pick(chance, (b"\0", b"\xff")) * self.size
            case Shade.OFF_BY_ONE:
                return chance.data(max(self.size + 1 - 2 * chance.below(2), 0))
            case Shade.WRONG_TYPE:
                return chance.data(chance.below(2 * self.size + 1))


@dataclass(frozen=True)
class Blob(Node):
    """Bytes behind a length of `prefix` bytes; `text` says they are UTF-8."""

    prefix: int
    text: bool = False

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Off by one has a length that is one more or less than what follows."""
        match shade:
            case Shade.VALID:
                known = words.get(self.name)
                if known and chance.below(8):
                    return pick(chance, known)
                if self.text:
                    return self._sized(pick(chance, _TEXTS).encode())
                return self._sized(
                    pick(chance, _SAMPLES) if chance.below(2) else chance.data(chance.below(_LONG))
                )
            case Shade.BOUNDARY:
                return self._sized(b"0" * pick(chance, (0, 1, 254, 255)))
            case Shade.OFF_BY_ONE:
                body = pick(chance, _SAMPLES)
                stated = (len(body) + 1 - 2 * chance.below(2)) % int(256**self.prefix)
                return stated.to_bytes(self.prefix, "big") + body
            case Shade.WRONG_TYPE:
                return self._sized(pick(chance, _NOT_UTF8) if self.text else chance.data(chance.below(_LONG)))

    def _sized(self, body: bytes) -> bytes:
        return len(body).to_bytes(self.prefix, "big") + body


@dataclass(frozen=True)
class Many(Node):
    """Items behind a count of `prefix` bytes."""

    prefix: int
    item: Node

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Off by one states one item more or less than there is."""
        known = words.get(self.name)
        if known and shade is Shade.VALID and chance.below(8):
            return pick(chance, known)
        count = chance.below(4) if shade is not Shade.BOUNDARY else pick(chance, (0, 1, 40))
        inner = Shade.VALID if shade is Shade.OFF_BY_ONE else shade
        body = b"".join(self.item.write(chance, inner, words) for _ in range(count))
        if shade is Shade.OFF_BY_ONE:
            count = (count + 1 - 2 * chance.below(2)) % 256**self.prefix
        return count.to_bytes(self.prefix, "big") + body


@dataclass(frozen=True)
class Group(Node):
    """Parts one behind another."""

    parts: tuple[Node, ...]

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """All parts valid but one, which is of the shade."""
        return b"".join(self.pieces(chance, shade, words))

    def pieces(self, chance: Chance, shade: Shade, words: Lexicon) -> list[bytes]:
        """The bytes of each part."""
        odd = -1 if shade is Shade.VALID or not self.parts else chance.below(len(self.parts))
        return [
            part.write(chance, shade if at == odd else Shade.VALID, words)
            for at, part in enumerate(self.parts)
        ]


def field_node(name: str, wire: WireField) -> Node:
    """The node of one declared field."""
    match wire.form:
        case forms.Number(size):
            return Number(name, size, () if wire.enum is None else tuple(int(member) for member in wire.enum))
        case forms.Flag():
            return Number(name, 1, (0, 1))
        case forms.Fixed(size):
            return Fixed(name, size)
        case forms.Blob(length, is_text):
            return Blob(name, length.size, is_text)
        case forms.Many(count, forms.Blob(length, is_text)):
            return Many(name, count.size, Blob(name, length.size, is_text))
        case forms.Many(count, Record() as nested):
            return Many(name, count.size, record_node(nested))
    raise TypeError(f"no grammar for {wire.form}")


@cache
def record_node(record: Record[Any]) -> Group:
    """The parts of a declared record."""
    return Group(record.type.__name__, tuple(field_node(name, wire) for name, wire in record.fields.items()))
