"""Names of states, kinds and roles in the language spoken."""

from __future__ import annotations

from enum import Enum

from tla_sim.tools.language import Language, spoken_language


def word(member: Enum) -> str:
    """Return what people call a member: its name in English, with spaces for underscores, or its French
    word.
    """
    return word_in(member, spoken_language())


def word_in(member: Enum, language: Language) -> str:
    """Return the same in a language."""
    if language is Language.EN:
        return member.name.replace("_", " ")
    from tla_sim.protocol.documents.words import french_word

    return french_word(member)


def counted_word(count: int, member: Enum) -> str:
    """Return a number of documents with their state: `2 LOADED`, `2 CHARGÉES`."""
    plural = "S" if count > 1 and spoken_language() is Language.FR else ""
    return f"{count} {word(member)}{plural}"
