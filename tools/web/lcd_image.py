"""The reader's LCD as a picture: SVG, PNG or text. The same screen gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from io import BytesIO
from typing import Final

from tla_sim.reader_fw.board.display import COLUMNS, ROWS
from tla_sim.tools.web.lcd_font import GLYPHS, HEIGHT, WIDTH

_ACROSS: Final = WIDTH + 1
_DOWN: Final = HEIGHT + 2
_MARGIN: Final = 4
_DOTS_WIDE: Final = COLUMNS * _ACROSS - 1 + 2 * _MARGIN
_DOTS_HIGH: Final = ROWS * _DOWN - 2 + 2 * _MARGIN
_LIT: Final = "#b7c97a"
_DARK: Final = "#5c6647"
_INK: Final = "#1e2a14"
_SCALE: Final = 4
"""The pixels of a dot in a PNG, of which the last on each side stays empty."""


def draw_text(lines: Sequence[str]) -> str:
    """Return four lines of 20 characters, each ended by a line feed."""
    return "".join(f"{line}\n" for line in lines)


def draw_svg(lines: Sequence[str], on: bool = True) -> str:
    """Return the screen as an SVG document whose title is the text; a screen that is off shows no dots."""
    used = sorted(set("".join(lines)) - {" "}) if on else []
    shapes = "".join(f'<path id="c{ord(char):02x}" d="{_path(char)}"/>' for char in used)
    placed = "".join(
        f'<use href="#c{ord(char):02x}" x="{x}" y="{y}"/>' for char, x, y in (_places(lines) if on else ())
    )
    title = escape("\n".join(line.rstrip() for line in lines).strip("\n")) if on else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_DOTS_WIDE} {_DOTS_HIGH}" '
        f'width="{_DOTS_WIDE * _SCALE}" height="{_DOTS_HIGH * _SCALE}" role="img"><title>{title}</title>'
        f'<defs>{shapes}</defs><rect width="{_DOTS_WIDE}" height="{_DOTS_HIGH}" rx="1.5" '
        f'fill="{_LIT if on else _DARK}"/><g fill="{_INK}">{placed}</g></svg>\n'
    )


def draw_png(lines: Sequence[str], on: bool = True) -> bytes:
    """Return the screen as a PNG with a palette of two colours, 4 pixels a dot."""
    from PIL import Image, ImageDraw

    picture = Image.new("P", (_DOTS_WIDE * _SCALE, _DOTS_HIGH * _SCALE), 0)
    picture.putpalette(bytes.fromhex((_LIT if on else _DARK)[1:] + _INK[1:]))
    pen = ImageDraw.Draw(picture)
    for char, x, y in _places(lines) if on else ():
        for column, row in _dots(char):
            left, top = (x + column) * _SCALE, (y + row) * _SCALE
            pen.rectangle((left, top, left + _SCALE - 2, top + _SCALE - 2), fill=1)
    written = BytesIO()
    picture.save(written, "PNG", bits=1)
    return written.getvalue()


def _places(lines: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield each character that is not blank, with the dot of its upper left corner."""
    for row, line in enumerate(lines):
        for column, char in enumerate(line):
            if char in GLYPHS and char != " ":
                yield char, _MARGIN + column * _ACROSS, _MARGIN + row * _DOWN


@cache
def _dots(char: str) -> tuple[tuple[int, int], ...]:
    """Return column and row of each dot of a glyph."""
    return tuple(
        (column, row)
        for row, bits in enumerate(GLYPHS[char])
        for column in range(WIDTH)
        if bits >> (WIDTH - 1 - column) & 1
    )


@cache
def _path(char: str) -> str:
    return "".join(f"M{column} {row}h.84v.84h-.84z" for column, row in _dots(char))
