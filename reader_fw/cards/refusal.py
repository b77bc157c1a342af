"""The refusal of a command by a part of the card: an exception with the status word of the answer."""

from __future__ import annotations


class CardRefusal(Exception):
    """The command ends with this status word and without data. `Card` turns it into the answer."""

    def __init__(self, word: int) -> None:
        self.word = word

    def __str__(self) -> str:
        return f"{self.word:04X}"
