"""What the routes of editing take and give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, JsonValue

from tla_sim.host.practice.problem import PlaceNamed, Problem, phrase
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.web.api.model import Given, LanguageWord, Told
from tla_sim.tools.web.surgery.answers import Say

VERSION = "^[0-9a-f]{16}$"
"""How the version of a practice is written."""


class PracticeFile(Told):
    """The practice as a practice file has it, and the JSON Schema of such a file.

    `version` names this content, and is given back with what is to take its place. `next_numbers` has the
    number that a new invoice of each owner may have, by billing number; `file` names the file that an edited
    practice can be written to, if there is one. `codes` are by part and field, as `InvoiceCoverage.nature`.
    """

    version: str
    practice: dict[str, JsonValue]
    json_schema: dict[str, JsonValue]
    next_numbers: dict[str, str]
    file: str | None
    codes: dict[str, CodeList]


class ProblemNow(Told):
    """A problem of a practice file. `place` reads `invoices[3].acts[1].amount`, and is empty for the whole
    file; `sentence` tells place, line, what was found and what was expected, `told` the last two alone.
    `named` are the places that these name besides.
    """

    place: str
    line: int
    sentence: str
    told: str
    named: list[str]


class CodeWords(Told):
    """A code with its meaning in each language."""

    code: str
    words: dict[LanguageWord, str]


class CodeList(Told):
    """The codes of a field that have a public meaning; `closed`: the field has no other."""

    closed: bool
    codes: list[CodeWords]


class Checked(Told):
    """The problems of a practice file; none: it is valid. `complete` is false when there are more."""

    problems: list[ProblemNow]
    complete: bool


class InvoiceOrder(Given):
    """An invoice as a practice file has it, which need not be complete."""

    invoice: dict[str, JsonValue]


class NewInvoiceOrder(InvoiceOrder):
    """A new invoice for the practice of a version; `write`: its file is written, too."""

    version: Annotated[str, Field(pattern=VERSION)]
    write: bool = False


class InvoiceTotals(Told):
    """The totals of an invoice as a practice file has them; none unless its acts and coverage are sound."""

    totals: dict[str, str] | None


class Taken(Told):
    """What the practice is now; `written` names the file that it was written to, if that was wanted."""

    version: str
    written: str | None


def checked(problems: Sequence[Problem], say: Say, *, complete: bool = True) -> Checked:
    """Word the problems of a practice file."""
    return Checked(
        problems=[
            ProblemNow(
                place=each.place,
                line=each.line,
                sentence=say(str(each)),
                told=say(_told(each)),
                named=list(_named(each.expected)),
            )
            for each in problems
        ],
        complete=complete,
    )


def _told(problem: Problem) -> str:
    if problem.found in ("nothing", phrase("")):
        return Sentence("Expected: {expected}", expected=problem.expected)
    return Sentence("Found {found}, expected {expected}", found=problem.found, expected=problem.expected)


def _named(text: object) -> Iterator[str]:
    if isinstance(text, PlaceNamed):
        yield str(text)
    elif isinstance(text, Sentence):
        for each in text.values.values():
            yield from _named(each)
