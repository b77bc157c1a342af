"""How a card's parts say no: an exception that carries the status word of the answer."""

from __future__ import annotations


class CardRefusal(Exception):
    """The command ends with this status word and no data. Never leaves the card."""

    def __init__(self, word: int) -> None:
        super().__init__(f"{word:04X}")
        self.word = word
