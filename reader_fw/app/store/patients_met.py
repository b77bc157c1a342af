"""The patients met on the round, as read from their Vitale cards, kept for each owner until erased.

Source: SSV_DechargerBeneficiaires; the form in which they are kept is Project-defined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.groups.declaration import Group, decode_typed, encode_typed
from tla_sim.protocol.wire.record import Record, blob16, records, string
from tla_sim.reader_fw.app.store.invoice_store import InvoiceStore

MAX_BYTES: Final = 32_768
"""Bytes of groups kept for one owner; the cards met longest ago make room."""


@dataclass(frozen=True)
class _Met:
    """One Vitale card: its serial, the PS card that certified with it, and its groups."""

    vitale: str = string("serial of the Vitale card")
    reader: str = string("serial of the PS card that certified")
    groups: bytes = blob16("101, then 104 to 109 of the beneficiaries billed")


@dataclass(frozen=True)
class _Kept:
    """What is kept for one owner."""

    cards: tuple[_Met, ...] = records(_Met, "in the order met")


_KEPT: Final = Record(_Kept)


class PatientsMet:
    """Keeps the groups of the Vitale cards read at certification, by owner of the invoices."""

    def __init__(self, store: InvoiceStore) -> None:
        self._store = store

    def meet(self, owners: Iterable[str], vitale: str, reader: str, groups: Iterable[Group]) -> None:
        """Keep a Vitale card's groups for these owners, replacing earlier ones of the same card."""
        met = _Met(vitale, reader, encode_typed(tuple(groups)))
        for owner in dict.fromkeys(owners):
            cards = self._cards(owner)
            if met in cards:
                continue  # spares the flash a write for each further invoice of the same patient
            cards = [*(card for card in cards if card.vitale != vitale), met]
            size = sum(len(card.groups) for card in cards)
            while size > MAX_BYTES and len(cards) > 1:
                size -= len(cards.pop(0).groups)
            self._store.put_note(owner, _KEPT.build(_Kept(tuple(cards))))

    def readers(self, owner: str) -> tuple[str, ...]:
        """Return the serials of the PS cards that certified for this owner."""
        return tuple(dict.fromkeys(card.reader for card in self._cards(owner)))

    def groups(self, owner: str) -> bytes:
        """Return the groups of all cards, in the order met."""
        cards = self._cards(owner)
        return encode_typed([group for card in cards for group in decode_typed(card.groups)])

    def _cards(self, owner: str) -> list[_Met]:
        note = self._store.note(owner)
        return list(_KEPT.parse(note).cards) if note is not None else []
