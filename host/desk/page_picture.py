"""A page of a kept PDF as a picture, to be looked at where no program for PDFs is at hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from tla_sim.host.desk import page_drawer
from tla_sim.host.desk.page_drawer import NO_PAGE
from tla_sim.protocol.errors import Category, TlaError

SIDE: Final = 1_600
"""The longest side in pixels: an A4 page at about 137 DPI, at which small print can be read."""
_SECONDS: Final = 60


class UnknownPage(TlaError, LookupError):
    """The document does not have the page."""

    category = Category.BAD_INPUT


class PageNotDrawn(TlaError):
    """The page takes more memory or time to draw than a document should, or cannot be read."""

    category = Category.REFUSED


def draw_page(pdf: bytes, number: int, side: int = SIDE) -> bytes:
    """Return a page, counted from 1, as PNG whose longest side has `side` pixels.

    Raises `UnknownPage`, `PageNotDrawn`.
    """
    command = [sys.executable, "-I", str(Path(page_drawer.__file__)), str(number), str(side)]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if done is not None and done.returncode == NO_PAGE:
        raise UnknownPage("The document has no page {number}", "Choose one of its pages", number=number)
    if done is None or done.returncode != 0:
        raise PageNotDrawn("Page {number} cannot be shown", "Open the document itself", number=number)
    return done.stdout
