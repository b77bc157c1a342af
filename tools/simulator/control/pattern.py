"""Regular expressions from users, searched in a time that grows with text and pattern only.

Python's own would try every way to match, and a few characters of pattern can make that take years. Here all
ways are followed side by side (Thompson's construction), so there is no such pattern.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.simulator.control.pattern_syntax import (
    Assert,
    Char,
    Choice,
    Node,
    Place,
    Repeat,
    Sequence,
    WrongPattern,
    parse,
)

MAX_PATTERN: Final = 200
MAX_STATES: Final = 1_000
_WORD: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class BadPattern(TlaError, ValueError):
    """The regular expression cannot be understood, or is too large."""

    category = Category.BAD_INPUT


class Pattern:
    r"""A regular expression without regard to capitals.

    It knows `.`, `[…]`, `\d \w \s \D \W \S`, `\b`, `^` and `$` at line ends, `|`, groups, `* + ? {m,n}`.
    Raises BadPattern for anything else, for more than 200 characters, and for repetitions that are too many.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > MAX_PATTERN:
            raise BadPattern(
                "The regular expression is longer than {most} characters", "Shorten it", most=MAX_PATTERN
            )
        try:
            tree = parse(text)
            self._program = _Program()
            self._program.add(tree)
        except WrongPattern as wrong:
            raise BadPattern(
                "The regular expression {text!r} cannot be used: {problem}",
                "Use letters, . [] () | * + ? {{m,n}} ^ $ \\d \\w \\s \\b",
                text=text,
                problem=wrong.problem,
            ) from None

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def found_in(self, text: str) -> bool:
        """Return whether the expression matches anywhere in a text."""
        return self._program.search(text.upper())


class _Program:
    """States of the machine: each takes a character, or goes on to others without one."""

    def __init__(self) -> None:
        self._takes: list[frozenset[str] | None] = []
        self._goes: list[tuple[int, ...]] = []
        self._asserts: list[Place | None] = []
        self._work = 0

    def add(self, node: Node) -> None:
        """Append the states of a node, entered at the first and left behind the last."""
        self._work += 1
        if self._work > MAX_STATES:
            raise WrongPattern(Sentence("it repeats too much"))
        match node:
            case Char(takes):
                self._state(takes)
            case Assert(place):
                self._state(None, place)
            case Sequence(parts):
                for part in parts:
                    self.add(part)
            case Choice(first, second):
                fork = self._state(None)
                self.add(first)
                leave = self._state(None)
                self._goes[fork] = fork + 1, len(self._goes)
                self.add(second)
                self._goes[leave] = (len(self._goes),)
            case Repeat(inner, least, most):
                self._repeat(inner, least, most)

    def _repeat(self, inner: Node, least: int, most: int | None) -> None:
        for _ in range(least):
            self.add(inner)
        if most is None:
            fork = self._state(None)
            self.add(inner)
            back = self._state(None)
            self._goes[back] = (fork,)
            self._goes[fork] = fork + 1, len(self._goes)
            return
        forks = []
        for _ in range(most - least):
            forks.append(self._state(None))
            self.add(inner)
        for fork in forks:
            self._goes[fork] = fork + 1, len(self._goes)

    def _state(self, takes: frozenset[str] | None, place: Place | None = None) -> int:
        self._takes.append(takes)
        self._asserts.append(place)
        self._goes.append((len(self._goes) + 1,))
        return len(self._goes) - 1

    def search(self, text: str) -> bool:
        """Return whether a way through all states begins anywhere in the text."""
        end = len(self._goes)
        reached: list[int] = []
        for at in range(len(text) + 1):
            states = self._spread([0, *reached], text, at)
            if end in states:
                return True
            if at < len(text):
                char = text[at]
                reached = [
                    state + 1
                    for state in states
                    if state < end and (takes := self._takes[state]) is not None and char in takes
                ]
        return False

    def _spread(self, states: list[int], text: str, at: int) -> set[int]:
        """Return these states and those that they lead to without taking a character."""
        found: set[int] = set()
        waiting = states
        end = len(self._goes)
        while waiting:
            state = waiting.pop()
            if state in found:
                continue
            found.add(state)
            if state == end or self._takes[state] is not None:
                continue
            place = self._asserts[state]
            if place is None or _holds(place, text, at):
                waiting.extend(self._goes[state])
        return found


def _holds(place: Place, text: str, at: int) -> bool:
    match place:
        case Place.LINE_START:
            return at == 0 or text[at - 1] == "\n"
        case Place.LINE_END:
            return at == len(text) or text[at] == "\n"
        case Place.WORD_EDGE:
            return (at > 0 and text[at - 1] in _WORD) != (at < len(text) and text[at] in _WORD)
