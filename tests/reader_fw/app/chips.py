"""Inserted cards as the firmware sees them, made of cards of the cast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.reader_fw.app.inserted_cards import InsertedPs, InsertedVitale
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cast.people import CODE

ANCHORS = TrustAnchors.shipped()


@dataclass
class Chip:
    """A chip whose `answer` may replace the card's own; it returns `None` to leave that as it is."""

    image: CardImage
    answer: Callable[[bytes], bytes | None] = lambda _: None
    commands: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.card = Card(self.image, SeededEntropy(5))
        self.card.power_on()

    def transmit(self, apdu: bytes) -> bytes:
        self.commands.append(apdu)
        answered = self.answer(apdu)
        return self.card.transmit(apdu) if answered is None else answered


def inserted_ps(
    chip: Chip | CardImage, *, verified: bool = False, anchors: TrustAnchors = ANCHORS
) -> InsertedPs:
    """Return an inserted PS card, with its code presented if `verified`."""
    chip = chip if isinstance(chip, Chip) else Chip(chip)
    ps = InsertedPs(1, chip.transmit, anchors)
    if verified:
        ps.verify(CODE)
    return ps


def inserted_vitale(chip: Chip | CardImage, anchors: TrustAnchors = ANCHORS) -> InsertedVitale:
    """Return an inserted Vitale."""
    chip = chip if isinstance(chip, Chip) else Chip(chip)
    return InsertedVitale(1, chip.transmit, anchors)
