"""Dates and times in the texts of a call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused

_FORMS: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
"""The form of a text by its length. Source: the public prototypes; that all three are read is inferred."""


def moment_of(text: str, *lengths: int) -> int:
    """Return the moment of a text, in ms since 1970-01-01 00:00 of the reader's local time.

    `lengths` are the numbers of digits allowed: 8 AAAAMMJJ, 12 AAAAMMJJhhmm, 14 AAAAMMJJhhmmss. Raises
    CallRefused with F802 for another length, no date, or one before 1970.
    """
    if len(text) in lengths and text.isascii() and text.isdigit():
        try:
            moment = datetime.strptime(text, _FORMS[len(text)]).replace(tzinfo=UTC)
        except ValueError:
            pass
        else:
            if moment.year >= datetime.fromtimestamp(0, UTC).year:
                return int(moment.timestamp()) * 1000
    raise CallRefused(SsvCode.INPUT, "{text!r} is not a date", "Write AAAAMMJJ, then hhmm", text=text)


def moment_digits(moment: int) -> str:
    """Return a moment (ms since 1970-01-01 00:00, reader local time) as AAAAMMJJhhmm."""
    told = datetime.fromtimestamp(moment // 1000, UTC)
    return f"{told.year:04}{told.month:02}{told.day:02}{told.hour:02}{told.minute:02}"
