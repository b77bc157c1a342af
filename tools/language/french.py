"""French by template: a sentence is looked up whole in the catalogue, and its values are put in place."""

from __future__ import annotations

import gettext
from enum import Enum
from functools import cache
from string import Formatter
from typing import Any, Final

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Joined, Quantity, Sentence
from tla_sim.tools.language.catalogue import MO
from tla_sim.tools.language.catalogue import french as recognised

_NUMBERS: Final = str.maketrans({",": "\u00a0", ".": ","})
"""Thousands set apart by a space that no line breaks at, decimals behind a comma."""


def french(text: str) -> str:
    """Say a text in French, as far as the catalogue knows it."""
    if isinstance(text, Joined):
        return _said(text.template).join(french(part) for part in text.parts)
    if isinstance(text, Quantity):
        template = _several(text)
        return (
            recognised().sentence(text) if template is None else _IN_FRENCH.vformat(template, (), text.values)
        )
    if not isinstance(text, Sentence) or not text.values:
        known = _known(text)
        return recognised().sentence(text) if known is None else known
    template = _known(text.template)
    if template is None:
        return recognised().sentence(text)
    return _IN_FRENCH.vformat(template, (), text.values)


def _said(text: str) -> str:
    known = _known(text)
    return text if known is None else known


def _known(text: str) -> str | None:
    """The French of a whole text; one that begins small may be in the catalogue with a capital."""
    found = _statuses().get(text) or _catalogue().gettext(text)
    if found != text:
        return found
    if text[:1].islower() and " " in text:
        capital = text[0].upper() + text[1:]
        found = _catalogue().gettext(capital)
        if found != capital:
            return found[0].lower() + found[1:]
    return None


def _several(text: Quantity) -> str | None:
    """The French for so many, which may be in the plural where English is not, and the other way round."""
    found = _catalogue().ngettext(text.template, text.several, text.number)
    return None if found in (text.template, text.several) else found


class _InFrench(Formatter):
    """Puts values into a French template, each as French writes it.

    A place may say of which class a value is the name (`{state:LedgerState}`): its French word stands there.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        from tla_sim.protocol.documents.words import FRENCH, french_word

        if format_spec in FRENCH:
            name = value.name if isinstance(value, Enum) else str(value)
            return FRENCH[format_spec].get(name, name)
        if isinstance(value, TlaError):
            told = french(value.message)
            return f"{told}. {french(value.action)}" if value.action else told
        if isinstance(value, Sentence):
            return format(french(value), format_spec)
        if isinstance(value, str):
            return format(_said(value) if " " in value else value, format_spec)
        if isinstance(value, Enum):
            return format(french_word(value), format_spec)
        said = format(value, format_spec)
        return said.translate(_NUMBERS) if isinstance(value, int | float) else said


_IN_FRENCH: Final = _InFrench()


@cache
def _catalogue() -> gettext.NullTranslations:
    with MO.open("rb") as file:
        return gettext.GNUTranslations(file)


@cache
def _statuses() -> dict[str, str]:
    """What the status words say themselves, in both languages."""
    from tla_sim.protocol.commands.status import Status

    said = {status.en: status.fr for status in Status}
    return said | {status.en_action: status.fr_action for status in Status}
