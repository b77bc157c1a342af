"""The limits for every scanned document, whatever its format.

At least 200 DPI: the public facts on SCOR. The limits on size, pages and pixels are Project-defined.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.sentence import Sentence

MIN_DPI: Final = 200
TOLERANCE: Final = 0.985
"""A scanner's 200 DPI may become 199 when the page is measured in points."""

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PAGES: Final = 20
MAX_PIXELS: Final = 40_000_000
"""The most pixels of an image: somewhat more than an A4 page at 600 DPI."""

LOOK_PIXELS: Final = 900
"""The longest side of a page's picture for the checks, in pixels."""

A4_INCHES: Final = (8.27, 11.69)
POINTS: Final = 72
"""The points (PDF's unit) in an inch."""

SCAN_AGAIN: Final = Sentence("Scan it again")
