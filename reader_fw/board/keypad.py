"""The sixteen keys of the keypad."""

from __future__ import annotations

from enum import Enum


class Key(Enum):
    """A key, by the legend on its cap. Project-defined, after the keys of portable readers."""

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
