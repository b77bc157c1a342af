"""Whose certificate is believed: every way in which one must be refused, and what a good one says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.certificates import (
    CertificateExpired,
    CertificateKindMixed,
    CertificateMalformed,
    CertificateProfileWrong,
    CertificateRefused,
    CertificateUntrusted,
    SignerIdentity,
    TrustAnchors,
    certificate_pem,
    shipped_authorities_pem,
    verify_signer_certificate,
)
from tla_sim.reader_fw.cards.pki import Authority, Holder, KeyUse, ShippedKeys

ANCHORS = TrustAnchors.shipped()
KEY = ShippedKeys().take()
OTHER_KEY = ShippedKeys(start=1).take()
SERIAL = "80250000010000000001"
HOLDER = Holder("PIQURE2969", "MAYA", "899700012345", SERIAL, ("991234567",))
KINDS = tuple(CardKind)


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


NOON = at(2019, 3, 5, 12)


def issue(
    profile: CardProfile = CardProfile.CPS,
    kind: CardKind = CardKind.TEST,
    use: KeyUse = KeyUse.SIGNATURE,
    holder: Holder = HOLDER,
    key: rsa.RSAPrivateKey = KEY,
    until: date = date(2020, 12, 31),
) -> bytes:
    authority = Authority.shipped(kind, profile)
    return authority.issue(key.public_key(), profile, holder, use, date(2018, 1, 1), until)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("profile", CardProfile)
def test_a_good_certificate_says_who_holds_it(profile: CardProfile, kind: CardKind) -> None:
    identity = verify_signer_certificate(issue(profile, kind), NOON, ANCHORS, profiles=(profile,), kind=kind)
    assert (identity.profile, identity.kind) == (profile, kind)
    assert (identity.national_id, identity.name, identity.serial) == (
        "899700012345",
        "PIQURE2969 MAYA",
        SERIAL,
    )
    assert identity.billing_numbers == ("991234567",)


def test_the_holder_verifies_his_own_signatures_and_no_other() -> None:
    identity = verify_signer_certificate(issue(), NOON, ANCHORS)
    signature = KEY.sign(b"invoice", padding.PKCS1v15(), hashes.SHA256())
    assert identity.verifies(signature, b"invoice")
    assert not identity.verifies(signature, b"invoice.")
    assert not identity.verifies(OTHER_KEY.sign(b"invoice", padding.PKCS1v15(), hashes.SHA256()), b"invoice")
    assert not identity.verifies(b"", b"invoice")


@pytest.mark.parametrize(
    ("moment", "valid"),
    [
        (at(2017, 12, 31, 23, 59, 59), False),
        (at(2018, 1, 1), True),
        (at(2020, 12, 31, 23, 59, 59) + 999, True),
        (at(2021, 1, 1), False),
        (0, False),
    ],
)
def test_both_days_of_validity_count_and_no_others(moment: int, valid: bool) -> None:
    if valid:
        assert verify_signer_certificate(issue(), moment, ANCHORS).serial == SERIAL
    else:
        with pytest.raises(CertificateExpired, match="PIQURE2969 MAYA"):
            verify_signer_certificate(issue(), moment, ANCHORS)


def test_a_certificate_that_outlives_its_authority_ends_with_it() -> None:
    der = issue(until=date(2060, 1, 1))
    verify_signer_certificate(der, at(2045, 12, 31), ANCHORS)
    with pytest.raises(CertificateExpired):
        verify_signer_certificate(der, at(2046, 1, 1), ANCHORS)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_trusted_kind_is_believed(kind: CardKind) -> None:
    other = CardKind.REAL if kind is CardKind.TEST else CardKind.TEST
    alone = TrustAnchors.shipped([kind])
    verify_signer_certificate(issue(kind=kind), NOON, alone)
    with pytest.raises(CertificateUntrusted):
        verify_signer_certificate(issue(kind=other), NOON, alone)
    with pytest.raises(CertificateKindMixed):
        verify_signer_certificate(issue(kind=other), NOON, ANCHORS, kind=kind)


def test_another_authority_of_the_same_name_is_not_believed() -> None:
    forger = replace(Authority.shipped(CardKind.TEST, CardProfile.CPS), key=OTHER_KEY)
    der = forger.issue(KEY.public_key(), CardProfile.CPS, HOLDER, KeyUse.SIGNATURE)
    with pytest.raises(CertificateUntrusted):
        verify_signer_certificate(der, NOON, ANCHORS)


def test_a_card_cannot_issue_cards() -> None:
    card = x509.load_der_x509_certificate(issue())
    der = Authority(CardKind.TEST, card, KEY).issue(
        OTHER_KEY.public_key(), CardProfile.CPS, HOLDER, KeyUse.SIGNATURE
    )
    with pytest.raises(CertificateUntrusted):
        verify_signer_certificate(der, NOON, ANCHORS)
    with pytest.raises(CertificateRefused):
        verify_signer_certificate(der, NOON, ANCHORS.with_pem(certificate_pem(issue()).encode()))


@pytest.mark.parametrize(
    ("issuer", "profile"),
    [
        (CardProfile.VITALE, CardProfile.CPS),
        (CardProfile.VITALE, CardProfile.CPE),
        (CardProfile.CPS, CardProfile.VITALE),
    ],
)
def test_an_authority_only_issues_its_own_profiles(issuer: CardProfile, profile: CardProfile) -> None:
    authority = Authority.shipped(CardKind.TEST, issuer)
    der = authority.issue(KEY.public_key(), profile, HOLDER, KeyUse.SIGNATURE)
    with pytest.raises(CertificateProfileWrong):
        verify_signer_certificate(der, NOON, ANCHORS)


def test_a_use_names_the_profiles_it_takes() -> None:
    with pytest.raises(CertificateProfileWrong, match="CPE"):
        verify_signer_certificate(issue(CardProfile.CPE), NOON, ANCHORS, profiles=(CardProfile.CPS,))


def test_a_test_authority_cannot_make_real_cards() -> None:
    liar = replace(Authority.shipped(CardKind.TEST, CardProfile.CPS), kind=CardKind.REAL)
    der = liar.issue(KEY.public_key(), CardProfile.CPS, HOLDER, KeyUse.SIGNATURE)
    with pytest.raises(CertificateKindMixed):
        verify_signer_certificate(der, NOON, ANCHORS)


def test_an_authentication_certificate_signs_no_invoice() -> None:
    with pytest.raises(CertificateMalformed, match="signing"):
        verify_signer_certificate(issue(use=KeyUse.AUTHENTICATION), NOON, ANCHORS)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(CertificateMalformed, match="2048"):
        verify_signer_certificate(issue(key=rsa.generate_private_key(65_537, 1_024)), NOON, ANCHORS)


@pytest.mark.parametrize("name", ["root", "ps"])
def test_an_authority_is_no_signer(name: str) -> None:
    pems = x509.load_pem_x509_certificates(shipped_authorities_pem(CardKind.TEST).encode())
    der = pems[("root", "ps").index(name)].public_bytes(Encoding.DER)
    with pytest.raises(CertificateRefused):
        verify_signer_certificate(der, NOON, ANCHORS)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_one_altered_bit_anywhere_is_noticed() -> None:
    der = issue()
    for place in range(len(der) * 8):
        altered = bytearray(der)
        altered[place // 8] ^= 1 << place % 8
        with pytest.raises(CertificateRefused):
            verify_signer_certificate(bytes(altered), NOON, ANCHORS)


@given(st.binary(max_size=300))
def test_garbage_is_refused(raw: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        verify_signer_certificate(raw, NOON, ANCHORS)


def test_a_very_long_certificate_is_not_even_read() -> None:
    with pytest.raises(CertificateMalformed, match="long"):
        verify_signer_certificate(bytes(100_000), NOON, ANCHORS)


def test_a_chain_is_computed_once() -> None:
    der = issue()
    first = verify_signer_certificate(der, NOON, ANCHORS)
    assert verify_signer_certificate(bytes(bytearray(der)), NOON + 1, ANCHORS) is first


def test_anchors_come_from_pem_and_add_up() -> None:
    real = shipped_authorities_pem(CardKind.REAL).encode()
    both = TrustAnchors.shipped([CardKind.TEST]).with_pem(real)
    for kind in KINDS:
        assert isinstance(verify_signer_certificate(issue(kind=kind), NOON, both), SignerIdentity)
    with pytest.raises(CertificateUntrusted):
        verify_signer_certificate(issue(), NOON, TrustAnchors.from_pem(real))


@pytest.mark.parametrize("pem", [b"", b"no PEM at all", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_anchors_without_a_root_are_refused(pem: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        TrustAnchors.from_pem(pem)


def test_intermediates_alone_are_no_anchors() -> None:
    pem = shipped_authorities_pem(CardKind.TEST)
    without_root = pem[pem.index("CN=", pem.index("-----END")) :].encode()
    with pytest.raises(CertificateMalformed, match="root"):
        TrustAnchors.from_pem(without_root)


@pytest.mark.parametrize(
    ("kind", "word"), [(CardKind.TEST, "TLA-SIM TEST"), (CardKind.REAL, "TLA-SIM SIMULATED REAL")]
)
def test_every_subject_says_what_it_is_worth(kind: CardKind, word: str) -> None:
    authorities = x509.load_pem_x509_certificates(shipped_authorities_pem(kind).encode())
    leaves = [x509.load_der_x509_certificate(issue(profile, kind)) for profile in CardProfile]
    assert len(authorities) == 3
    for certificate in (*authorities, *leaves):
        assert word in certificate.subject.rfc4514_string()
        assert word in certificate.issuer.rfc4514_string()
    assert all(each.not_valid_before_utc.year == 2015 for each in authorities)
    assert all(each.not_valid_after_utc.year == 2045 for each in authorities)
