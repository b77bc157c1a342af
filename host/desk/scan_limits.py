"""The limits that every scanned document keeps, whatever its format.

At least 200 DPI: the public facts on SCOR. The limits on size, pages and points are Project-defined.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.sentence import Sentence

MIN_DPI: Final = 200
TOLERANCE: Final = 0.985
"""A scanner's 200 DPI may be 199 once its page is measured in points."""

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PAGES: Final = 20
MAX_PIXELS: Final = 40_000_000
"""Somewhat more than an A4 page at 600 DPI."""

LOOK_PIXELS: Final = 900
"""The longest side of a page as it is looked at."""

A4_INCHES: Final = (8.27, 11.69)
POINTS: Final = 72
"""To the inch."""

SCAN_AGAIN: Final = Sentence("Scan it again")
