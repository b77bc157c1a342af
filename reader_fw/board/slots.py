"""The two card slots, and the interface of a card to the firmware."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Protocol

from tla_sim.protocol.errors import Category, TlaError


class Slot(Enum):
    """A card slot, by the card that belongs in it."""

    PS = "PS"
    VITALE = "VITALE"

    # Enum's own hashes the name each time, and slots are looked up many times per command.
    __hash__ = object.__hash__


class Card(Protocol):
    """A chip card, as seen through its contacts (ISO/IEC 7816-3)."""

    @property
    def atr(self) -> bytes:
        """The answer to reset, 2 to 33 bytes."""

    @property
    def latency_ms(self) -> int:
        """The virtual milliseconds that the last command took."""

    def power_on(self) -> bytes:
        """Activate the contacts, or reset, and return the answer to reset."""

    def power_off(self) -> None:
        """Deactivate the contacts: the card forgets what was selected or verified."""

    def select_protocol(self, number: int | None) -> None:
        """Speak T=`number`, which the answer to reset offers, until the next reset; `None`: as after one."""

    def transmit(self, apdu: bytes) -> bytes:
        """Carry out one command APDU, and return response data and status word (2 bytes)."""


class SlotTap(Protocol):
    """Hears what passes the contacts of the slots, for traces. What it hears of a code is in clear."""

    def reset(self, slot: Slot, atr: bytes) -> None:
        """Hear an answer to reset."""

    def command(self, slot: Slot, apdu: bytes) -> None:
        """Hear a command, before the card carries it out."""

    def answer(self, slot: Slot, response: bytes) -> None:
        """Hear the answer to the last command, empty when none came."""


class SlotOccupied(TlaError):
    """There is already a card in the slot."""

    category = Category.REFUSED


class CardSlots:
    """The two slots. Each counts its insertions, so that a card swapped between two uses is noticed.

    `movements` counts every insertion and removal. `tap` hears the cards.
    """

    tap: SlotTap | None = None

    def __init__(self) -> None:
        self._cards: dict[Slot, Card] = {}
        self._insertions = dict.fromkeys(Slot, 0)
        self.movements = 0

    def insert(self, slot: Slot, card: Card) -> None:
        """Put a card in, without power. Raises SlotOccupied."""
        if slot in self._cards:
            raise SlotOccupied(
                "There is already a card in the {slot} slot", "Take it out first", slot=slot.value
            )
        self._cards[slot] = card
        self.movements += 1
        self._insertions[slot] += 1

    def remove(self, slot: Slot) -> Card | None:
        """Take out and return the card, if there is one; it loses power."""
        card = self._cards.pop(slot, None)
        if card is not None:
            self.movements += 1
            card.power_off()
        return card

    def card(self, slot: Slot) -> Card | None:
        """Return the card in the slot, if there is one."""
        return self._cards.get(slot)

    def insertions(self, slot: Slot) -> int:
        """Return how many cards were put into this slot since the board was made."""
        return self._insertions[slot]

    def insertion(self, slot: Slot) -> int:
        """Return the number of the present insertion, 0 for an empty slot."""
        return self._insertions[slot] if slot in self._cards else 0

    def put_back(self, cards: Mapping[Slot, Card], insertions: Mapping[Slot, int], movements: int) -> None:
        """Have these cards in, without power, after so many insertions and movements: for replay only."""
        self._cards = dict(cards)
        self._insertions = dict(insertions)
        self.movements = movements

    def power_off(self) -> None:
        """Deactivate the contacts of every card; the cards stay in."""
        for slot in Slot:
            card = self._cards.get(slot)
            if card is not None:
                card.power_off()
