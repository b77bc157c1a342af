"""The issuing of cards: from groups that describe a holder to an image with keys and certificates.

The same arguments with the shipped keys give the same image, to the byte. Project-defined.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.ps_card import PsCardType, PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import (
    MAX_BENEFICIARIES,
    Beneficiary,
    CoveragePeriod,
    Insured,
    RightsPeriod,
)
from tla_sim.reader_fw.cards import addresses
from tla_sim.reader_fw.cards.assembly import IssuedKey, build_image, number_card
from tla_sim.reader_fw.cards.code_porteur import SALT_BYTES, code_block, new_code_state
from tla_sim.reader_fw.cards.image import CardFile, CardImage, CodeState, Operation
from tla_sim.reader_fw.cards.models import PS_MODELS
from tla_sim.reader_fw.cards.pki import (
    Authority,
    Holder,
    KeySource,
    KeyUse,
)
from tla_sim.reader_fw.cards.ps_files import PsCertificates, ps_files
from tla_sim.reader_fw.cards.serial import UNKNOWN
from tla_sim.reader_fw.cards.terms import USUAL_TERMS, CardNotIssued, CardTerms, model_of
from tla_sim.reader_fw.cards.vitale_files import vitale_files

__all__ = [
    "BeneficiaryEntry",
    "CardNotIssued",
    "CardTerms",
    "issue_cpe",
    "issue_cpf",
    "issue_cps",
    "issue_vitale",
    "issued_code_state",
]

TEST_CODE: Final = "1234"
TEST_UNBLOCKING_CODE: Final = "12345678"

_PRINTABLE: Final = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*")
"""What a PrintableString may have (ITU-T X.680 §41.4), as serialNumber is one (X.520 §6.2.9)."""
_NO_CERTIFICATES: Final = PsCertificates()
_VITALE_CARD_TYPE: Final = {CardKind.TEST: "T", CardKind.REAL: "R"}


@dataclass(frozen=True, slots=True)
class BeneficiaryEntry:
    """One beneficiary of a Vitale card with his or her rights; `complementary` are groups 107 to 109."""

    beneficiary: Beneficiary
    rights: tuple[RightsPeriod, ...] = ()
    coverage: tuple[CoveragePeriod, ...] = ()
    complementary: tuple[Group, ...] = ()

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups in the order of the card: 104, then 105 to 109."""
        return (self.beneficiary, *self.rights, *self.coverage, *self.complementary)


def issue_cps(
    holder: PsHolder,
    situations: Sequence[PsSituation],
    keys: KeySource,
    terms: CardTerms = USUAL_TERMS,
    code: str = TEST_CODE,
    unblocking_code: str = TEST_UNBLOCKING_CODE,
) -> CardImage:
    """Return a professional's card with two keys from `keys`, authentication first, and the card type set.

    Raises CardNotIssued, CodecError for a group that does not fit, and whatever the key source raises.
    """
    return _issue_ps(CardProfile.CPS, holder, situations, keys, terms, code, unblocking_code)


def issue_cpe(
    holder: PsHolder,
    situations: Sequence[PsSituation],
    keys: KeySource,
    terms: CardTerms = USUAL_TERMS,
    code: str = TEST_CODE,
    unblocking_code: str = TEST_UNBLOCKING_CODE,
) -> CardImage:
    """Return an establishment employee's card, like `issue_cps`.

    Its profile rules out final signatures, whatever rights to sign its situations show.
    """
    return _issue_ps(CardProfile.CPE, holder, situations, keys, terms, code, unblocking_code)


def issue_cpf(
    holder: PsHolder,
    situations: Sequence[PsSituation],
    keys: KeySource,
    terms: CardTerms = USUAL_TERMS,
    code: str = TEST_CODE,
    unblocking_code: str = TEST_UNBLOCKING_CODE,
) -> CardImage:
    """Return the card of a professional in training, like `issue_cpe` but for its type.

    What it may sign is Project-defined: as much as a CPE, whose profile it has.
    """
    return _issue_ps(CardProfile.CPE, holder, situations, keys, terms, code, unblocking_code, PsCardType.CPF)


def issue_vitale(
    insured: Insured,
    beneficiaries: Sequence[BeneficiaryEntry],
    keys: KeySource,
    terms: CardTerms = USUAL_TERMS,
) -> CardImage:
    """Return a patient's card with 1 to 19 beneficiaries, one key from `keys` and no code.

    The insured's card type is set, and so are serial number and end of validity where they are empty. The
    chip's own serial number, in EF.SN, follows from the whole card unless the terms give it. A Vitale 1 holds
    the same, and lets nobody read it.
    Raises CardNotIssued, CodecError for a group that does not fit, and whatever the key source raises.
    """
    if not 1 <= len(beneficiaries) <= MAX_BENEFICIARIES:
        raise CardNotIssued(
            "A Vitale card holds 1 to {most} beneficiaries, not {count}",
            "Spread them over several cards",
            most=MAX_BENEFICIARIES,
            count=len(beneficiaries),
        )
    model = model_of(CardProfile.VITALE, terms)
    insured = replace(
        insured,
        card_type=_VITALE_CARD_TYPE[terms.kind],
        card_serial=terms.serial or insured.card_serial,
        card_end=insured.card_end or terms.valid_until,
    )
    groups = [group for entry in beneficiaries for group in entry.groups]

    def files(serial: str, certificate: bytes = b"") -> tuple[CardFile, ...]:
        numbered = replace(insured, card_serial=insured.card_serial or serial)
        return vitale_files(serial, numbered, groups, certificate)

    key = keys.take()
    issued = (IssuedKey(addresses.VITALE_KEY, Operation.SIGN, False, key),)
    terms = number_card(CardProfile.VITALE, model, terms, files(UNKNOWN), issued)
    certificate = Authority.shipped(terms.kind, CardProfile.VITALE).issue(
        key.public_key(),
        CardProfile.VITALE,
        Holder("", "", "", insured.card_serial or terms.serial),
        KeyUse.SIGNATURE,
        terms.valid_from,
        terms.valid_until,
    )
    return build_image(CardProfile.VITALE, model, terms, files(terms.serial, certificate), issued, None)


def _issue_ps(
    profile: CardProfile,
    holder: PsHolder,
    situations: Sequence[PsSituation],
    keys: KeySource,
    terms: CardTerms,
    code: str,
    unblocking_code: str,
    card_type: PsCardType | None = None,
) -> CardImage:
    model = model_of(profile, terms)
    generation = PS_MODELS[model]
    if not _PRINTABLE.fullmatch(holder.national_id):
        raise CardNotIssued(
            "A certificate cannot hold the national number {number!r}",
            "Use letters and digits without accents, spaces, and ' ( ) + , - . / : = ?",
            number=holder.national_id,
        )
    holder = replace(holder, card_type=card_type or PsCardType.of(profile))
    valid = terms.valid_from, terms.valid_until

    def files(serial: str, certificates: PsCertificates = _NO_CERTIFICATES) -> tuple[CardFile, ...]:
        return ps_files(model, terms.kind, serial, valid, holder, situations, certificates)

    authentication, signature = keys.take(), keys.take()
    use = Operation.AUTHENTICATE | Operation.DECIPHER
    issued = (
        IssuedKey(generation.signature_key, Operation.SIGN, True, signature),
        IssuedKey(generation.authentication_key, use, True, authentication),
    )
    terms = number_card(profile, model, terms, files(UNKNOWN), issued)
    state = issued_code_state(terms.serial, code, unblocking_code)
    owned = [each.billing_number for each in situations if each.may_sign_invoice]
    certified = Holder(
        holder.last_name,
        holder.first_name,
        holder.national_id,
        terms.serial,
        tuple(dict.fromkeys(owned)) if profile is CardProfile.CPS else (),
    )
    authority = Authority.shipped(terms.kind, profile)
    certificates = PsCertificates(
        *(
            authority.issue(key.public_key(), profile, who, use, *valid)
            for key, who, use in (
                (authentication, certified, KeyUse.AUTHENTICATION),
                (signature, certified, KeyUse.SIGNATURE),
                # A real card has a third key for this one, which works without contacts.
                (authentication, Holder("", "", "", terms.serial), KeyUse.AUTHENTICATION),
            )
        )
    )
    return build_image(profile, model, terms, files(terms.serial, certificates), issued, state)


def issued_code_state(serial: str, code: str, unblocking_code: str) -> CodeState:
    """Return the code state that the card with this serial number is issued with. Raises CardNotIssued."""
    try:
        for given in (code, unblocking_code):
            code_block(given.encode())
    except ValueError:
        raise CardNotIssued("A code does not have 4 to 8 digits", "Give another code") from None
    # Not random, so that a card issued twice is the same to the byte.
    salts = hashlib.sha256(f"salts of card {serial}".encode()).digest()
    return new_code_state(code.encode(), unblocking_code.encode(), salts[:SALT_BYTES], salts[SALT_BYTES:])
