"""The serial numbers of cards: 20 digits, the issuer's ten and ten that follow from all that goes on a card.

Middleware keeps what it read of a card under this number. Of a PS card the CPS Cryptolib takes the 8 digits
after the issuer's, since the last two of a real card are a check digit and a filler. These 8 differ between
two issues, but for one chance in 10^8. Codes do not count, since a public number must not betray them. The
derivation is Project-defined.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Final

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.reader_fw.cards.file_list import SERIAL_DIGITS
from tla_sim.reader_fw.cards.image import CardContents, CardImage

ISSUER: Final = "8025000001"
"""The start of every derived number: the issuer's digits in the published EF.ATR of a CPS."""
UNKNOWN: Final = "0" * SERIAL_DIGITS
"""What stands for the number in a draft, from which it is derived."""


def derive_serial(draft: CardContents, first_day: date, last_day: date) -> str:
    """Return the serial number (20 digits) of a card.

    `draft` is the card with `UNKNOWN` for its number, public keys for its private ones and no certificates.
    """
    return _digits(CardImage(draft, None).build() + f"{first_day} {last_day}".encode())


def serial_of_name(profile: CardProfile, kind: CardKind, name: str) -> str:
    """Return the serial number (20 digits) for a name that somebody gave a card instead of digits."""
    return _digits(f"{profile.name} {kind.name} {name}".encode())


def _digits(seed: bytes) -> str:
    digest = hashlib.sha256(seed).digest()
    return ISSUER + f"{int.from_bytes(digest[:8], 'big') % 10**10:010}"
