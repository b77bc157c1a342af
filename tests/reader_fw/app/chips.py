"""Cards as the firmware has them once they are in: chips of the cast, and a way to speak to them."""

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
    """A chip that answers by `answer` where that is set."""

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
    """A PS card that is in, if wanted with its code presented."""
    chip = chip if isinstance(chip, Chip) else Chip(chip)
    ps = InsertedPs(1, chip.transmit, anchors)
    if verified:
        ps.verify(CODE)
    return ps


def inserted_vitale(chip: Chip | CardImage, anchors: TrustAnchors = ANCHORS) -> InsertedVitale:
    """A Vitale that is in."""
    chip = chip if isinstance(chip, Chip) else Chip(chip)
    return InsertedVitale(1, chip.transmit, anchors)
