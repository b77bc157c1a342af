"""The display: 4 lines of 20 characters, capitals without accents as a small character LCD shows them."""

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
    """Return what the LCD can show of `text`: accents dropped, capitals, `?` for what it has no glyph for.

    The code page (printable ASCII 20 to 7E, no lower case) is Project-defined.
    """
    return "".join(char if " " <= char <= "~" else "?" for char in spell_in_ascii(text).upper())


class Display:
    """What the person sees. Text beyond the 20th column is cut; a line not given is blank."""

    def __init__(self) -> None:
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
        self._lines = [_fit(line) for line in lines] + [_BLANK] * (ROWS - len(lines))

    def write(self, row: int, text: str) -> None:
        """Replace one line, `row` 0 to 3. Raises ValueError for another row."""
        if not 0 <= row < ROWS:
            raise ValueError(f"the display has rows 0 to {ROWS - 1}, not {row}")
        self._lines[row] = _fit(text)

    def clear(self) -> None:
        """Blank the screen."""
        self._lines = [_BLANK] * ROWS


def _fit(text: str) -> str:
    return fold(text)[:COLUMNS].ljust(COLUMNS)
