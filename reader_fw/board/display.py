"""The display: 4 lines of 20 capitals without accents, as on a small character LCD."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from tla_sim.protocol.names import spell_in_ascii

ROWS: Final = 4
COLUMNS: Final = 20

Screen = tuple[str, str, str, str]
"""The four lines, each exactly 20 characters."""

_BLANK: Final = " " * COLUMNS


@lru_cache(256)
def fold(text: str) -> str:
    """Return `text` as the LCD shows it: capitals without accents, `?` where it does not have a glyph.

    The code page (printable ASCII 20 to 7E, no lower case) is Project-defined.
    """
    return "".join(char if " " <= char <= "~" else "?" for char in spell_in_ascii(text).upper())


class Display:
    """The display. Text beyond the 20th column is cut off; a line that is not given is blank.

    `changes` counts how often it was written or cleared.
    """

    def __init__(self) -> None:
        self.changes = 0
        self._lines = [_BLANK] * ROWS

    @property
    def lines(self) -> Screen:
        """The four lines, each exactly 20 characters."""
        first, second, third, fourth = self._lines
        return first, second, third, fourth

    def show(self, *lines: str) -> None:
        """Replace the whole screen. Raises ValueError for more than four lines."""
        if len(lines) > ROWS:
            raise ValueError(f"the display has {ROWS} lines, not {len(lines)}")
        self.changes += 1
        self._lines = [_fit(line) for line in lines] + [_BLANK] * (ROWS - len(lines))

    def clear(self) -> None:
        """Blank the screen."""
        self.changes += 1
        self._lines = [_BLANK] * ROWS


def _fit(text: str) -> str:
    return fold(text)[:COLUMNS].ljust(COLUMNS)
