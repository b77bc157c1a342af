"""The language of an answer: what the browser asks for, English or French."""

from __future__ import annotations

from tla_sim.tools.language import Language


def choose_language(accepted: str) -> Language:
    """Return the language that an Accept-Language header (RFC 9110 §12.5.4) prefers, English if neither."""
    best, chosen = 0.0, Language.EN
    for each in accepted.split(","):
        tag, _, weight = each.strip().lower().partition(";")
        primary = tag.strip().partition("-")[0]
        quality = _quality(weight)
        if primary in ("en", "fr") and quality > best:
            best, chosen = quality, Language(primary)
    return chosen


def say(text: str, language: Language) -> str:
    """Return a sentence as plain text in a language; in English if there is no translation."""
    if language is Language.EN or not text:
        return str.__str__(text)
    from tla_sim.tools.language.french import to_french

    return to_french(text)


def _quality(weight: str) -> float:
    name, _, value = weight.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
