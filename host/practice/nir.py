"""The numbers of insured people: their forms, who has which, and their key.

A person who is registered for good has a NIR (first digit 1 or 2). Before that, a number begins with 3 or 4
during registration, with 7 or 8 while waiting for it, with 5 or 6 for a migrant in transit (followed by 1 or
2, three digits of the fund and eight of the fund's own count), or with 555555 and seven more digits in the
agricultural scheme (MSA). Months beyond 12 stand for birth certificates without a month. Sources: the Insee's
description of the NIR, the insurance fund's public rules for 5 to 8, and users' reports for 555555. The other
digits of a waiting number are not interpreted.
"""

from __future__ import annotations

import re
from typing import Final

AGRICULTURAL_REGIME: Final = "02"
PATTERN: Final = r"[123478][0-9]{4}([0-9]{2}|2[AB])[0-9]{6}|[56][12][0-9]{11}|555555[0-9]{7}"
"""The forms of a number, as a regular expression for a JSON Schema."""

_FITS: Final = re.compile(PATTERN)
_WAITING: Final = re.compile(r"[56][0-9]{12}")
_AGRICULTURAL: Final = "555555"
_CORSICA: Final = {"2A": "19", "2B": "18"}


def is_nir(number: str) -> bool:
    """Return whether a number has one of the valid forms."""
    return _FITS.fullmatch(number) is not None


def begins_like_no_other(number: str) -> bool:
    """Return whether a number of 13 digits begins with 5 or 6 but matches none of the forms that do."""
    return _WAITING.fullmatch(number) is not None and not is_nir(number)


def is_agricultural(number: str) -> bool:
    """Return whether a number is a provisional one of the agricultural scheme."""
    return number.startswith(_AGRICULTURAL)


def nir_key(nir: str) -> str:
    """Return the two-digit key of a 13-character number: 97 - (NIR mod 97), with Corsica's 2A as 19 and 2B as
    18."""
    department = nir[5:7]
    digits = nir[:5] + _CORSICA.get(department, department) + nir[7:]
    return f"{97 - int(digits) % 97:02}"
