"""The reader's screen as text: 4 lines of 20 characters in a frame."""

from __future__ import annotations

from typing import Final

from tla_sim.reader_fw.board.display import COLUMNS, Screen

_EDGE: Final = "─" * COLUMNS


def frame_screen(screen: Screen) -> str:
    """Return the screen in a frame: six lines of 22 characters."""
    return "\n".join((f"┌{_EDGE}┐", *(f"│{line}│" for line in screen), f"└{_EDGE}┘"))
