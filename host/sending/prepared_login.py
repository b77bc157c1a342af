"""Preparing names and passwords for a login: SASLprep, which leaves ASCII as it is.

Source: RFC 4013, required by RFC 4616 §2; Unicode 3.2 as in the standard library's `stringprep`.
"""

from __future__ import annotations

import stringprep
import unicodedata
from typing import Final

from tla_sim.host.sending.errors import BadMailLogin

_PROHIBITED: Final = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def prepare_login(text: str) -> str:
    """Return a user name or password in SASLprep's single form for what looks alike.

    Raises `BadMailLogin`.
    """
    spaced = "".join(" " if stringprep.in_table_c12(each) else each for each in text)
    mapped = "".join(each for each in spaced if not stringprep.in_table_b1(each))
    made = unicodedata.normalize("NFKC", mapped)
    if any(table(each) for table in _PROHIBITED for each in made) or not _one_direction(made):
        raise BadMailLogin(
            "The user name or the password has a character that no login may have", "Correct it"
        )
    return made


def _one_direction(text: str) -> bool:
    """Return whether the text is entirely left-to-right or entirely right-to-left. Source: RFC 3454 §6."""
    if not any(stringprep.in_table_d1(each) for each in text):
        return True
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(stringprep.in_table_d2(each) for each in text)
