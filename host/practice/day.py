"""Days as users write them, and why a text that looks like a day is not one. Project-defined."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Any, Final

from tla_sim.host.practice.problem import Unfit
from tla_sim.protocol.sentence import Sentence

DAY_PATTERN: Final = r"^(19|20)\d\d-\d\d-\d\d$"
"""The form of a day for a JSON Schema, which cannot say which days exist."""

DAY_FORM: Final = Sentence("a date written YYYY-MM-DD")
"""What is said where a day is expected and something else is written."""

_WRITTEN: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2099


def read_day(text: Any) -> date:
    """Return the day written as `YYYY-MM-DD`, of the years 1900 to 2099.

    Raises `Unfit`, with one text for a day that does not exist and another for a text that is not written so.
    """
    match = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Unfit(DAY_FORM)
    year, month, day = (int(each) for each in match.groups())
    check_day_exists(year, month, day)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Unfit(
            Sentence("a year from {first_year} to {last_year}", first_year=_FIRST_YEAR, last_year=_LAST_YEAR)
        )
    return date(year, month, day)


def check_beginning(text: str) -> None:
    """Refuse a text that begins with a day that does not exist, whatever follows it. Raises `Unfit`."""
    match = _WRITTEN.match(text)
    if match is not None:
        check_day_exists(*(int(each) for each in match.groups()))


def check_day_exists(year: int, month: int, day: int) -> None:
    """Refuse a day that is in no calendar, such as 29 February 2019. Raises `Unfit` saying what is wrong."""
    if not 1 <= month <= 12:
        raise Unfit(Sentence("a day that exists: a year has 12 months"))
    last = calendar.monthrange(max(year, 1), month)[1]
    if not 1 <= day <= last:
        raise Unfit(
            Sentence(
                "a day that exists: {year:04}-{month:02} has {last} days", year=year, month=month, last=last
            )
        )
