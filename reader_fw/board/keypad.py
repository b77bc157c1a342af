"""The keypad: sixteen keys and the short queue between a finger and the firmware."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Final

CAPACITY: Final = 16


class Key(Enum):
    """A key, by the legend on its cap. Source: Project-defined, after the keys of portable readers."""

    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"
    VAL = "VAL"
    ANN = "ANN"
    COR = "COR"
    UP = "UP"
    DOWN = "DOWN"
    MENU = "MENU"

    @property
    def digit(self) -> str | None:
        """The digit of a number key, `None` for the others."""
        return self.value if self.value.isdigit() else None


class Keypad:
    """A queue of at most 16 pressed keys; what is pressed beyond that is lost, as on a real keypad.

    Its repr tells how many keys wait and never which: they may be a code porteur.
    """

    def __init__(self) -> None:
        self._queue: deque[Key] = deque()

    def press(self, key: Key) -> bool:
        """Press `key`; false when the queue is full and the key was lost."""
        if len(self._queue) >= CAPACITY:
            return False
        self._queue.append(key)
        return True

    def take(self) -> Key | None:
        """Return the oldest key waiting, `None` when there is none."""
        return self._queue.popleft() if self._queue else None

    def clear(self) -> None:
        """Forget every key waiting."""
        self._queue.clear()

    def __repr__(self) -> str:
        return f"Keypad(waiting={len(self._queue)})"
