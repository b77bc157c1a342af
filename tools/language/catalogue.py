"""The French catalogue: sentences by template, values put back in place."""

from __future__ import annotations

import gettext
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from protocol.status import Status

FOLDER: Final = Path(__file__).resolve().parent
DOMAIN: Final = "tla"
MO: Final = FOLDER / "fr" / "LC_MESSAGES" / f"{DOMAIN}.mo"
_LEAST_LETTERS: Final = 4
_DEEPEST: Final = 4
_JOINTS: Final = {
    "\n": "\n",
    ". ": ". ",
    "; ": " ; ",
    ": ": " : ",
    " / ": " / ",
    ", ": ", ",
    " and ": " et ",
}
"""Where a text that is known only in parts is put together, and how French does that."""
_ASIDE: Final = re.compile(r"(.+) \(([^()]+)\)")
_COUNTED: Final = re.compile(r"(\d[\d,]*) (\S.*)")


class French:
    """All sentences, those without values and those with."""

    def __init__(self, pairs: dict[str, str]) -> None:
        self._exact = {english: french for english, french in pairs.items() if "{}" not in english}
        templates = [(english, french) for english, french in pairs.items() if "{}" in english]
        templates = [pair for pair in templates if _tells(pair[0])]
        templates.sort(key=lambda pair: (-_letters(pair[0]), pair[0].count("{}"), pair[0]))
        self._templates = [(_pattern(english), french) for english, french in templates]
        self.sentence = lru_cache(maxsize=2_000)(self._sentence)

    def _sentence(self, text: str, depth: int = 0) -> str:
        """A text said in French, as far as it is known."""
        found = self._known(text, depth)
        if found is not None or depth > _DEEPEST:
            return text if found is None else found
        aside = _ASIDE.fullmatch(text)
        if aside is not None:
            return f"{self._sentence(aside[1], depth + 1)} ({self._sentence(aside[2], depth + 1)})"
        for separator, french in _JOINTS.items():
            if separator in text:
                parts = text.split(separator)
                said = [self._sentence(part, depth + 1) for part in parts]
                if said != parts:
                    return french.join(said)
        counted = _COUNTED.fullmatch(text)
        if counted is not None:
            return f"{counted[1]} {self._known(counted[2], 0) or counted[2]}"
        return text

    def _known(self, text: str, depth: int) -> str | None:
        """What a whole text is in French. A single word inside a sentence is a name or a value, never said
        otherwise."""
        bare = text.strip()
        exact = self._exact.get(text)
        if exact is not None and (depth == 0 or " " in bare):
            return exact
        if bare != text and bare:
            inner = self._known(bare, depth)
            return None if inner is None else text.replace(bare, inner)
        for pattern, french in self._templates:
            match = pattern.fullmatch(text)
            if match is not None:
                return _filled(french, [self._value(value, depth) for value in match.groups()])
        if text.endswith(".") and " " in text:
            inner = self._known(text[:-1], depth)
            return None if inner is None else f"{inner}."
        return None

    def _value(self, text: str, depth: int) -> str:
        """A value inside a sentence: itself, unless it is a piece of language too."""
        return self._sentence(text, depth + 1) if depth < _DEEPEST else text


def _tells(template: str) -> bool:
    """Whether a template has words enough that nothing else looks like it."""
    return _letters(template) >= _LEAST_LETTERS or template[:3].isalpha()


def _letters(template: str) -> int:
    return sum(character.isalpha() for character in template)


def _pattern(template: str) -> re.Pattern[str]:
    over_lines = re.DOTALL if "\n" in template else 0
    return re.compile("(.*?)".join(re.escape(part) for part in template.split("{}")), over_lines)


def _filled(french: str, values: list[str]) -> str:
    parts = french.split("{}")
    if len(parts) == len(values) + 1:
        return "".join(part + value for part, value in zip(parts, [*values, ""], strict=True))
    for number, value in enumerate(values):
        french = french.replace(f"{{{number}}}", value)
    return french


class _Mo(gettext.GNUTranslations):
    """A compiled catalogue whose entries can be walked."""

    def pairs(self) -> dict[str, str]:
        """English to French."""
        entries: dict[str, str] = vars(self)["_catalog"]
        return {english: french for english, french in entries.items() if english and french}


@cache
def french() -> French:
    """The catalogue that is shipped, and the status words, which say themselves in both languages."""
    with MO.open("rb") as file:
        pairs = _Mo(file).pairs()
    for status in Status:
        pairs[status.en] = status.fr
        if status.en_action:
            pairs[status.en_action] = status.fr_action
    return French(pairs)
