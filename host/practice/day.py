"""A day as people write it, and why something that is written like a day is none. Project-defined."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Any, Final

from tla_sim.host.practice.problem import Unfit
from tla_sim.protocol.sentence import Sentence

DAY_PATTERN: Final = r"^(19|20)\d\d-\d\d-\d\d$"
"""How a day is written, for a JSON Schema: which days exist is beyond it."""

_WRITTEN: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_FORM: Final = Sentence("a date written YYYY-MM-DD")
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2099


def read_day(text: Any) -> date:
    """The day written `YYYY-MM-DD`, of the years 1900 to 2099.

    Raises Unfit, which tells a day that does not exist from a text that is not written like one.
    """
    match = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Unfit(_FORM)
    year, month, day = (int(each) for each in match.groups())
    check_day_exists(year, month, day)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Unfit(
            Sentence("a year from {first_year} to {last_year}", first_year=_FIRST_YEAR, last_year=_LAST_YEAR)
        )
    return date(year, month, day)


def check_beginning(text: str) -> None:
    """Raises Unfit for a text that begins with a day which does not exist, whatever follows it."""
    match = _WRITTEN.match(text)
    if match is not None:
        check_day_exists(*(int(each) for each in match.groups()))


def check_day_exists(year: int, month: int, day: int) -> None:
    """Raises Unfit with what is wrong for a day that no calendar has, such as 29 February 2019."""
    if not 1 <= month <= 12:
        raise Unfit(Sentence("a day that exists: a year has 12 months"))
    last = calendar.monthrange(max(year, 1), month)[1]
    if not 1 <= day <= last:
        raise Unfit(
            Sentence(
                "a day that exists: {year:04}-{month:02} has {last} days", year=year, month=month, last=last
            )
        )
