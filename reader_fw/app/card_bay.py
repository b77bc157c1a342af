"""The firmware's view of the two slots: powers a card once per insertion and keeps what it read of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.app.refusal import Refusal
from tla_sim.reader_fw.board.slots import Card, CardSlots, Slot

if TYPE_CHECKING:
    from tla_sim.protocol.documents.certificates import TrustAnchors
    from tla_sim.reader_fw.app.card_dialogue import Transmit
    from tla_sim.reader_fw.app.inserted_cards import InsertedPs, InsertedVitale


class CardBay:
    """Access to the inserted cards. `anchors` returns the authorities that are trusted."""

    def __init__(self, slots: CardSlots, anchors: Callable[[], TrustAnchors]) -> None:
        self._slots = slots
        self._anchors = anchors
        self._ps: InsertedPs | None = None
        self._vitale: InsertedVitale | None = None
        # By insertion, since a card that was swapped for another between two uses has no power yet.
        self._powered: dict[Slot, int] = {}
        self._protocols: dict[Slot, int | None] = dict.fromkeys(Slot)
        self._uses = dict.fromkeys(Slot, 0)
        self._spent_ms = 0

    def take_spent_ms(self) -> int:
        """Return the milliseconds that the cards' commands took since this was last called."""
        spent, self._spent_ms = self._spent_ms, 0
        return spent

    def uses(self, slot: Slot) -> int:
        """Return how often a card in this slot was powered, or spoken to by the firmware itself."""
        return self._uses[slot]

    @property
    def ps_insertion(self) -> int:
        """The number of the PS card's insertion, 0 for an empty slot."""
        return self._slots.insertion(Slot.PS)

    @property
    def vitale_insertion(self) -> int:
        """The number of the Vitale card's insertion, 0 for an empty slot."""
        return self._slots.insertion(Slot.VITALE)

    def ps(self) -> InsertedPs:
        """Return the PS card, which is read on first use. Raises Refusal if it is absent or unusable."""
        insertion = self.ps_insertion
        if not insertion:
            raise Refusal(Status.PS_CARD_ABSENT)
        if self._ps is None or self._ps.insertion != insertion:
            from tla_sim.reader_fw.app.inserted_cards import InsertedPs

            self._power(Slot.PS)
            self._ps = InsertedPs(insertion, self._transmitter(Slot.PS), self._anchors())
        return self._ps

    def vitale(self) -> InsertedVitale:
        """Return the Vitale card, read on first use. Raises Refusal if it is absent, mute or unusable."""
        insertion = self.vitale_insertion
        if not insertion:
            raise Refusal(Status.VITALE_ABSENT)
        if self._vitale is None or self._vitale.insertion != insertion:
            from tla_sim.reader_fw.app.inserted_cards import InsertedVitale

            self._power(Slot.VITALE)
            self._vitale = InsertedVitale(insertion, self._transmitter(Slot.VITALE), self._anchors())
        return self._vitale

    def pass_through(
        self, slot: Slot, apdu: bytes, *, protocol: int | None = None, keep_code: bool = False
    ) -> bytes:
        """Pass a raw APDU from the workstation to a card, and return the response, empty without a card.

        The card answers in T=`protocol`, or in the one that it speaks after a reset: what the workstation
        chose stands whatever the firmware or another workstation did to the card in between.

        The firmware selects its files anew after that. Unless `keep_code`, the card first forgets a code
        porteur that the firmware presented: it was not given for whoever talks to the card now.
        """
        inserted = self._ps if slot is Slot.PS else self._vitale
        if slot is Slot.PS and self._ps is not None:
            known = self._ps.insertion == self.ps_insertion
            if known and not keep_code and self._ps.code_presented:
                uses = self._uses[slot]
                self.forget_code(self._ps)
                # What the workstation left on the card stands, but for the code, which was not its own.
                self._uses[slot] = uses
        card = self._power(slot)
        if card is None:
            return b""
        if protocol != self._protocols[slot]:
            card.select_protocol(protocol)
            self._protocols[slot] = protocol
        response = self._transmit(slot, card, apdu)
        if inserted is not None:
            inserted.invalidate()
        return response

    def forget_code(self, ps: InsertedPs) -> None:
        """Make the card forget the code porteur, if need be by taking its power."""
        try:
            ps.forget_code()
        except Refusal:
            ps.code_presented = False
            self.power_off(Slot.PS)

    def reset(self, slot: Slot) -> bytes:
        """Activate or reset a card, and return its answer to reset, empty without a card."""
        card = self._slots.card(slot)
        if card is None:
            return b""
        atr = self._activate(slot, card)
        self._invalidate(slot)
        return atr

    def power_off(self, slot: Slot) -> None:
        """Take a card's power; the next command powers it again, whoever sends it."""
        card = self._slots.card(slot)
        if card is not None:
            card.power_off()
            self._powered.pop(slot, None)
            self._uses[slot] += 1
            self._invalidate(slot)

    def _invalidate(self, slot: Slot) -> None:
        inserted = self._ps if slot is Slot.PS else self._vitale
        if inserted is not None:
            inserted.invalidate()

    def _power(self, slot: Slot) -> Card | None:
        """Return the card in a slot, powered; `None` without a card."""
        card = self._slots.card(slot)
        if card is not None and self._powered.get(slot) != self._slots.insertions(slot):
            self._activate(slot, card)
        return card

    def _activate(self, slot: Slot, card: Card) -> bytes:
        atr = card.power_on()
        self._powered[slot] = self._slots.insertions(slot)
        self._protocols[slot] = None
        self._uses[slot] += 1
        if self._slots.tap is not None:
            self._slots.tap.reset(slot, atr)
        return atr

    def _transmit(self, slot: Slot, card: Card, apdu: bytes) -> bytes:
        tap = self._slots.tap
        if tap is not None:
            tap.command(slot, apdu)
        response = card.transmit(apdu)
        self._spent_ms += card.latency_ms
        if tap is not None:
            tap.answer(slot, response)
        return response

    def _transmitter(self, slot: Slot) -> Transmit:
        """Return a function that talks to the card of this insertion, and raises CardWithdrawn without it."""
        from tla_sim.reader_fw.app.card_dialogue import CardWithdrawn

        insertion = self._slots.insertion(slot)

        def transmit(apdu: bytes) -> bytes:
            card = self._slots.card(slot)
            if card is None or self._slots.insertions(slot) != insertion:
                raise CardWithdrawn("The card was taken out", "Insert it again and start again")
            self._power(slot)
            self._uses[slot] += 1
            response = self._transmit(slot, card, apdu)
            if not response and self._slots.insertion(slot) != insertion:
                raise CardWithdrawn("The card was taken out", "Insert it again and start again")
            return response

        return transmit
