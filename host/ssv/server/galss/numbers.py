"""Numbers for sessions and exclusivities: not 0, not used now, and not to be guessed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Container
from typing import Final

HIGHEST: Final = 0xFFFF

Draw = Callable[[int], int]
"""Returns a number from 0 up to its argument, which is left out."""


def draw_number(used: Container[int], draw: Draw = secrets.randbelow) -> int:
    """Return a number from 1 to 65,535 that is not used. Some must be free."""
    while True:
        number = draw(HIGHEST) + 1
        if number not in used:
            return number
