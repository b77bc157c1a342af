"""Translation into French: a sentence's whole template is looked up in the catalogue, then the values are
filled in.
"""

from __future__ import annotations

import gettext
from enum import Enum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Joined, Quantity, Sentence

FOLDER: Final = Path(__file__).resolve().parent
DOMAIN: Final = "tla"
MO: Final = FOLDER / "fr" / "LC_MESSAGES" / f"{DOMAIN}.mo"
_NUMBERS: Final = str.maketrans({",": "\u00a0", ".": ",", "%": "\u00a0%"})
"""French separates thousands with a non-breaking space, and decimals with a comma."""


def to_french(text: str) -> str:
    """Return a text in French, as far as the catalogue has it."""
    if isinstance(text, Joined):
        return _whole(text.template).join(map(to_french, text.parts))
    if not isinstance(text, Sentence) or not text.values:
        return _whole(text)
    if isinstance(text, Quantity):
        template = _catalogue().ngettext(text.template, text.several, text.number)
    else:
        template = _whole(text.template)
    return _IN_FRENCH.vformat(template, (), text.values)


def french_forms(text: str) -> tuple[str, ...]:
    """Return the French of a template: one text, those for one and for several things, or nothing if the
    catalogue does not have it.
    """
    if not text:
        return ()
    several = _catalogue().ngettext(text, "", 2)
    if several:
        return _catalogue().ngettext(text, "", 1), several
    found = _catalogue().gettext(text)
    return () if found == text else (found,)


def _whole(text: str) -> str:
    """Return the French of a text. A text that starts in lower case may be in the catalogue with a
    capital.
    """
    if not text:  # under which the catalogue has its own head
        return text
    found = _statuses().get(text) or _catalogue().gettext(text)
    if found == text and text[:1].islower() and " " in text:
        capital = text[0].upper() + text[1:]
        said = _catalogue().gettext(capital)
        if said != capital:
            return said[0].lower() + said[1:]
    return found


class _InFrench(Formatter):
    """A formatter that puts values into a French template, each as French writes it.

    A place may name the class of its value (`{state:LedgerState}`): the French word of that state is filled
    in.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        from tla_sim.protocol.documents.words import FRENCH, french_word

        if format_spec in FRENCH:
            name = value.name if isinstance(value, Enum) else str(value)
            return FRENCH[format_spec].get(name, name)
        if isinstance(value, TlaError):
            told = to_french(value.message)
            return f"{told}. {to_french(value.action)}" if value.action else told
        if isinstance(value, Sentence):
            return format(to_french(value), format_spec)
        if isinstance(value, str):
            return format(_whole(value) if " " in value else value, format_spec)
        if isinstance(value, Enum):
            return format(french_word(value), format_spec)
        said = format(value, format_spec)
        return said.translate(_NUMBERS) if isinstance(value, int | float) else said


_IN_FRENCH: Final = _InFrench()


@cache
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, FOLDER, ["fr"], fallback=True)


@cache
def _statuses() -> dict[str, str]:
    """Return the French of the status words' sentences, which have both languages in their declaration."""
    from tla_sim.protocol.commands.status import Status

    said = {status.en: status.fr for status in Status}
    return said | {status.en_action: status.fr_action for status in Status}
