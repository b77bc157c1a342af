"""The terms of a card that is to be issued, and the models that a profile's cards may have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.file_list import SERIAL_DIGITS
from tla_sim.reader_fw.cards.models import MODELS
from tla_sim.reader_fw.cards.pki import VALID_FROM, VALID_UNTIL


class CardNotIssued(TlaError):
    """What was asked for cannot be put on a card."""

    category = Category.BAD_INPUT


@dataclass(frozen=True, slots=True)
class CardTerms:
    """The terms of a card besides its holder: kind, days of validity (both included), serial, model.

    `serial` has 20 digits; if empty, it is derived from all that goes on the card. `model` is one of the
    profile's models; `None` means the usual one. `atr` is one of the answers to reset published for the
    model; empty means the usual one. Construction raises CardNotIssued.
    """

    kind: CardKind = CardKind.TEST
    valid_from: date = VALID_FROM
    valid_until: date = VALID_UNTIL
    serial: str = ""
    transmission: Transmission = Transmission.T0
    model: CardModel | None = None
    atr: bytes = b""

    def __post_init__(self) -> None:
        if self.serial and not (
            len(self.serial) == SERIAL_DIGITS and self.serial.isascii() and self.serial.isdigit()
        ):
            raise CardNotIssued(
                "{serial!r} is not a card serial number",
                "Give {digits} digits, or none",
                serial=self.serial,
                digits=SERIAL_DIGITS,
            )
        if self.valid_from > self.valid_until:
            raise CardNotIssued("The card would end before it begins", "Give the days in order")


USUAL_TERMS: Final = CardTerms()


def model_of(profile: CardProfile, terms: CardTerms) -> CardModel:
    """Return the model of a card of this profile. Raises CardNotIssued for another profile's."""
    known = MODELS[profile]
    model = known[0] if terms.model is None else terms.model
    if model not in known:
        raise CardNotIssued(
            "No {profile} is a {model}",
            "Choose among: {known}",
            profile=profile.name,
            model=model.name,
            known=", ".join(each.name for each in known),
        )
    return model
