"""A card's memory that loses power, or refuses to write, when a test says so."""

from __future__ import annotations

from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage


class PowerCut(Exception):
    """The plug is pulled while the card writes."""


class Memory:
    """What a card's memory holds, and how its next write fares."""

    def __init__(self, start: CardImage) -> None:
        self.image = start.build()
        self.writes = 0
        self.fail_at: int | None = None
        self.torn_after = False
        self.error: type[Exception] = PowerCut

    def persist(self, image: bytes) -> None:
        if self.fail_at == self.writes:
            self.fail_at = None
            if self.torn_after:
                self.image = image
            raise self.error
        self.writes += 1
        self.image = image

    def left(self) -> tuple[int, int]:
        """How many tries and unblockings it still holds."""
        code = CardImage.parse(self.image).code
        assert code is not None
        return code.tries_left, code.unblocks_left

    def card(self) -> Card:
        """The card as it comes back from its memory, with power."""
        card = Card(CardImage.parse(self.image), SeededEntropy(1), self.persist)
        card.power_on()
        return card
