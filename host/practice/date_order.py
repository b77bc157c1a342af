"""In which order the dates of an invoice stand: birth, prescription, acts, invoice.

The order is that of the acts themselves: what is billed was done, after it was prescribed, on somebody who
was born. Said once for practice files and for whatever else dates an invoice. Project-defined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.host.strict_json import Location

MATERNITY: Final = "30"
"""The nature of insurance whose event may lie ahead of the invoice: a birth that is expected."""


@dataclass(frozen=True, kw_only=True)
class InvoiceDates:
    """The dates of one invoice; `born` is the beneficiary's birth date, AAAAMMJJ as the card has it."""

    made_on: date
    acts: Sequence[date]
    born: str = ""
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


def out_of_order(dates: InvoiceDates) -> Iterator[Disorder]:
    """Every date of an invoice that is out of order."""
    for index, day in enumerate(dates.acts):
        place = ("acts", index, "date")
        if day > dates.made_on:
            yield Disorder(place, day, f"{dates.made_on} or earlier, the day of its invoice")
        if born_after(dates.born, day):
            yield Disorder(place, day, f"{written_birth(dates.born)} or later, the birth of its patient")
    yield from _prescription(dates)
    event = dates.event_on
    if event is not None and event > dates.made_on and dates.nature != MATERNITY:
        expected = f"{dates.made_on} or earlier, the day of its invoice"
        yield Disorder(("coverage", "event_date"), event, expected)


def _prescription(dates: InvoiceDates) -> Iterator[Disorder]:
    prescribed, agreed = dates.prescribed_on, dates.agreed_on
    first = min(dates.acts, default=dates.made_on)
    if prescribed is not None and prescribed > first:
        yield Disorder(("prescription", "date"), prescribed, f"{first} or earlier, the day of its first act")
    if agreed is None:
        return
    place = ("prescription", "prior_agreement_date")
    if prescribed is not None and agreed < prescribed:
        yield Disorder(place, agreed, f"{prescribed} or later, the day of its prescription")
    elif agreed > dates.made_on:
        yield Disorder(place, agreed, f"{dates.made_on} or earlier, the day of its invoice")


def born_after(born: str, day: date) -> bool:
    """Whether somebody was born after a day, as far as the birth date AAAAMMJJ tells.

    Of a date whose month no calendar has (00, or 20 and more of a lunar calendar) only the year counts; a day
    of 00 counts as any.
    """
    if not born:
        return False
    year, month, day_of_month = int(born[:4]), int(born[4:6]), int(born[6:])
    if year != day.year or not 1 <= month <= 12:
        return year > day.year
    return (month, day_of_month) > (day.month, day.day)


def written_birth(born: str) -> str:
    """A birth date as practice files write it: `19550812` -> `1955-08-12`."""
    return f"{born[:4]}-{born[4:6]}-{born[6:]}"
