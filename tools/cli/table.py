"""Tables in plain text: no word is broken where the width allows it.

They are laid out with the standard library's textwrap, because importing rich, tabulate or prettytable costs
each start of a verb more than the verb itself: 30 ms for rich, 20 ms for tabulate (importlib.metadata, which
tells its version), 25 ms for prettytable (wcwidth).
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
    """A text and its style on a terminal: a colour, `bold`, `dim` or none."""

    text: str
    style: str = ""

    def __str__(self) -> str:
        return self.text


class Column(NamedTuple):
    """One column of a table: heading, cells, footer, and whether it is right-aligned."""

    heading: str
    cells: Sequence[Text]
    footer: str = ""
    right: bool = False

    @property
    def least(self) -> int:
        """The width of the longest word, below which the column breaks words."""
        return max((width(word) for text in self._texts() for word in text.split()), default=0)

    @property
    def natural(self) -> int:
        """The width of the longest line, at which the column needs no wrapping."""
        return max((width(line) for text in self._texts() for line in text.splitlines()), default=0)

    def _texts(self) -> Iterator[str]:
        yield from (self.heading, self.footer, *(cell.text for cell in self.cells))


def width(text: str) -> int:
    """Return how many character cells a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_places(character) for character in text)


def _places(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def line_width(widths: Iterable[int]) -> int:
    """Return the width of a line of columns of these widths, with the gaps between them and at the ends."""
    return sum(each + len(_BETWEEN) for each in widths)


def widths(columns: Sequence[Column], available: int) -> list[int]:
    """Return widths at which no word is broken, extending first the columns that need the least. If even
    that is too wide for the line, the widest columns shrink.
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
    """Yield the lines of a table as styled pieces, with a line of `rule` below the headings."""
    wide = widths(columns, available)
    yield from _row([Text(column.heading, _BOLD) for column in columns], columns, wide)
    yield [Text(_EDGE + rule * (line_width(wide) - len(_BETWEEN)))]
    for cells in zip(*(column.cells for column in columns), strict=True):
        yield from _row(cells, columns, wide)
    if any(column.footer for column in columns):
        yield []
        yield from _row([Text(column.footer, _BOLD) for column in columns], columns, wide)


def _row(cells: Sequence[Text], columns: Sequence[Column], wide: Sequence[int]) -> Iterator[list[Text]]:
    """Yield the lines of one row, as many as its longest cell needs."""
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
    """Return the lines of a text wrapped to `room` characters, between words or inside a word that is too
    long.
    """
    room = max(room, 1)
    return [part for line in text.splitlines() for part in _wrap_line(line, room) or [""]]


def _wrap_line(line: str, room: int) -> list[str]:
    if line.isascii():
        return textwrap.wrap(line, room, break_on_hyphens=False)
    # textwrap counts characters, but some take two cells or none.
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
    """Yield a word in pieces no wider than `room`, each of at least one character."""
    piece, taken_so_far = "", 0
    for character in word:
        places = _places(character)
        if piece and taken_so_far + places > room:
            yield piece
            piece, taken_so_far = "", 0
        piece += character
        taken_so_far += places
    yield piece
