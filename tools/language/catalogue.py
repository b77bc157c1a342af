"""The French catalogue: sentences by template, values put back in place."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final

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
_COUNTED: Final = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+) (\S.*)")
_FRAME: Final = re.compile(r"\S+|line \d+")
"""What a sentence is told behind: a name, or a line of a script."""
_NUMBER: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
_COLUMNS: Final = re.compile(r"(\s*\S.*?\s{2,})(\S.*)")
_PLURAL: Final = re.compile(r"\{\} (?!is )[A-Za-z ]+s")
_SIZE: Final = re.compile(r"(\d+)(?:\.(\d))? (B|KiB|MiB)")
PLACE: Final = re.compile(r"\{([a-z_][^{}]*)\}")
_NUMBERED: Final = re.compile(r"\{(\d)(?::(\w+))?\}")
_UNITS: Final = {"B": "o", "KiB": "Kio", "MiB": "Mio"}
_MOST_NAMES: Final = 4
"""How many colons of a text are tried for where its names end and a sentence begins."""


class French:
    """All sentences, those without values and those with."""

    def __init__(self, pairs: dict[str, str]) -> None:
        self._exact = {english: french for english, french in pairs.items() if "{}" not in english}
        templates = [(english, french) for english, french in pairs.items() if "{}" in english]
        counted = frozenset(pairs).intersection(_plurals(pairs))
        templates = [pair for pair in templates if pair[0] in counted or _tells(pair[0])]
        templates.sort(key=lambda pair: (-_letters(pair[0]), pair[0].count("{}"), pair[0]))
        self._counted = counted
        self._sorted = templates
        self.sentence = lru_cache(maxsize=2_000)(self._sentence)

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        """What each template matches. Made when the first text comes that is no sentence as it stands: the
        help has none, and making them takes longer than all the rest of a start."""
        return [(_pattern(english, english in self._counted), french) for english, french in self._sorted]

    def _sentence(self, text: str, depth: int = 0) -> str:
        """A text said in French, as far as it is known."""
        counted = _COUNTED.fullmatch(text)
        if counted is not None and counted[2] in self._exact:
            return f"{_grouped(counted[1])} {self._exact[counted[2]]}"
        found = self._framed(text, depth) or self._known(text, depth)
        if found is not None or depth > _DEEPEST:
            return text if found is None else found
        aside = _ASIDE.fullmatch(text)
        if aside is not None:
            return f"{self._sentence(aside[1], depth + 1)} ({self._sentence(aside[2], depth + 1)})"
        told = self._after_a_name(text, depth)
        if told is not None:
            return told
        for separator, french in _JOINTS.items():
            if separator in text:
                parts = text.split(separator)
                said = [self._sentence(part, depth + 1) for part in parts]
                if said != parts or (separator == ": " and self._counts(parts[0])):
                    return french.join(said)
        columns = _COLUMNS.fullmatch(text)
        if columns is not None:
            return f"{columns[1]}{self._sentence(columns[2], depth + 1)}"
        if counted is not None:
            return f"{_grouped(counted[1])} {self._known(counted[2], 0) or counted[2]}"
        return _grouped(text) if _NUMBER.fullmatch(text) else text

    def _framed(self, text: str, depth: int) -> str | None:
        """A sentence that is told behind a name (`press: a key is expected`) or in the second of two columns,
        and is better known there than the whole text is: what is around it is no part of its values."""
        at = text.find(": ")
        columns = _COLUMNS.fullmatch(text)
        if at < 0 and columns is None:
            return None
        whole = self._rank(text)
        if columns is not None and self._rank(columns[2]) < whole:
            left, bare = columns[1], columns[1].strip()
            said = left.replace(bare, self._exact.get(bare, bare) if " " in bare else bare).rstrip()
            return f"{said:<{len(left)}}{self._known(columns[2], depth)}"
        if at < 0 or "\n" in text or not _FRAME.fullmatch(text[:at]):
            return None
        rest = text[at + 2 :]
        told = self._framed(rest, depth + 1)
        if told is None and self._rank(rest) < whole:
            told = self._known(rest, depth + 1)
        return told and f"{self._sentence(text[:at], depth + 1)} : {told}"

    def _rank(self, text: str) -> int:
        """How well a text is known: 0 word for word, then by the template it first matches."""
        bare = text.strip().removesuffix(".")
        if " " in bare and (bare in self._exact or f"{bare}." in self._exact):
            return 0
        matches = (rank for rank, (pattern, _) in enumerate(self._templates, 1) if pattern.fullmatch(text))
        return next(matches, len(self._templates) + 1)

    def _counts(self, text: str) -> bool:
        """Whether a text is a number of something, which may be the same in French."""
        counted = _COUNTED.fullmatch(text)
        return counted is not None and counted[2] in self._exact

    def _after_a_name(self, text: str, depth: int) -> str | None:
        """A known sentence, whatever colons it has, behind the name of what it is about."""
        at = -1 if "\n" in text else text.find(": ")
        for _ in range(_MOST_NAMES):
            if at < 0:
                break
            said = self._known(text[at + 2 :], depth + 1)
            if said is not None:
                return f"{self._sentence(text[:at], depth + 1)} : {said}"
            at = text.find(": ", at + 2)
        return None

    def _known(self, text: str, depth: int) -> str | None:
        """What a whole text is in French. A single word inside a sentence is a name or a value, never said
        otherwise."""
        bare = text.strip()
        exact = self._exact.get(text)
        if exact is not None and (depth == 0 or " " in bare):
            return exact
        if " " in bare and bare[0].islower():
            capital = self._exact.get(f"{bare[0].upper()}{bare[1:]}")
            if capital is not None:
                return text.replace(bare, f"{capital[0].lower()}{capital[1:]}")
        if _SIZE.fullmatch(text):
            return _SIZE.sub(_size, text)
        if bare != text and bare:
            inner = self._known(bare, depth)
            return None if inner is None else text.replace(bare, inner)
        if text.endswith(".") and text[:-1] in self._exact and " " in text:
            return f"{self._exact[text[:-1]]}."
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


def _plurals(pairs: Iterable[str]) -> Iterator[str]:
    """Templates of counted things, in the singular and the plural: `{} file`, `{} files`."""
    for english in pairs:
        if _PLURAL.fullmatch(english):
            yield from (english, english[:-1])


def _pattern(template: str, counted: bool) -> re.Pattern[str]:
    """What a template matches; only a number stands before a counted thing or behind `line`."""
    over_lines = re.DOTALL if "\n" in template else 0
    parts = [re.escape(part) for part in template.split("{}")]
    first = r"(\d[\d.,]*)" if counted or template.startswith("line {}") else "(.*?)"
    return re.compile(first.join((parts[0], "(.*?)".join(parts[1:]))) if parts[1:] else parts[0], over_lines)


def _size(match: re.Match[str]) -> str:
    whole, tenths, unit = match.groups()
    return f"{whole}{f',{tenths}' if tenths else ''} {_UNITS[unit]}"


def _grouped(number: str) -> str:
    """A number with its thousands set apart as French does it, by a space that no line breaks at."""
    return number.replace(",", "\u00a0")


def _filled(french: str, values: list[str]) -> str:
    parts = french.split("{}")
    if len(parts) == len(values) + 1:
        return "".join(part + value for part, value in zip(parts, [*values, ""], strict=True))
    return _NUMBERED.sub(lambda place: _worded(place, values), french)


def _worded(place: re.Match[str], values: list[str]) -> str:
    """The value of a place; where it says of which class (`{1:LedgerState}`), the French word of a member."""
    from tla_sim.protocol.documents.words import FRENCH

    value = values[int(place[1])]
    return FRENCH[place[2]].get(value, value) if place[2] else value


class _Mo(gettext.GNUTranslations):
    """A compiled catalogue whose entries can be walked."""

    def pairs(self) -> dict[str, str]:
        """English to French."""
        entries: dict[str, str] = vars(self)["_catalog"]
        return {english: french for english, french in entries.items() if english and french}


def _unnamed(english: str, french: str) -> tuple[str, str]:
    """The same pair with nameless places, by which finished text is recognised."""
    names = PLACE.findall(english)
    if not names:
        return english, french

    def numbered(place: re.Match[str]) -> str:
        name, _, kind = place[1].partition(":")
        index = [each.partition(":")[0].partition("!")[0] for each in names].index(name.partition("!")[0])
        return f"{{{index}:{kind}}}" if kind[:1].isupper() and kind[1:].isalpha() else f"{{{index}}}"

    return PLACE.sub("{}", english), PLACE.sub(numbered, french)


@cache
def french() -> French:
    """The catalogue that is shipped, and the status words, which say themselves in both languages."""
    from tla_sim.protocol.commands.status import Status

    with MO.open("rb") as file:
        pairs = dict(_unnamed(*pair) for pair in _Mo(file).pairs().items())
    for status in Status:
        pairs[status.en] = status.fr
        if status.en_action:
            pairs[status.en_action] = status.fr_action
    return French(pairs)
