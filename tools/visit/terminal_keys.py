"""Single keys from a terminal, without echo (termios; Unix only)."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

ENTER: Final = "enter"
BACKSPACE: Final = "backspace"
ESCAPE: Final = "escape"
END: Final = "end of input"

_SEQUENCE_SECONDS: Final = 0.05
_SEQUENCES: Final = {
    "[A": "up",
    "OA": "up",
    "[B": "down",
    "OB": "down",
    "[C": "right",
    "OC": "right",
    "[D": "left",
    "OD": "left",
    "[3~": BACKSPACE,
}
_CONTROLS: Final = {"\r": ENTER, "\n": ENTER, "\x7f": BACKSPACE, "\b": BACKSPACE, "\x04": END}


class TerminalKeys:
    """The keys typed at a terminal (file descriptor `handle`), one at a time; see `keys_of_terminal`."""

    def __init__(self, handle: int, cooked: list[Any]) -> None:
        self._handle = handle
        self._cooked = cooked
        self._typed = ""

    def read(self, seconds: float) -> str | None:
        """Return the next key: a character, or `enter`, `backspace`, `escape`, `up`, `down`, `left`, `right`.

        Return `None` when none comes within `seconds`, END when the terminal is gone or Ctrl-D was typed.
        """
        if not self._typed and not self._fill(seconds):
            return None
        if not self._typed:
            return END
        if self._typed[0] == "\x1b":
            return self._escape()
        key, self._typed = self._typed[0], self._typed[1:]
        return _CONTROLS.get(key, key)

    @contextmanager
    def cooked(self) -> Iterator[None]:
        """Restore line input with echo inside the block, to ask a question."""
        cbreak = termios.tcgetattr(self._handle)
        termios.tcsetattr(self._handle, termios.TCSADRAIN, self._cooked)
        try:
            yield
        finally:
            termios.tcsetattr(self._handle, termios.TCSADRAIN, cbreak)

    def _escape(self) -> str:
        deadline = time.monotonic() + _SEQUENCE_SECONDS
        while True:
            rest = self._typed[1:]
            for sequence, name in _SEQUENCES.items():
                if rest.startswith(sequence):
                    self._typed = rest[len(sequence) :]
                    return name
            left = deadline - time.monotonic()
            begun = any(sequence.startswith(rest) for sequence in _SEQUENCES)
            if not begun or left <= 0 or not self._fill(left):
                self._typed = "" if rest[:1] in ("[", "O") else rest
                return ESCAPE

    def _fill(self, seconds: float) -> bool:
        """Read what is typed within `seconds`. Return whether there was anything, even the end of input."""
        if not select.select([self._handle], [], [], max(seconds, 0))[0]:
            return False
        try:
            self._typed += os.read(self._handle, 256).decode("utf-8", "replace")
        except OSError:
            return True
        return True


@contextmanager
def keys_of_terminal(handle: int | None = None) -> Iterator[TerminalKeys]:
    """Read keys from standard input without echo and without Enter; the terminal is restored afterwards.

    Ctrl-C still interrupts. Raises termios.error when standard input is not a terminal.
    """
    handle = sys.stdin.fileno() if handle is None else handle
    before: list[Any] = termios.tcgetattr(handle)
    tty.setcbreak(handle)
    try:
        yield TerminalKeys(handle, before)
    finally:
        # A terminal that is gone needs nothing put back.
        with suppress(termios.error):
            termios.tcsetattr(handle, termios.TCSADRAIN, before)
