"""The firmware's hold on the two slots: powers a card once an insertion and keeps what it read of it."""

from __future__ import annotations

from protocol.errors import TlaError
from protocol.status import Status
from reader_fw.app.inserted_cards import InsertedPs, InsertedVitale
from reader_fw.app.refusal import Refusal
from reader_fw.board.slots import CardSlots, Slot


class CardBay:
    """Access to the inserted cards. `spent_ms` adds up what the cards' commands took."""

    def __init__(self, slots: CardSlots) -> None:
        self._slots = slots
        self._ps: InsertedPs | None = None
        self._vitale: InsertedVitale | None = None
        self.spent_ms = 0

    @property
    def ps_insertion(self) -> int:
        """The number of the PS card's insertion, 0 when the slot is empty."""
        return self._insertion(Slot.PS)

    @property
    def vitale_insertion(self) -> int:
        """The number of the Vitale's insertion, 0 when the slot is empty."""
        return self._insertion(Slot.VITALE)

    def _insertion(self, slot: Slot) -> int:
        return self._slots.insertions(slot) if self._slots.card(slot) is not None else 0

    def ps(self) -> InsertedPs:
        """The PS card, read on first use. Raises Refusal: absent or unusable."""
        insertion = self.ps_insertion
        if not insertion:
            raise Refusal(Status.PS_CARD_ABSENT)
        if self._ps is None or self._ps.insertion != insertion:
            try:
                self._ps = InsertedPs.read(insertion, *self._powered(Slot.PS))
            except Refusal:
                raise
            except TlaError:
                raise Refusal(Status.PS_CARD_UNUSABLE) from None
        return self._ps

    def vitale(self) -> InsertedVitale:
        """The Vitale card, read on first use. Raises Refusal: absent, mute or unusable."""
        insertion = self.vitale_insertion
        if not insertion:
            raise Refusal(Status.VITALE_ABSENT)
        if self._vitale is None or self._vitale.insertion != insertion:
            try:
                self._vitale = InsertedVitale.read(insertion, *self._powered(Slot.VITALE))
            except Refusal:
                raise
            except TlaError:
                raise Refusal(Status.VITALE_MUTE) from None
        return self._vitale

    def forget(self) -> None:
        """Someone spoke to the cards behind the firmware's back: read them anew."""
        self._ps = self._vitale = None

    def pass_through(self, slot: Slot, apdu: bytes) -> bytes:
        """Hand a raw APDU from the workstation to a card; what was cached of its session is dropped."""
        _, transmit = self._powered(slot, reset=False)
        response = transmit(apdu)
        for inserted in (self._ps, self._vitale):
            if inserted is not None:
                inserted.disturbed()
        return response
