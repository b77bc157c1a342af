"""The values given in a card text: each is read for what it must be, or refused with its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from tla_sim.host.practice.problem import phrase
from tla_sim.host.strict_json import Location
from tla_sim.protocol.sentence import Sentence

NOTE: Final = "note"
"""The key that every object may have: words for people, which reading passes over."""

E = TypeVar("E", bound=Enum)
T = TypeVar("T")


class Flawed(Exception):
    """A value cannot be used: its place, what was found there, and what was expected."""

    def __init__(self, location: Location, found: str, expected: str) -> None:
        super().__init__()
        self.location = location
        self.found = found
        self.expected = expected


class Flaws:
    """The flaws of one text, in the order in which they were met."""

    def __init__(self) -> None:
        self.found: list[Flawed] = []

    def take(self, read: Callable[[], T]) -> T | None:
        """Return what `read` returns, `None` if it met a flaw, which is kept."""
        with self.kept():
            return read()
        return None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the flaw that ends the block, so that the rest of the text is read as well."""
        try:
            yield
        except Flawed as flawed:
            self.found.append(flawed)


@dataclass(frozen=True, slots=True)
class Given:
    """A JSON value and its place. Every method raises Flawed for a value of another kind."""

    value: object
    location: Location = ()

    def flawed(self, expected: str) -> Flawed:
        """Return the refusal of this value."""
        return Flawed(self.location, phrase(self.value), expected)

    def flawed_secret(self, expected: str) -> Flawed:
        """Return the refusal of a value that may be a secret, and so is not shown."""
        return Flawed(self.location, Sentence("something else, which is not shown"), expected)

    def members(self, needed: Collection[str], others: Collection[str] = ()) -> dict[str, Given]:
        """Return the members of an object that has the keys `needed`, may have `others`, and no more."""
        known = (*needed, *others)
        if not isinstance(self.value, dict):
            raise self.flawed(Sentence("an object with the keys {keys}", keys=", ".join(known)))
        for key in self.value:
            if key not in known and key != NOTE:
                raise Flawed(
                    (*self.location, key),
                    Sentence("an unknown key"),
                    Sentence("only the keys {keys}", keys=", ".join((*known, NOTE))),
                )
        for key in needed:
            if key not in self.value:
                raise Flawed((*self.location, key), "nothing", Sentence("this key"))
        return {key: Given(self.value[key], (*self.location, key)) for key in known if key in self.value}

    def items(self) -> list[Given]:
        """Return the items of a list."""
        if not isinstance(self.value, list):
            raise self.flawed(Sentence("a list"))
        return [Given(each, (*self.location, at)) for at, each in enumerate(self.value)]

    def text(self) -> str:
        """Return a text, which UTF-8 can carry."""
        if not isinstance(self.value, str):
            raise self.flawed(Sentence("text"))
        try:
            self.value.encode()
        except UnicodeEncodeError:
            raise self.flawed(Sentence("whole characters")) from None
        return self.value

    def whole(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        value = self.value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.flawed(Sentence("a whole number from {least} to {most}", least=least, most=most))
        return value

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.flawed(Sentence("true or false"))
        return self.value

    def octets(self, least: int, most: int) -> bytes:
        """Return the bytes of a text in hex, or of a list of such texts; blanks between bytes are allowed."""
        lines = self.items() if isinstance(self.value, list) else [self]
        try:
            found = b"".join(bytes.fromhex(line.text()) for line in lines)
        except ValueError:
            found = None
        if found is None or not least <= len(found) <= most:
            raise self.flawed(
                Sentence("{least} to {most} bytes in hexadecimal", least=least, most=most)
                if least != most
                else Sentence("{most} bytes in hexadecimal", most=most)
            )
        return found

    def word(self, words: type[E]) -> E:
        """Return the member of an enumeration that has this name."""
        found = words.__members__.get(self.value) if isinstance(self.value, str) else None
        if found is None:
            raise self.flawed(Sentence("one of {words}", words=", ".join(words.__members__)))
        return found


def lines_of(raw: bytes, width: int = 32) -> str | list[str]:
    """Return bytes in hex as `Given.octets` reads them: a text, or a list of lines for more than `width`."""
    if len(raw) <= width:
        return raw.hex().upper()
    return [raw[at : at + width].hex().upper() for at in range(0, len(raw), width)]
