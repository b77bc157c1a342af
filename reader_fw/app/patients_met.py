"""The patients met on the round: what their Vitale cards said, kept for each owner until erased.

Source: SSV_DechargerBeneficiaires; how it is kept is Project-defined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protocol.group_dictionary import Insured
from protocol.groups import Group, decode_typed, encode_typed
from protocol.wire import Record, blob16, string
from reader_fw.app.settings import Settings

MAX_BYTES: Final = 60_000
"""What one answer to the workstation holds; the oldest cards make room."""


@dataclass(frozen=True)
class _Kept:
    """What is kept for one owner."""

    readers: str = string("serials of the PS cards that met them, separated by spaces")
    groups: bytes = blob16("SSV groups")


_KEPT: Final = Record(_Kept)


class PatientsMet:
    """Keeps the groups of the Vitale cards read at certification, by owner of the invoices."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def meet(self, owner: str, reader_card: str, groups: tuple[Group, ...]) -> None:
        """Remember a card's groups for an owner; those of the same card before are replaced."""
        kept = self._kept(owner)
        cards = [card for card in _by_card(decode_typed(kept.groups)) if card[:1] != groups[:1]]
        cards.append(groups)
        while len(raw := encode_typed([group for card in cards for group in card])) > MAX_BYTES:
            del cards[0]
        readers = [serial for serial in kept.readers.split() if serial != reader_card][-7:]
        record = _Kept(" ".join([*readers, reader_card]), raw)
        if record != kept:
            self._settings.put(_name(owner), _KEPT.build(record))

    def readers(self, owner: str) -> tuple[str, ...]:
        """The serials of the PS cards that certified for this owner."""
        return tuple(self._kept(owner).readers.split())

    def groups(self, owner: str) -> bytes:
        """The kept groups; empty when there are none."""
        return self._kept(owner).groups

    def erase(self, owner: str) -> None:
        """Forget an owner's patients."""
        self._settings.remove(_name(owner))

    def _kept(self, owner: str) -> _Kept:
        raw = self._settings.get(_name(owner))
        return _KEPT.parse(raw) if raw is not None else _Kept("", encode_typed([]))


def _name(owner: str) -> str:
    return f"patients-{owner}"


def _by_card(groups: tuple[Group, ...]) -> list[tuple[Group, ...]]:
    cards: list[list[Group]] = []
    for group in groups:
        if isinstance(group, Insured) or not cards:
            cards.append([])
        cards[-1].append(group)
    return [tuple(card) for card in cards]
