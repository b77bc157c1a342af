"""The two card slots, and what the firmware may ask of a card."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from tla_sim.protocol.errors import Category, TlaError


class Slot(Enum):
    """A card slot by what belongs in it."""

    PS = "PS"
    VITALE = "VITALE"

    # Enum's own hashes the name anew each time, and slots are looked up many times a command.
    __hash__ = object.__hash__


class Card(Protocol):
    """A chip card as its contacts present it (ISO/IEC 7816-3).

    `latency_ms` is the virtual time its last command took, in milliseconds.
    """

    @property
    def atr(self) -> bytes:
        """The answer to reset it gives, 2 to 33 bytes."""

    @property
    def latency_ms(self) -> int:
        """Milliseconds the last command took."""

    def power_on(self) -> bytes:
        """Activate the contacts, or reset; the answer to reset."""

    def power_off(self) -> None:
        """Deactivate the contacts: what was selected or verified is forgotten."""

    def transmit(self, apdu: bytes) -> bytes:
        """Carry out one command APDU; response data and status word (2 bytes)."""


class SlotOccupied(TlaError):
    """There is already a card in the slot."""

    category = Category.REFUSED


class CardSlots:
    """Both slots. Each counts its insertions, so that a card swapped between two looks is noticed.

    `movements` counts every card put in or taken out.
    """

    def __init__(self) -> None:
        self._cards: dict[Slot, Card] = {}
        self._insertions = dict.fromkeys(Slot, 0)
        self.movements = 0

    def insert(self, slot: Slot, card: Card) -> None:
        """Put a card in. Raises SlotOccupied; nothing is powered yet."""
        if slot in self._cards:
            raise SlotOccupied(
                "There is already a card in the {slot} slot", "Take it out first", slot=slot.value
            )
        self._cards[slot] = card
        self.movements += 1
        self._insertions[slot] += 1

    def remove(self, slot: Slot) -> Card | None:
        """Take the card out, if there is one; its contacts lose power."""
        card = self._cards.pop(slot, None)
        if card is not None:
            self.movements += 1
            card.power_off()
        return card

    def card(self, slot: Slot) -> Card | None:
        """Return the card in the slot, if there is one."""
        return self._cards.get(slot)

    def insertions(self, slot: Slot) -> int:
        """Return how many cards have been put into this slot since the board was made."""
        return self._insertions[slot]

    def inserted(self, slot: Slot) -> int:
        """Return the number of the present insertion, 0 for an empty slot."""
        return self._insertions[slot] if slot in self._cards else 0

    def power_off(self) -> None:
        """Deactivate the contacts of every card; the cards stay in."""
        for slot in Slot:
            card = self._cards.get(slot)
            if card is not None:
                card.power_off()
