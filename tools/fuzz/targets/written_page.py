"""An image of a written page, as a scanner sees it."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw, ImageFont

_LINE_INCHES: Final = 0.25
_LETTERS_INCHES: Final = 0.15
_LINE: Final = "Soins infirmiers a domicile, matin et soir, pendant douze jours et au besoin le dimanche "


def written_page(dpi: float, width: float, height: float) -> Image.Image:
    """Return a grey page of this size in inches, with lines of writing from top to bottom."""
    page = Image.new("L", (round(width * dpi), round(height * dpi)), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=_LETTERS_INCHES * dpi)
    for at in range(int(height / _LINE_INCHES) - 1):
        letters = _LINE[: int((width - 0.4) / 0.085)]
        pen.text((0.2 * dpi, (0.2 + at * _LINE_INCHES) * dpi), letters, font=font, fill=20)
    return page
