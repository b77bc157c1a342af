"""Another serial number for an edited card: middleware keeps under it what it read of a card."""

from __future__ import annotations

import hashlib
from typing import Any

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.serial import ISSUER, serial_of_name
from tla_sim.tools.cards.text.export import card_text
from tla_sim.tools.cards.text.layout import laid_out
from tla_sim.tools.cards.text.reading import read_card_text


def renumbered(image: CardImage) -> CardImage:
    """Return the card with a serial number that follows from all that it holds.

    The number is changed wherever the card's text has it: in files, in certificates, which are issued anew,
    and at the end of a label. A certificate that the text has as bytes stays as it is.
    """
    contents = image.contents
    held = hashlib.sha256(image.build()).hexdigest()
    new = serial_of_name(CardProfile(contents.profile), CardKind(contents.kind), held)
    tree = _replaced(card_text(image), contents.serial, new)
    return read_card_text(laid_out(tree).encode(), contents.serial, base=image)


def _replaced(value: Any, old: str, new: str) -> Any:
    match value:
        case dict():
            return {key: _replaced(each, old, new) for key, each in value.items()}
        case list():
            return [_replaced(each, old, new) for each in value]
        case str():
            own = f"-{old[len(ISSUER) :]}"
            if value.endswith(own):
                value = value.removesuffix(own) + f"-{new[len(ISSUER) :]}"
            return value.replace(old, new)
        case _:
            return value
