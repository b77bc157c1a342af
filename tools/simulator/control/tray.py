"""The tray: every card at hand for a reader, by name; those of a practice and those that were uploaded."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from tla_sim.host.practice.model import Practice
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.names import compose_name
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cards.file import SUFFIX
from tla_sim.tools.cards.issue import card_orders
from tla_sim.tools.cast.cards import UnknownCard

MAX_UPLOADED: Final = 100
"""How many cards may be uploaded to one tray (Project-defined)."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class CardKind(StrEnum):
    """What a card is: a professional's CPS, an employee's CPE or CPF, a patient's Vitale."""

    CPS = "cps"
    CPE = "cpe"
    CPF = "cpf"
    VITALE = "vitale"


class BadCardName(TlaError, ValueError):
    """The name is not one that a card of the tray can have."""

    category = Category.BAD_INPUT


class CardNameTaken(TlaError):
    """The tray has another card of this name."""

    category = Category.REFUSED


class TrayFull(TlaError):
    """No more cards can be uploaded to this tray."""

    category = Category.REFUSED


class CardNeeded(TlaError):
    """The card cannot be taken from the tray: it is in a slot, or belongs to the practice."""

    category = Category.REFUSED


@dataclass(frozen=True, slots=True)
class TrayCard:
    """A card at hand: its name in the tray, whose it is, the slot that it is in, whether it was uploaded."""

    name: str
    kind: CardKind
    holder: str
    slot: Slot | None
    uploaded: bool


@dataclass(frozen=True, slots=True)
class _Known:
    kind: CardKind
    holder: str
    place: int
    """The place in the orders of the practice; -1 for an uploaded card."""


class Tray(ABC):
    """The cards of a practice under the names of their files, without suffix, and those uploaded."""

    def __init__(self, practice: Practice) -> None:
        orders = card_orders(practice)
        self._known: dict[str, _Known] = {
            order.file.removesuffix(SUFFIX): _Known(CardKind(order.card.lower()), order.holder, place)
            for place, order in enumerate(orders)
        }
        names = list(self._known)
        self._by_last_name: dict[str, str] = {}
        for name, last in zip(names, _last_names(practice), strict=True):
            for each in last:
                self._by_last_name.setdefault(each, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def find(self, name: str) -> str:
        """Return the name in the tray of a card given by it, or by a holder's last name.

        Raises UnknownCard.
        """
        if name in self._known:
            return name
        last = compose_name(name)
        found = self._by_last_name.get(last) or self._by_last_name.get(last.upper())
        if found is not None:
            return found
        raise UnknownCard(
            "Nobody of the practice is called {last_name}",
            "Name {known}",
            last_name=name,
            known=", ".join(self._by_last_name),
        )

    def card(self, name: str, slot: Slot | None = None) -> TrayCard:
        """Return a card by its name in the tray; `slot` is where it is."""
        known = self._known[name]
        return TrayCard(name, known.kind, known.holder, slot, known.place < 0)

    def add(self, name: str, raw: bytes) -> TrayCard:
        """Add a card by its image.

        Raises BadCardName, CardNameTaken, TrayFull, CardImageCorrupted and CardImageNewer.
        """
        if not _NAME.fullmatch(name):
            raise BadCardName(
                "A card cannot be called {name!r}",
                "Use up to 64 letters without accents, digits, dots, hyphens and underscores",
                name=name[:80],
            )
        if name in self._known:
            raise CardNameTaken(
                "There is a card {name} in the tray already", "Choose another name", name=name
            )
        if sum(known.place < 0 for known in self._known.values()) >= MAX_UPLOADED:
            raise TrayFull(
                "The tray takes no more than {most} cards", "Remove one of them first", most=MAX_UPLOADED
            )
        image = CardImage.parse(raw)
        self._keep(name, image)
        self._know(name, image)
        return self.card(name)

    def discard(self, name: str, inside: Iterable[str | Path]) -> None:
        """Take an uploaded card from the tray for good; those `inside` are in slots.

        Raises UnknownCard, CardNeeded.
        """
        found = self.find(name)
        if not self.card(found).uploaded:
            raise CardNeeded("The card {name} belongs to the practice", "Leave it in the tray", name=found)
        if found in inside:
            raise CardNeeded("The card {name} is in a slot", "Take it out first", name=found)
        del self._known[found]
        self._forget(found)

    def free_name(self, stem: str) -> str:
        """Return a name that no card of the tray has."""
        number = 1
        while f"{stem}-{number}" in self._known:
            number += 1
        return f"{stem}-{number}"

    def _know(self, name: str, image: CardImage) -> None:
        self._known[name] = _Known(kind_of(image), image.contents.serial, -1)

    def _place(self, name: str) -> int:
        return self._known[name].place

    @abstractmethod
    def _keep(self, name: str, image: CardImage) -> None:
        """Keep the image of an uploaded card."""

    @abstractmethod
    def _forget(self, name: str) -> None:
        """Forget an uploaded card."""


def _last_names(practice: Practice) -> Iterator[tuple[str, ...]]:
    for who in (*practice.practitioners, *practice.staff):
        yield (who.last_name,)
    for patient in practice.patients:
        yield tuple(each.last_name for each in patient.beneficiaries)


def kind_of(image: CardImage) -> CardKind:
    """Return what a card is, as far as it says so itself: a CPF says that it is a CPE."""
    return CardKind(CardProfile(image.contents.profile).name.lower())
