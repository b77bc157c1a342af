"""A new card from its parts: terms, files, keys and code state; and its serial number from the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import rsa

from tla_sim.protocol.card_kind import CardModel, CardProfile
from tla_sim.reader_fw.cards.atr import ATRS, atr_of
from tla_sim.reader_fw.cards.image import CardContents, CardFile, CardImage, CardKey, CodeState
from tla_sim.reader_fw.cards.pki import private_key_bytes, public_key_bytes
from tla_sim.reader_fw.cards.serial import derive_serial
from tla_sim.reader_fw.cards.terms import CardNotIssued, CardTerms


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key of a new card: reference, operations, whether it needs the code, the key."""

    reference: int
    operations: int
    needs_code: bool
    key: rsa.RSAPrivateKey


def number_card(
    profile: CardProfile,
    model: CardModel,
    terms: CardTerms,
    files: tuple[CardFile, ...],
    keys: tuple[IssuedKey, ...],
) -> CardTerms:
    """Return the terms with a serial number, derived from the card where none is given.

    `files` are those of its draft, with `UNKNOWN` for the number and no certificates. Raises CardNotIssued.
    """
    if terms.serial:
        return terms
    drafted = tuple(
        CardKey(each.reference, each.operations, each.needs_code, public_key_bytes(each.key)) for each in keys
    )
    draft = _contents(profile, model, terms, files, drafted)
    return replace(terms, serial=derive_serial(draft, terms.valid_from, terms.valid_until))


def build_image(
    profile: CardProfile,
    model: CardModel,
    terms: CardTerms,
    files: tuple[CardFile, ...],
    keys: tuple[IssuedKey, ...],
    code: CodeState | None,
) -> CardImage:
    """Return the image of a new card. Raises CardNotIssued for an answer to reset of another model."""
    issued = tuple(
        CardKey(each.reference, each.operations, each.needs_code, private_key_bytes(each.key))
        for each in keys
    )
    return CardImage(_contents(profile, model, terms, files, issued), code)


def _contents(
    profile: CardProfile,
    model: CardModel,
    terms: CardTerms,
    files: tuple[CardFile, ...],
    keys: tuple[CardKey, ...],
) -> CardContents:
    if terms.atr and terms.atr not in ATRS[model]:
        raise CardNotIssued(
            "No {model} is known to answer reset with {atr}",
            "Choose among: {known}",
            model=model.name,
            atr=terms.atr.hex().upper(),
            known=", ".join(each.hex().upper() for each in ATRS[model]),
        )
    atr = atr_of(model, terms.transmission, terms.atr)
    return CardContents(profile, model, terms.kind, terms.serial, terms.transmission, atr, files, keys)
