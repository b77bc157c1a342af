"""Write values that a declaration accepts, and values just beyond, from the declared fields.

`field_node` turns a field's form into a node; a node can write a valid value, a boundary, a value off by one,
or one of the wrong type, as bytes. Values that only the world knows (an existing owner, a sound invoice)
come from a `Lexicon` by field name. Only `protocol` says what a command looks like. Project-defined.
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
"""Wire bytes worth trying, by field name."""

NO_WORDS: Final[Lexicon] = {}
_SAMPLES: Final = (b"", b"1", b"A", b"75600001", b"\x1f", b"0" * 9)
_NOT_UTF8: Final = (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80")
_TEXTS: Final = ("", "0", "75600001", "TLA", "é" * 3, "\0", "a" * 31)
_LONG: Final = 40


class Shade(Enum):
    """How close a value is to its declaration."""

    VALID = "valid"
    BOUNDARY = "boundary"
    OFF_BY_ONE = "off by one"
    WRONG_TYPE = "wrong type"


@dataclass(frozen=True)
class Node:
    """One part of a structure."""

    name: str

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Return the bytes of a value of this part, of the given shade."""
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Node):
    """An unsigned number of `size` bytes, big-endian; one of `choices` if there are any."""

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
        """Write a number. Off by one is next to a declared choice or an edge, wrong type a byte short."""
        match shade:
            case Shade.VALID:
                known = words.get(self.name)
                if known and chance.below(4):
                    return pick(chance, known)
                if self.choices:
                    return pick(chance, self.choices).to_bytes(self.size, "big")
                return (
                    chance.below(16).to_bytes(self.size, "big") if chance.below(2) else chance.data(self.size)
                )
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


@dataclass(frozen=True)
class Fixed(Node):
    """Exactly `size` bytes."""

    size: int

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Write the bytes. Off by one has one more or one less."""
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
    """Bytes after a length of `prefix` bytes; `text` says that they are UTF-8."""

    prefix: int
    text: bool = False

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Write length and bytes. Off by one states a length one more or one less."""
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
    """Items after a count of `prefix` bytes."""

    prefix: int
    item: Node

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Write count and items. Off by one states one item more or one less."""
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
    """Parts one after the other."""

    parts: tuple[Node, ...]

    def write(self, chance: Chance, shade: Shade, words: Lexicon) -> bytes:
        """Write all parts, valid but for one, which has the shade."""
        return b"".join(self.pieces(chance, shade, words))

    def pieces(self, chance: Chance, shade: Shade, words: Lexicon) -> list[bytes]:
        """Return the bytes of each part, valid but for one, which has the shade."""
        odd = -1 if shade is Shade.VALID or not self.parts else chance.below(len(self.parts))
        return [
            part.write(chance, shade if at == odd else Shade.VALID, words)
            for at, part in enumerate(self.parts)
        ]


def field_node(name: str, wire: WireField) -> Node:
    """Return the node of a declared field. Raises TypeError for a form that it does not know."""
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
    """Return the node of a declared record."""
    return Group(record.type.__name__, tuple(field_node(name, wire) for name, wire in record.fields.items()))
