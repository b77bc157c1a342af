"""The languages of `tla`, English and French. The reader's own screens are always French.

The code words its sentences in English, as templates with named values. On their way to the terminal
(`tla_sim.tools.cli.output`, `tla_sim.tools.cli.failure`, the help) each is looked up by its template in a
gettext catalogue, and the values are put into the French template. So no other module knows about languages,
and a sentence without a translation is said in English.
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Final

VARIABLE: Final = "TLA_LANG"
_VARIABLES: Final = (VARIABLE, "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class Language(StrEnum):
    """A language that `tla` speaks."""

    EN = "en"
    FR = "fr"


_spoken = Language.EN


def spoken_language() -> Language:
    """Return the language spoken now."""
    return _spoken


def speak(language: Language) -> None:
    """Speak a language from now on."""
    global _spoken
    _spoken = language


def colon() -> str:
    """Return the colon after a question or a heading: French puts a space before it."""
    return ": " if _spoken is Language.EN else " : "


def language_of_environment() -> Language:
    """Return the language that the environment asks for: from TLA_LANG, else from gettext's variables,
    else English.
    """
    for name in _VARIABLES:
        value = os.environ.get(name, "")
        if value:
            return Language.FR if value.lower().startswith("fr") else Language.EN
    return Language.EN


def localise(text: str) -> str:
    """Return a sentence as plain text in the language spoken; in English if there is no translation."""
    if _spoken is Language.EN or not text:
        return str.__str__(text)
    from tla_sim.tools.language.french import to_french

    return to_french(text)
