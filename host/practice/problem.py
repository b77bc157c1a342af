"""Errors in a file of JSON, such as a practice file: each with place, line and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tla_sim.host.strict_json import JsonNumber, Location
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence

_SHOWN_CHARACTERS: Final = 40
_SHOWN_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One error in a file.

    `place` reads `invoices[3].acts[1].amount` (positions from 0; empty: the file as a whole); `line`
    counts from 1 and is 0 where the file has no lines to speak of; `found` and `expected` are phrases.
    """

    place: str
    line: int
    found: str
    expected: str

    def __str__(self) -> str:
        where = Sentence("line {line}", line=self.line) if self.line else ""
        if self.place:
            where = Sentence("{place} ({line})", place=self.place, line=where) if where else self.place
        if self.found == "nothing":
            return Sentence(
                "{where}: found nothing, expected {expected}",
                where=where or Sentence("the file"),
                expected=self.expected,
            )
        return Sentence(
            "{where}: found {found}, expected {expected}",
            where=where or Sentence("the file"),
            found=self.found,
            expected=self.expected,
        )


class PlaceNamed(str):
    """A place of the file that a phrase names, such as `patients[0]`: who shows it may name it otherwise."""


class FlawedFile(TlaError):
    """A file in JSON cannot be used. `problems` lists every error found, in the order of the file.

    `complete` is false when there were too many to list.
    """

    category = Category.BAD_INPUT

    def __init__(self, path: str, problems: Sequence[Problem], *, complete: bool = True) -> None:
        self.path = path
        self.problems = tuple(problems)
        self.complete = complete
        count = f"{len(self.problems)}" if complete else Sentence("{count} or more", count=len(self.problems))
        said = (
            Sentence("{path} has 1 error", path=path)
            if count == "1"
            else Sentence("{path} has {count} errors", path=path, count=count)
        )
        super().__init__(said, "Correct the file; nothing was changed")

    @property
    def details(self) -> tuple[str, ...]:
        """A line for each of the first problems."""
        shown = [Sentence("  {problem}", problem=str(problem)) for problem in self.problems[:_SHOWN_PROBLEMS]]
        more = len(self.problems) > _SHOWN_PROBLEMS or not self.complete
        return (*shown, "  …") if more else tuple(shown)


class PracticeFileError(FlawedFile):
    """The practice file cannot be used. `problems` lists every error found, in the order of the file.

    `complete` is false when there were too many to list.
    """


class Unfit(ValueError):
    """A value does not fit. The error's text is a phrase saying what was expected."""


class BadValue(TlaError):
    """A value given to a function or a command breaks a rule that also holds for files.

    `where` names the argument; `found` and `expected` are phrases. Nothing was changed.
    """

    category = Category.BAD_INPUT

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(
            "{where}: found {found}, expected {expected}",
            "Correct it; nothing was changed",
            where=where,
            found=found,
            expected=expected,
        )


class UnknownOwner(TlaError):
    """No practitioner of the practice has this billing number."""

    category = Category.BAD_INPUT

    def __init__(self, owner: str, known: Sequence[str]) -> None:
        self.owner = owner
        super().__init__(
            "No practitioner bills under {owner}",
            "Use one of: {known}",
            owner=phrase(owner),
            known=", ".join(known),
        )


def phrase(value: object) -> str:
    """Return a JSON value as a short phrase that is safe to print."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case JsonNumber():
            return _cut(value.text)
        case int():
            return _cut(str(value)) if abs(value) < 10**_SHOWN_CHARACTERS else Sentence("a huge number")
        case str():
            return repr(_cut(value))
        case dict():
            return Sentence("an object")
        case list() | tuple():
            return Sentence("a list of {count}", count=len(value))
        case _:
            return type(value).__name__


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def place(location: Location) -> str:
    """Return a location in readable form: `('invoices', 3, 'owner')` gives `invoices[3].owner`."""
    out = ""
    for step in location:
        if isinstance(step, int):
            out += f"[{step}]"
        elif step.isidentifier() and len(step) <= _SHOWN_CHARACTERS:
            out += f".{step}" if out else step
        else:
            out += f"[{_cut(step)!r}]"
    return out
