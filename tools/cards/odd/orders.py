"""Orders of odd cards, one for the first holder of each profile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import rsa

from tla_sim.host.practice.model import Practice
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.pki import KeySource
from tla_sim.reader_fw.cards.serial import serial_of_name
from tla_sim.reader_fw.cards.terms import USUAL_TERMS, CardTerms
from tla_sim.tools.cards.file import SUFFIX
from tla_sim.tools.cards.issue import CardOrder, card_orders, take_file
from tla_sim.tools.cards.models import Alter, as_usual
from tla_sim.tools.cards.odd.library import ODD_CARDS, OddCard
from tla_sim.tools.cards.text.export import card_text
from tla_sim.tools.cards.text.layout import laid_out
from tla_sim.tools.cards.text.reading import read_card_text


class OddCardUnknown(TlaError):
    """There is no odd card of this name."""

    category = Category.BAD_INPUT


class OddCardWithoutHolder(TlaError):
    """Nobody in the practice has a card of a profile that the odd card is made for."""

    category = Category.BAD_INPUT


class OddCardsHidden(TlaError):
    """Odd cards were chosen as a Vitale 1, which refuses every command, so that none of them would show."""

    category = Category.BAD_INPUT


def odd_orders(practice: Practice, names: Iterable[str], alter: Alter = as_usual) -> tuple[CardOrder, ...]:
    """Order odd cards by name, each for the first holder of every profile that it is made for.

    Their files are called as the holder's ordinary card, a hyphen and the odd card's name, and a number where
    another holder's card has that name. `alter` changes the terms first. Raises OddCardUnknown,
    OddCardWithoutHolder, OddCardsHidden.
    """
    taken = {order.file for order in card_orders(practice, alter)}
    practice = practice.model_copy(
        update={each: getattr(practice, each)[:1] for each in ("practitioners", "staff", "patients")}
    )
    ordinary = _first_of_each(card_orders(practice, alter))
    orders: list[CardOrder] = []
    hidden: list[str] = []
    for name in dict.fromkeys(names):
        odd = ODD_CARDS.get(name)
        if odd is None:
            raise OddCardUnknown(
                "There is no odd card called {name}",
                "Choose among: {known}",
                name=name,
                known=", ".join(ODD_CARDS),
            )
        made = _first_of_each(_orders(odd, practice, alter))
        ours = [profile for profile in odd.profiles if profile in ordinary]
        if not ours:
            raise OddCardWithoutHolder(
                "Nobody in the practice has a card that could be {name}",
                "Add a holder of a {profiles}, or leave it out",
                name=name,
                profiles=", ".join(profile.name for profile in odd.profiles),
            )
        if CardProfile.VITALE in ours and _is_hidden(odd, alter):
            hidden.append(name)
        for profile in ours:
            file = take_file(f"{ordinary[profile].file.removesuffix(SUFFIX)}-{name}", taken)
            orders.append(replace(made[profile], file=file, make=_Made(name, practice, profile, alter)))
    if hidden:
        raise OddCardsHidden(
            "A Vitale 1 refuses every command, so nothing would show of {hidden}",
            "Issue the Vitale 1 without them, then them without vitale-1",
            hidden=", ".join(hidden),
        )
    return tuple(orders)


def _is_hidden(odd: OddCard, alter: Alter) -> bool:
    """Return whether the Vitale would be a Vitale 1 that differs from others only behind its commands."""
    if alter(USUAL_TERMS, CardProfile.VITALE).model is not CardModel.VITALE_1:
        return False
    own, usual = odd.terms(USUAL_TERMS), USUAL_TERMS
    return (own.model, own.transmission, own.atr) == (usual.model, usual.transmission, usual.atr)


class _Made:
    """Makes the odd card of an order: issues it, edits its text, and reads that."""

    def __init__(self, name: str, practice: Practice, profile: CardProfile, alter: Alter) -> None:
        self._name = name
        self._practice = practice
        self._profile = profile
        self._alter = alter

    def __call__(self, keys: KeySource) -> CardImage:
        odd, taken = ODD_CARDS[self._name], _Taken(keys)
        like = _first_of_each(_orders(odd, self._practice, self._alter))[self._profile].make(taken)
        # An edit does not change the serial number, which middleware knows a card by.
        contents = like.contents
        serial = serial_of_name(self._profile, CardKind(contents.kind), f"{contents.serial} {self._name}")

        def alter(terms: CardTerms, profile: CardProfile) -> CardTerms:
            return replace(self._alter(terms, profile), serial=serial)

        image = _first_of_each(_orders(odd, self._practice, alter))[self._profile].make(taken.again())
        tree = card_text(image)
        odd.edit(tree, image)
        return read_card_text(laid_out(tree).encode(), self._name, image, keys)


class _Taken:
    """Keys of a source, which can be taken once more in the same order."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._keys: list[rsa.RSAPrivateKey] = []

    def take(self) -> rsa.RSAPrivateKey:
        """Return the next key of the source."""
        self._keys.append(self._source.take())
        return self._keys[-1]

    def again(self) -> KeySource:
        """Return a source of the keys taken so far."""
        return _Again(iter(self._keys))


@dataclass(frozen=True, slots=True)
class _Again:
    """Keys that were taken before."""

    keys: Iterator[rsa.RSAPrivateKey]

    def take(self) -> rsa.RSAPrivateKey:
        """Return the next key."""
        return next(self.keys)


def _orders(odd: OddCard, practice: Practice, alter: Alter) -> tuple[CardOrder, ...]:
    return card_orders(odd.people(practice), lambda terms, profile: odd.terms(alter(terms, profile)))


def _first_of_each(orders: tuple[CardOrder, ...]) -> dict[CardProfile, CardOrder]:
    return {order.profile: order for order in reversed(orders)}
