"""The cards of everyone in a practice, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from tla_sim.host.practice.model import CardHolder, Patient, Period, Practice
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.names import compose_name
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cards.issue import card_orders


class UnknownCard(TlaError, LookupError):
    """Nobody of the practice has this last name."""

    category = Category.BAD_INPUT


class Cast:
    """The cards of a practice, the same to the byte each time.

    `persist` is called with a card's memory at every write. Raises CardNotIssued and CodecError for what does
    not fit on a card.
    """

    def __init__(
        self,
        practice: Practice,
        entropy: Entropy,
        persist: Callable[[bytes], None] | None = None,
    ) -> None:
        self.practice = practice
        source = ShippedKeys(reuse=True)
        cards: Iterator[Card] = (
            Card(order.make(source), entropy, persist) for order in card_orders(practice)
        )
        self._ps = {
            who.national_id: card
            for who, card in zip((*practice.practitioners, *practice.staff), cards, strict=False)
        }
        self._vitale = {who.id: card for who, card in zip(practice.patients, cards, strict=True)}

    def ps(self, who: CardHolder) -> Card:
        """Return a practitioner's CPS, or an employee's CPE or CPF."""
        return self._ps[who.national_id]

    def vitale(self, who: Patient) -> Card:
        """Return the Vitale that a patient is on."""
        return self._vitale[who.id]

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards, in the order of `card_orders`."""
        return (*self._ps.values(), *self._vitale.values())

    def named(self, last_name: str) -> Card:
        """Return the card of a holder by last name, a Vitale by that of anybody on it. Raises UnknownCard."""
        practice, sought = self.practice, compose_name(last_name)
        for who in (*practice.practitioners, *practice.staff):
            if who.last_name == sought:
                return self.ps(who)
        for patient in practice.patients:
            if any(each.last_name == sought for each in patient.beneficiaries):
                return self.vitale(patient)
        known = dict.fromkeys(
            [who.last_name for who in (*practice.practitioners, *practice.staff)]
            + [each.last_name for patient in practice.patients for each in patient.beneficiaries]
        )
        raise UnknownCard(
            "Nobody of the practice is called {last_name}",
            "Name {known}",
            last_name=last_name,
            known=", ".join(known),
        )

    def entitled(self, on: date) -> tuple[Patient, ...]:
        """Return the patients with a prepared invoice and with rights on a day, in the order of the file."""
        billed = dict.fromkeys((each.patient, each.beneficiary) for each in self.practice.invoices)
        return tuple(
            patient
            for patient in self.practice.patients
            if any(
                (patient.id, position) in billed and any(_covers(period, on) for period in who.rights)
                for position, who in enumerate(patient.beneficiaries, 1)
            )
        )


def _covers(period: Period, on: date) -> bool:
    return period.start <= on and (period.end is None or on <= period.end)
