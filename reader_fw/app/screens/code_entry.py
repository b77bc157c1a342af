"""The entry of a code porteur on the keypad: digits show as stars, and no repr contains the code."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from tla_sim.protocol.code_format import MAX_CODE, MIN_CODE
from tla_sim.reader_fw.board.keypad import Key

TIMEOUT_MS: Final = 30_000
"""How long the reader waits for the next key of a code (Project-defined)."""


class Entry(Enum):
    """The state of a code's entry."""

    OPEN = auto()
    DONE = auto()
    GIVEN_UP = auto()


class CodeEntry:
    """One code being typed: VAL ends it once it has 4 to 8 digits, COR deletes a digit, ANN gives up."""

    def __init__(self, now_ms: int) -> None:
        self._digits = ""
        self.deadline_ms = now_ms + TIMEOUT_MS
        self.state = Entry.OPEN

    def __repr__(self) -> str:
        return f"CodeEntry({self.state.name})"

    @property
    def stars(self) -> str:
        """One star per digit."""
        return "*" * len(self._digits)

    def press(self, key: Key, now_ms: int) -> None:
        """Take a key; ignore others than digits, VAL, COR and ANN."""
        if self.state is not Entry.OPEN:
            return
        self.deadline_ms = now_ms + TIMEOUT_MS
        if key.digit is not None and len(self._digits) < MAX_CODE:
            self._digits += key.digit
        elif key is Key.COR:
            self._digits = self._digits[:-1]
        elif key is Key.ANN:
            self.give_up()
        elif key is Key.VAL and len(self._digits) >= MIN_CODE:
            self.state = Entry.DONE

    def tick(self, now_ms: int) -> None:
        """Give up when no key was pressed for 30 s."""
        if self.state is Entry.OPEN and now_ms >= self.deadline_ms:
            self.give_up()

    def take(self) -> str:
        """Return the digits and forget them."""
        digits, self._digits = self._digits, ""
        return digits

    def rub_out(self) -> None:
        """Forget the digits typed so far: for replay only, which does not know them."""
        self._digits = ""

    def give_up(self) -> None:
        """End the entry without a code."""
        self._digits = ""
        self.state = Entry.GIVEN_UP
