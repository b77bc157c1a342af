"""The Vitale: beneficiaries with their rights, a key that needs no code, and a short way with strangers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from tests.reader_fw.cards.sample_cards import INSURED, beneficiary, fetch, insert, send
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.certificates import TrustAnchors, verify_signer_certificate
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.vitale import MAX_BENEFICIARIES, Beneficiary, Insured
from tla_sim.reader_fw.cards.issue import CardNotIssued, CardTerms, issue_vitale
from tla_sim.reader_fw.cards.key_commands import SIGNING_MS
from tla_sim.reader_fw.cards.pki import ShippedKeys

SELECT = "00A4040C08F0544C4153494D56"
SET_KEY = "002241B606840181800102"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(b"invoice").digest()
SIGN = f"002A9E9A{len(DIGEST_INFO):02X}{DIGEST_INFO.hex()}"
KEYS = ShippedKeys(reuse=True)


def whole(card_sfi: int, beneficiaries: int = 2, kind: CardKind = CardKind.TEST) -> bytes:
    card = insert(CardProfile.VITALE, beneficiaries=beneficiaries, kind=kind)
    fetch(card, SELECT)
    content, word = send(card, f"00B0{0x80 | card_sfi:02X}00000000")
    assert word == 0x9000
    return content


@pytest.mark.parametrize(("kind", "letter"), [(CardKind.TEST, "T"), (CardKind.REAL, "R")])
def test_the_insured_is_in_a_file(kind: CardKind, letter: str) -> None:
    (insured,) = decode_typed(whole(1, kind=kind))
    assert insured == replace(INSURED, card_type=letter, card_end=date(2045, 12, 31))


@pytest.mark.parametrize("count", [1, 2, MAX_BENEFICIARIES])
def test_each_beneficiary_is_followed_by_its_rights(count: int) -> None:
    groups = decode_typed(whole(2, count))
    assert groups == tuple(group for rank in range(1, count + 1) for group in beneficiary(rank).groups)
    numbers = [group.DECLARATION.number for group in groups]
    assert numbers == [104, 105, 105, 106, 107] * count
    assert sum(isinstance(group, Beneficiary) for group in groups) == count


@pytest.mark.parametrize("count", [0, MAX_BENEFICIARIES + 1])
def test_a_card_holds_one_to_nineteen_beneficiaries(count: int) -> None:
    with pytest.raises(CardNotIssued, match="1 to 19"):
        issue_vitale(INSURED, [beneficiary(1)] * count, KEYS)


def test_its_signature_verifies_against_its_certificate() -> None:
    card = insert(CardProfile.VITALE)
    assert send(card, SIGN) == (b"", 0x6985)
    assert send(card, SET_KEY) == (b"", 0x9000)
    signature = fetch(card, SIGN)
    moment = 1_551_744_000_000
    identity = verify_signer_certificate(whole(3), moment, TrustAnchors.shipped())
    assert identity.verifies(signature, b"invoice")
    assert identity.serial == INSURED.card_serial
    assert identity.profile is CardProfile.VITALE
    send(card, SIGN)
    assert card.latency_ms == SIGNING_MS


def test_no_key_is_ready_after_a_reset() -> None:
    card = insert(CardProfile.VITALE)
    send(card, SET_KEY)
    card.power_on()
    assert send(card, SIGN) == (b"", 0x6985)


@pytest.mark.parametrize(
    "apdu",
    [
        "0020000100",
        "0020000108" + "31323334FFFFFFFF",
        "00240001",
        "002C0001",
        "0088000001AA",
        "00CB3FFF024D00",
    ],
)
def test_what_only_ps_cards_know_is_unknown_here(apdu: str) -> None:
    card = insert(CardProfile.VITALE)
    send(card, SET_KEY)
    assert send(card, apdu) == (b"", 0x6D00)


def test_its_key_neither_authenticates_nor_deciphers() -> None:
    card = insert(CardProfile.VITALE)
    assert send(card, "002241A406840181800102") == (b"", 0x6A88)
    assert send(card, "002241B80684018180011A") == (b"", 0x6A88)


def test_probing_by_other_cards_drivers_never_costs_more_than_a_command() -> None:
    card = insert(CardProfile.VITALE)
    for number in range(300):
        assert send(card, f"00A4040007A0000000{number:06X}") == (b"", 0x6A82)
        assert card.latency_ms == 0


def test_a_serial_number_is_derived_when_none_is_given() -> None:
    anonymous = Insured(card_type="T", card_serial="80250000019999999999", nir="1550899999001", nir_key="34")
    given = issue_vitale(anonymous, [beneficiary(1)], KEYS, CardTerms(serial="8" * 20))
    assert given.contents.serial == "8" * 20
    (insured,) = decode_typed(given.contents.files[3].content)
    assert isinstance(insured, Insured)
    assert insured.card_serial == "8" * 20
