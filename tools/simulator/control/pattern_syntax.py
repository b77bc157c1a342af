"""The syntax of the regular expressions that users may give, as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.display import fold

MAX_REPEAT: Final = 100


class WrongPattern(Exception):
    """The text is not an expression of this syntax; `problem` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Place(Enum):
    """A place between two characters."""

    LINE_START = auto()
    LINE_END = auto()
    WORD_EDGE = auto()


@dataclass(frozen=True, slots=True)
class Char:
    """One character out of some, which are capitals."""

    takes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Assert:
    """No character, but a place."""

    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One or the other."""

    first: Node
    second: Node


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same, `least` to `most` times; `most` is `None` for any number."""

    inner: Node
    least: int
    most: int | None


Node = Char | Assert | Sequence | Choice | Repeat

_ALL: Final = frozenset({char.upper() for char in map(chr, range(0x20, 0x7F))} | {"\n"})
_DIGITS: Final = frozenset("0123456789")
_WORD: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") | _DIGITS
_BLANKS: Final = frozenset(" \n")
_CLASSES: Final = {
    "d": _DIGITS,
    "D": _ALL - _DIGITS,
    "w": _WORD,
    "W": _ALL - _WORD,
    "s": _BLANKS,
    "S": _ALL - _BLANKS,
    "n": frozenset("\n"),
}
_PLACES: Final = {"^": Place.LINE_START, "$": Place.LINE_END}
_SPECIAL: Final = "*+?{"


def parse(text: str) -> Node:
    """Return the tree of an expression. Raises WrongPattern."""
    parser = _Parser(text)
    tree = parser.choice()
    if parser.at < len(text):
        raise WrongPattern(Sentence("a parenthesis is not open"))
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def choice(self) -> Node:
        node = self._sequence()
        while self._take("|"):
            node = Choice(node, self._sequence())
        return node

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self._text) and self._text[self.at] not in "|)":
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, node: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return node
        # Whether it takes few or many makes no difference to whether it is found.
        self._take("?")
        if self.at < len(self._text) and self._text[self.at] in _SPECIAL:
            raise WrongPattern(Sentence("a repetition is repeated"))
        return Repeat(node, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        if self._take("*"):
            return 0, None
        if self._take("+"):
            return 1, None
        if self._take("?"):
            return 0, 1
        if not self._take("{"):
            return None
        inside, closed, _ = self._text[self.at :].partition("}")
        self.at += len(inside) + 1
        low, comma, high = inside.partition(",")
        if not closed or not _small(low) or (high and not _small(high)):
            raise WrongPattern(
                Sentence("a repetition is {{m}}, {{m,}} or {{m,n}}, up to {most}", most=MAX_REPEAT)
            )
        least = int(low)
        most = least if not comma else int(high) if high else None
        if most is not None and most < least:
            raise WrongPattern(Sentence("a repetition ends before it begins"))
        return least, most

    def _atom(self) -> Node:
        char = self._next()
        match char:
            case "(":
                return self._group()
            case "[":
                return Char(self._set())
            case ".":
                return Char(_ALL - {"\n"})
            case "^" | "$":
                return Assert(_PLACES[char])
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{":
                raise WrongPattern(Sentence("nothing is before a repetition"))
            case _:
                return _literal(char)

    def _group(self) -> Node:
        if self._take("?") and not self._take(":"):
            raise WrongPattern(Sentence("of groups with a question mark only (?: is known"))
        node = self.choice()
        if not self._take(")"):
            raise WrongPattern(Sentence("a parenthesis is not closed"))
        return node

    def _escape(self) -> Node:
        char = self._next()
        if char == "b":
            return Assert(Place.WORD_EDGE)
        if char in _CLASSES:
            return Char(_CLASSES[char])
        if char.isalnum():
            raise WrongPattern(Sentence("\\{char} is not known", char=char))
        return _literal(char)

    def _set(self) -> frozenset[str]:
        negated = self._take("^")
        members: set[str] = set()
        first = True
        while first or not self._take("]"):
            first = False
            members |= self._members()
        return _ALL - members if negated else frozenset(members)

    def _members(self) -> frozenset[str]:
        low = self._next()
        if low == "\\":
            low = self._next()
            if low in _CLASSES:
                return _CLASSES[low]
            if low.isalnum():
                raise WrongPattern(Sentence("\\{char} is not known", char=low))
        rest = self._text[self.at : self.at + 2]
        if rest[:1] != "-" or len(rest) < 2 or rest[1] == "]":
            return frozenset(fold(low))
        self.at += 1
        high = self._next()
        if high == "\\" or not low.isascii() or not high.isascii() or high < low:
            raise WrongPattern(Sentence("a range of characters is wrong"))
        return frozenset(chr(code).upper() for code in range(ord(low), ord(high) + 1))

    def _next(self) -> str:
        if self.at >= len(self._text):
            raise WrongPattern(Sentence("it ends too early"))
        self.at += 1
        return self._text[self.at - 1]

    def _take(self, char: str) -> bool:
        if self._text[self.at : self.at + 1] != char:
            return False
        self.at += 1
        return True


def _literal(char: str) -> Node:
    # A character without a glyph of its own is spelt in several, as on the display.
    chars = tuple(Char(frozenset(each)) for each in ("\n" if char == "\n" else fold(char)))
    return chars[0] if len(chars) == 1 else Sequence(chars)


def _small(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MAX_REPEAT
