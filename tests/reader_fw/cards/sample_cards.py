"""Cards of fictitious people for the tests, issued once; `insert` gives a powered one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.groups.complementary import Mutuelle
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Beneficiary, CoveragePeriod, Insured, RightsPeriod
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import BeneficiaryEntry, CardTerms, issue_cpe, issue_cps, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys

NURSE = PsHolder(card_type="0", national_id="899700012345", last_name="PIQURE2969", first_name="MAYA")
NURSE_SITUATIONS = (
    PsSituation(
        logical_number=1,
        billing_number="99123456",
        billing_key="7",
        convention="1",
        speciality="24",
        may_sign_invoice=True,
        may_sign_lot=True,
    ),
    PsSituation(logical_number=2, billing_number="99123457", speciality="24"),
)
SECRETARY = PsHolder(card_type="2", national_id="399700099999", last_name="ACCUEIL", first_name="INES")
SECRETARY_SITUATIONS = (PsSituation(logical_number=1, billing_number="99123456", may_sign_invoice=True),)
INSURED = Insured(
    card_type="T",
    card_serial="80250000019999999999",
    nir="1550899999001",
    nir_key="34",
    regime="01",
    fund="751",
    centre="0001",
)


def beneficiary(rank: int) -> BeneficiaryEntry:
    """The beneficiary of a birth rank, with a past and a present period of rights."""
    return BeneficiaryEntry(
        Beneficiary(
            usual_name="MARTIN",
            first_name=f"PAUL {rank}",
            birth_date=BirthDate("19550812"),
            birth_rank=str(rank % 10),
            quality="0",
        ),
        rights=(
            RightsPeriod(start=date(2015, 1, 1), end=date(2016, 12, 31)),
            RightsPeriod(start=date(2018, 1, 1), end=date(2020, 12, 31)),
        ),
        coverage=(CoveragePeriod(start=date(2018, 1, 1), ald_code="1", situation_code="0100"),),
        complementary=(Mutuelle(identifier="77777777", guarantees="A"),),
    )


def person(name: str, first: str, born: str, nir: str = "") -> BeneficiaryEntry:
    """A beneficiary without rights; `nir` has 13 digits and its key, or neither for the insured's."""
    return BeneficiaryEntry(
        Beneficiary(
            usual_name=name,
            first_name=first,
            birth_date=BirthDate(born),
            birth_rank="1",
            quality="0",
            certified_nir=nir[:13],
            certified_nir_key=nir[13:],
        )
    )


@cache
def image(
    profile: CardProfile = CardProfile.CPS,
    kind: CardKind = CardKind.TEST,
    transmission: Transmission = Transmission.T0,
    beneficiaries: int = 2,
    model: CardModel | None = None,
) -> CardImage:
    """A card as it is issued: code 1234, unblocking code 12345678."""
    terms = CardTerms(kind=kind, transmission=transmission, model=model)
    keys = ShippedKeys(start=4 * profile)
    match profile:
        case CardProfile.CPS:
            return issue_cps(NURSE, NURSE_SITUATIONS, keys, terms)
        case CardProfile.CPE:
            return issue_cpe(SECRETARY, SECRETARY_SITUATIONS, keys, terms)
        case CardProfile.VITALE:
            family = [beneficiary(rank) for rank in range(1, beneficiaries + 1)]
            return issue_vitale(INSURED, family, keys, terms)


def insert(
    profile: CardProfile = CardProfile.CPS,
    persist: Callable[[bytes], None] | None = None,
    **terms: Any,
) -> Card:
    """A card with power."""
    card = Card(image(profile, **terms), SeededEntropy(1), persist)
    card.power_on()
    return card


def send(card: Card, apdu: str) -> tuple[bytes, int]:
    """One command in hexadecimal; response data and status word."""
    answer = card.transmit(bytes.fromhex(apdu))
    return answer[:-2], int.from_bytes(answer[-2:], "big")


def fetch(card: Card, apdu: str) -> bytes:
    """The data of a command that must succeed, with the GET RESPONSE that T=0 needs."""
    data, word = send(card, apdu)
    while word >> 8 == 0x61:
        more, word = send(card, f"00C00000{word & 0xFF:02X}")
        data += more
    assert word == 0x9000, f"{apdu}: {word:04X}"
    return data


def digest_info(message: bytes) -> bytes:
    """The DigestInfo of a message by SHA-256 (RFC 8017 §9.2, note 1)."""
    return bytes.fromhex("3031300D060960864801650304020105000420") + hashlib.sha256(message).digest()


CODE = "31323334FFFFFFFF"
WRONG = "30303030FFFFFFFF"
UNBLOCKING = "3132333435363738"
VERIFY = "0020000108" + CODE
VERIFY_WRONG = "0020000108" + WRONG
STATUS = "0020000100"
