"""The order in which an invoice's dates must stand: birth, prescription, acts, invoice.

An act is billed after it was done, done after it was prescribed, and done for a person already born. Practice
files and everything else that dates an invoice share this rule. Project-defined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.host.strict_json import Location
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.sentence import Sentence

MATERNITY: Final = "30"
"""The nature of insurance (maternity) whose event, the expected birth, may be after the invoice."""


@dataclass(frozen=True, kw_only=True)
class InvoiceDates:
    """The dates of one invoice; `born` is the beneficiary's birth date."""

    made_on: date
    acts: Sequence[date]
    born: BirthDate | None = None
    prescribed_on: date | None = None
    agreed_on: date | None = None
    event_on: date | None = None
    nature: str = ""


@dataclass(frozen=True)
class Disorder:
    """A date out of order: where it stands in an invoice of a practice file, and what was expected there."""

    place: Location
    found: date
    expected: str


def find_disorder(dates: InvoiceDates) -> Iterator[Disorder]:
    """Yield every date of an invoice that is out of order."""
    for index, day in enumerate(dates.acts):
        place = ("acts", index, "date")
        if day > dates.made_on:
            yield Disorder(
                place, day, Sentence("{made_on} or earlier, the day of its invoice", made_on=dates.made_on)
            )
        if dates.born is not None and dates.born.after(day):
            yield Disorder(
                place, day, Sentence("{iso} or later, the birth of its patient", iso=dates.born.iso)
            )
    yield from _prescription(dates)
    event = dates.event_on
    if event is not None and event > dates.made_on and dates.nature != MATERNITY:
        expected = Sentence("{made_on} or earlier, the day of its invoice", made_on=dates.made_on)
        yield Disorder(("coverage", "event_date"), event, expected)


def _prescription(dates: InvoiceDates) -> Iterator[Disorder]:
    prescribed, agreed = dates.prescribed_on, dates.agreed_on
    first = min(dates.acts, default=dates.made_on)
    if prescribed is not None and prescribed > first:
        yield Disorder(
            ("prescription", "date"),
            prescribed,
            Sentence("{first} or earlier, the day of its first act", first=first),
        )
    if agreed is None:
        return
    place = ("prescription", "prior_agreement_date")
    if prescribed is not None and agreed < prescribed:
        yield Disorder(
            place,
            agreed,
            Sentence("{prescribed} or later, the day of its prescription", prescribed=prescribed),
        )
    elif agreed > dates.made_on:
        yield Disorder(
            place, agreed, Sentence("{made_on} or earlier, the day of its invoice", made_on=dates.made_on)
        )
