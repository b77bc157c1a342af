"""Birth dates as the cards carry them: eight digits that need not be a day of the calendar.

People whose birth certificate has no day or month, or follows the lunar calendar, are registered with a
month above 12 or a day that the month does not have: 20/1942, 30 February. So a birth date is not a
`datetime.date`: nothing counts days or years with it, and two are equal when their digits are.
Source: birth dates of the RNIPP and of Vitale cards; the form AAAAMMJJ is Project-defined (the cards of the
field add hours and minutes).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_LENGTH: Final = 8
_MONTHS: Final = 12
_ISO: Final = re.compile(r"((?:18|19|20)[0-9]{2})-([0-9]{2})-([0-9]{2})")

ISO_PATTERN: Final = _ISO.pattern
"""The form of a birth date in a practice file."""


class BirthDate(str):
    """A birth date: its digits AAAAMMJJ, where month and day may be any two digits."""

    __slots__ = ()

    @classmethod
    def of_digits(cls, digits: str) -> BirthDate:
        """Return the birth date of eight digits. Raises ValueError for anything else."""
        if not (digits.isascii() and digits.isdigit() and len(digits) == _LENGTH):
            raise ValueError("8 digits")
        return cls(digits)

    @classmethod
    def of_iso(cls, text: str) -> BirthDate:
        """Return the birth date written YYYY-MM-DD, from 1800 on. Raises ValueError for anything else."""
        match = _ISO.fullmatch(text)
        if match is None:
            raise ValueError("YYYY-MM-DD")
        return cls("".join(match.groups()))

    @property
    def french(self) -> str:
        """The date as the French write it, with its digits as they are: `01/20/1942`."""
        return f"{self[6:]}/{self[4:6]}/{self[:4]}"

    @property
    def iso(self) -> str:
        """The date as files have it, with its digits as they are: `1942-20-01`."""
        return f"{self[:4]}-{self[4:6]}-{self[6:]}"

    @property
    def calendar(self) -> date | None:
        """The day of the calendar, `None` if there is no such day."""
        try:
            return date(int(self[:4]), int(self[4:6]), int(self[6:]))
        except ValueError:
            return None

    def after(self, day: date) -> bool:
        """Return whether the birth date is certainly later than `day`.

        Where the month does not exist, only the year counts; where the month does not have the day, only
        year and month.
        """
        year, month = int(self[:4]), int(self[4:6])
        if year != day.year or not 1 <= month <= _MONTHS:
            return year > day.year
        if month != day.month:
            return month > day.month
        born = self.calendar
        return born is not None and born > day
