"""Strict JSON parsing that knows the place of each element in the text.

Beyond RFC 8259: NaN and infinities, duplicate keys, objects of more than 100 keys and deep nesting are
refused, and numbers with a fraction keep their digits as written. Source: RFC 8259; limits Project-defined.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tla_sim.host.text_file import NotText, unicode_text
from tla_sim.protocol.sentence import Sentence

Location = tuple[str | int, ...]
"""An element's place in a JSON document: the keys and positions (from 0) that lead to it."""

MAX_KEYS: Final = 100
MAX_DEPTH: Final = 32
_MAX_DIGITS: Final = 4_000
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_SHOWN: Final = re.compile(r"\\?\w{1,20}|.", re.DOTALL)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]|NaN|-?Infinity', re.DOTALL)

_EXPECTED: Final[Mapping[str, Sentence]] = {
    "Expecting value": Sentence("a JSON value"),
    "Expecting property name": Sentence("a key in double quotes"),
    "Expecting ':'": Sentence("a colon"),
    "Expecting ','": Sentence("a comma or a closing bracket"),
    "Illegal trailing comma": Sentence("no comma before a closing bracket"),
    "Extra data": Sentence("the end of the text"),
    "Unterminated string": Sentence("double quotes at its end"),
    "Invalid control character": Sentence("an escape such as \\n"),
    "Invalid \\uXXXX": Sentence("\\u and four hexadecimal digits"),
    "Invalid \\": Sentence("an escape of JSON, such as \\\\ or \\n"),
}
"""What was expected, by how the message of a `json.JSONDecodeError` begins."""

_BEGINNING: Final[Mapping[str, Sentence]] = {
    "Unterminated string": Sentence("a string without an end"),
    "Invalid control character": Sentence("a line break or control character in a string"),
}
"""What was found where the first character alone would not tell it, by the same."""


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A JSON number other than a plain integer, as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """A flaw that makes the text unusable: where (`location` or `line`), what was found, and what was
    expected."""

    line: int
    found: str
    expected: str
    location: Location = ()


class JsonFlawed(Exception):
    """The bytes are not JSON as this module accepts it; `flaws` says why."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__()
        self.flaws = flaws


class _Doubtful(dict[str, Any]):
    """An object with duplicate or too many keys."""

    problem: tuple[str, str]


class _NotFinite(Exception):
    pass


def decode_text(raw: bytes) -> str:
    """Return the text in `raw`: UTF-8 or UTF-16, with or without byte order mark. Raises `JsonFlawed`."""
    try:
        return unicode_text(raw)
    except NotText as error:
        raise JsonFlawed(Flaw(max(error.line, 1), error.found, Sentence("text in UTF-8"))) from None


def parse(text: str) -> object:
    """Return the value of `text`: dict, list, str, int, bool, None or JsonNumber. Raises `JsonFlawed`."""
    doubtful: list[_Doubtful] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) == len(pairs) <= MAX_KEYS:
            return made
        odd = _Doubtful(made)
        doubtful.append(odd)
        if len(pairs) > MAX_KEYS:
            odd.problem = (
                Sentence("{count} keys", count=len(pairs)),
                Sentence("at most {max_keys} keys in one object", max_keys=MAX_KEYS),
            )
        else:
            twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
            odd.problem = (Sentence("the key {twice!r} twice", twice=twice[:40]), Sentence("each key once"))
        return odd

    decoder = json.JSONDecoder(
        object_pairs_hook=build, parse_float=JsonNumber, parse_constant=_refuse_constant
    )
    try:
        tree = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise JsonFlawed(_not_json(error)) from None
    except RecursionError:
        raise JsonFlawed(_too_deep(text)) from None
    except _NotFinite as error:
        at = next(match.start() for match in _TOKEN.finditer(text) if match[0] == str(error))
        raise JsonFlawed(Flaw(_line(text, at), str(error), Sentence("a finite number"))) from None
    except ValueError:
        match = re.search(rf"\d{{{_MAX_DIGITS}}}", text)
        line = _line(text, match.start()) if match else 0
        raise JsonFlawed(
            Flaw(line, Sentence("a number of thousands of digits"), Sentence("a smaller number"))
        ) from None
    if doubtful:
        lines = Locator(text)
        raise JsonFlawed(*(Flaw(lines.line(where), *odd.problem, where) for where, odd in _doubtful_in(tree)))
    return tree


def _not_json(error: json.JSONDecodeError) -> Flaw:
    expected = next((said for begin, said in _EXPECTED.items() if error.msg.startswith(begin)), "JSON")
    match = _SHOWN.match(error.doc, error.pos)
    if match is None:
        return Flaw(error.lineno, Sentence("the end of the text"), expected)
    begins = next((said for begin, said in _BEGINNING.items() if error.msg.startswith(begin)), None)
    shown = repr(match[0]).replace("\\\\", "\\") if begins is None else begins
    return Flaw(
        error.lineno, Sentence("{shown} (column {column})", shown=shown, column=error.colno), expected
    )


def _refuse_constant(name: str) -> object:
    raise _NotFinite(name)


def _too_deep(text: str) -> Flaw:
    depth = 0
    for match in _TOKEN.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return Flaw(
                    _line(text, match.start()),
                    Sentence("too many nested brackets"),
                    Sentence("at most {most} levels", most=MAX_DEPTH),
                )
        elif match[0] in "]}":
            depth -= 1
    return Flaw(1, Sentence("too many nested brackets"), Sentence("at most {most} levels", most=MAX_DEPTH))


def _doubtful_in(tree: object) -> Iterator[tuple[Location, _Doubtful]]:
    waiting: list[tuple[Location, object]] = [((), tree)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, _Doubtful):
            yield where, value
        if isinstance(value, dict):
            waiting.extend(((*where, key), item) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend(((*where, index), item) for index, item in enumerate(value))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, max(at, 0)) + 1


class Locator:
    """Finder of an element's line in a text that `parse` accepted.

    Only the containers on the way to an element are scanned, each once: `raw_decode` skips the rest.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._skip = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).raw_decode
        self._children: dict[int, dict[str | int, int]] = {}
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def line(self, location: Location) -> int:
        """Return the line, from 1, of an element, or of the innermost existing container on the way to it."""
        at = self._blank(0)
        for step in location:
            children = self._children.get(at)
            if children is None:
                children = self._children[at] = dict(self._members(at))
            if step not in children:
                break
            at = children[step]
        return bisect.bisect_left(self._ends, at) + 1

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return match.end() if match else at

    def _members(self, at: int) -> Iterator[tuple[str | int, int]]:
        opening = self._text[at : at + 1]
        if opening not in ("{", "["):
            return
        position = self._blank(at + 1)
        index = 0
        while self._text[position] not in "]}":
            key: str | int = index
            if opening == "{":
                key, position = self._skip(self._text, position)
                position = self._blank(self._blank(position) + 1)
            yield key, position
            position = self._blank(self._skip(self._text, position)[1])
            if self._text[position] == ",":
                position = self._blank(position + 1)
            index += 1
