"""What `tla` says, in English and French. The reader's own screens are French in either.

The code says its sentences in English, as templates with named values. Where they leave for the terminal
(`tla_sim.tools.cli.output`, `tla_sim.tools.cli.failure`, the help) each is looked up by its template in a
gettext catalogue, and said in French with the values in place. So no module has to know of languages, and a
sentence that nobody translated is said in English, never wrong.
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
    """The language that is spoken now."""
    return _spoken


def speak(language: Language) -> None:
    """Speak a language from now on."""
    global _spoken
    _spoken = language


def colon() -> str:
    """What stands behind a question or a heading: French sets a blank before it."""
    return ": " if _spoken is Language.EN else " : "


def language_of_environment() -> Language:
    """The language that the environment asks for: TLA_LANG, else what gettext looks at; else English."""
    for name in _VARIABLES:
        value = os.environ.get(name, "")
        if value:
            return Language.FR if value.lower().startswith("fr") else Language.EN
    return Language.EN


def localise(text: str) -> str:
    """A sentence as it is to be said: `text` itself in English, or where there is no translation."""
    if _spoken is Language.EN or not text:
        return text
    from tla_sim.tools.language.french import to_french

    return to_french(text)
