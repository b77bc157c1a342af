"""The numbers that insured people are known by: their forms, whose they are, and their key.

Besides the NIR of somebody registered for good (first digit 1 or 2), people have numbers while they wait for
one: 3 and 4 while they are being registered, 7 and 8 a waiting number, 5 and 6 a migrant's who passes
through (then 1 or 2, three digits of the fund, eight of its own count), and 555555 with seven more digits
one that the agricultural scheme (MSA) gives. Months beyond 12 stand for certificates without a month.
Sources: the Insee's description of the NIR, the insurance fund's public rules for 5 to 8, and reports of
users for 555555. What else the digits of a waiting number mean is not looked at.
"""

from __future__ import annotations

import re
from typing import Final

AGRICULTURAL_REGIME: Final = "02"
PATTERN: Final = r"[123478][0-9]{4}([0-9]{2}|2[AB])[0-9]{6}|[56][12][0-9]{11}|555555[0-9]{7}"
"""What a number looks like."""

_FITS: Final = re.compile(PATTERN)
_WAITING: Final = re.compile(r"[56][0-9]{12}")
_AGRICULTURAL: Final = "555555"
_CORSICA: Final = {"2A": "19", "2B": "18"}


def is_nir(number: str) -> bool:
    """Whether a number has one of the forms."""
    return _FITS.fullmatch(number) is not None


def begins_like_no_other(number: str) -> bool:
    """Whether a number begins with 5 or 6 and goes on as none of those does."""
    return _WAITING.fullmatch(number) is not None and not is_nir(number)


def is_agricultural(number: str) -> bool:
    """Whether it is a provisional number of the agricultural scheme."""
    return number.startswith(_AGRICULTURAL)


def nir_key(nir: str) -> str:
    """The two-digit key of a number of 13 characters: 97 - (NIR mod 97), Corsica's 2A as 19 and 2B as 18."""
    department = nir[5:7]
    digits = nir[:5] + _CORSICA.get(department, department) + nir[7:]
    return f"{97 - int(digits) % 97:02}"
