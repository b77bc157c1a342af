"""Tables in plain text: no word is broken where the width allows it.

Laid out here on the standard library's textwrap: what rich, tabulate and prettytable do more costs each start
of a verb more than the verb itself (rich 30 ms, importlib.metadata for tabulate's own version 20 ms, wcwidth
for prettytable 25 ms).
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

_BETWEEN: Final = "   "
_EDGE: Final = " "
_BOLD: Final = "bold"


class Text(NamedTuple):
    """A text and the style it is shown in on a terminal: a colour, `bold`, `dim` or none."""

    text: str
    style: str = ""

    def __str__(self) -> str:
        return self.text


class Column(NamedTuple):
    """One column: its heading, its cells, what stands below them, and on which side its text ends."""

    heading: str
    cells: Sequence[Text]
    footer: str = ""
    right: bool = False

    @property
    def least(self) -> int:
        """The longest word."""
        return max((width(word) for text in self._texts() for word in text.split()), default=0)

    @property
    def natural(self) -> int:
        """The longest line."""
        return max((width(line) for text in self._texts() for line in text.splitlines()), default=0)

    def _texts(self) -> Iterator[str]:
        yield from (self.heading, self.footer, *(cell.text for cell in self.cells))


def width(text: str) -> int:
    """Places that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_places(character) for character in text)


def _places(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def line_width(widths: Iterable[int]) -> int:
    """Characters of a line of columns this wide, with what stands between them and at its ends."""
    return sum(each + len(_BETWEEN) for each in widths)


def widths(columns: Sequence[Column], available: int) -> list[int]:
    """Widths at which no word is broken, the columns that need little more served first; where that is too
    much for the line, the widest columns give way.
    """
    natural = [column.natural for column in columns]
    if line_width(natural) <= available:
        return natural
    found = [column.least for column in columns]
    spare = available - line_width(found)
    for index in sorted(range(len(found)), key=lambda index: natural[index] - found[index]):
        more = max(min(natural[index] - found[index], spare), 0)
        found[index] += more
        spare -= more
    while line_width(found) > available and max(found) > 1:
        found[found.index(max(found))] -= 1
    return found


def lines(columns: Sequence[Column], available: int, rule: str) -> Iterator[list[Text]]:
    """The lines of a table as pieces, with `rule` drawn below the headings; the last piece ends the line."""
    wide = widths(columns, available)
    yield from _row([Text(column.heading, _BOLD) for column in columns], columns, wide)
    yield [Text(_EDGE + rule * (line_width(wide) - len(_BETWEEN)))]
    for cells in zip(*(column.cells for column in columns), strict=True):
        yield from _row(cells, columns, wide)
    if any(column.footer for column in columns):
        yield []
        yield from _row([Text(column.footer, _BOLD) for column in columns], columns, wide)


def _row(cells: Sequence[Text], columns: Sequence[Column], wide: Sequence[int]) -> Iterator[list[Text]]:
    """The lines of one row: as many as its longest cell needs."""
    parts = [wrap(cell.text, room) for cell, room in zip(cells, wide, strict=True)]
    for line in zip_longest(*parts, fillvalue=""):
        pieces = [Text(_EDGE)]
        for text, cell, column, room in zip(line, cells, columns, wide, strict=True):
            gap = " " * (room - width(text))
            pieces += (
                [Text(gap), Text(text, cell.style)] if column.right else [Text(text, cell.style), Text(gap)]
            )
            pieces.append(Text(_BETWEEN))
        yield pieces


def wrap(text: str, room: int) -> list[str]:
    """The lines of a text, broken between words, and inside a word that has no room."""
    room = max(room, 1)
    return [part for line in text.splitlines() for part in _wrap_line(line, room) or [""]]


def _wrap_line(line: str, room: int) -> list[str]:
    if line.isascii():
        return textwrap.wrap(line, room, break_on_hyphens=False)
    # textwrap counts characters, and some take two places or none.
    found = [""]
    for word in line.split():
        for piece in _break_word(word, room):
            fits = found[-1] and width(found[-1]) + 1 + width(piece) <= room
            if fits:
                found[-1] += f" {piece}"
            elif found[-1]:
                found.append(piece)
            else:
                found[-1] = piece
    return [part for part in found if part]


def _break_word(word: str, room: int) -> Iterator[str]:
    """A word in pieces that have room, each at least one character."""
    piece, taken_so_far = "", 0
    for character in word:
        places = _places(character)
        if piece and taken_so_far + places > room:
            yield piece
            piece, taken_so_far = "", 0
        piece += character
        taken_so_far += places
    yield piece
