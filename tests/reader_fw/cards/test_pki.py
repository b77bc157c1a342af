"""Where card keys come from, and that what is shipped says it is worth nothing."""

from __future__ import annotations

from importlib.resources import files

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.reader_fw.cards.pki import (
    Authority,
    CardKeyUnusable,
    FreshKeys,
    Holder,
    KeysExhausted,
    KeyUse,
    ShippedKeys,
    load_private_key,
    private_key_bytes,
)

HOLDER = Holder("PIQURE2969", "MAYA", "899700012345", "80250000010000000001")


def pool() -> list[rsa.RSAPrivateKey]:
    keys, found = ShippedKeys(), []
    while True:
        try:
            found.append(keys.take())
        except KeysExhausted:
            return found


def test_the_pool_has_at_least_sixteen_different_keys() -> None:
    moduli = [key.private_numbers().public_numbers.n for key in pool()]
    assert len(moduli) >= 16
    assert len(moduli) == len(dict.fromkeys(moduli))


def test_an_empty_pool_says_what_to_do() -> None:
    keys = ShippedKeys(start=len(pool()))
    with pytest.raises(KeysExhausted, match="fresh keys"):
        keys.take()


def test_a_benchmark_may_begin_the_pool_again() -> None:
    size = len(pool())
    keys = ShippedKeys(reuse=True)
    taken = [keys.take().private_numbers().p for _ in range(size + 1)]
    assert taken[0] == taken[size]


def test_fresh_keys_are_new_and_strong() -> None:
    first, second = FreshKeys().take(), FreshKeys().take()
    assert first.key_size == 2048
    assert first.private_numbers().p != second.private_numbers().p


def test_every_private_key_file_calls_itself_a_test_key() -> None:
    shipped = [
        each for each in files("tla_sim.reader_fw.cards.test_pki").iterdir() if each.name.endswith(".pem")
    ]
    assert len(shipped) == 7
    for file in shipped:
        text = file.read_text("ascii")
        assert text.count("TEST KEY") == text.count("-----BEGIN PRIVATE KEY-----") > 0


@pytest.mark.parametrize("kind", CardKind)
@pytest.mark.parametrize("profile", CardProfile)
def test_an_authority_has_the_key_of_its_certificate(kind: CardKind, profile: CardProfile) -> None:
    authority = Authority.shipped(kind, profile)
    assert authority.certificate.public_key() == authority.key.public_key()
    assert str(authority.key.private_numbers().p) not in repr(authority)


def test_the_same_certificate_is_issued_again_to_the_byte_and_any_change_shows() -> None:
    authority = Authority.shipped(CardKind.TEST, CardProfile.CPS)
    key = ShippedKeys().take().public_key()
    first = authority.issue(key, CardProfile.CPS, HOLDER, KeyUse.SIGNATURE)
    assert authority.issue(key, CardProfile.CPS, HOLDER, KeyUse.SIGNATURE) == first
    assert authority.issue(key, CardProfile.CPS, HOLDER, KeyUse.AUTHENTICATION) != first


def test_a_key_is_loaded_once() -> None:
    der = private_key_bytes(ShippedKeys().take())
    assert load_private_key(der) is load_private_key(bytes(bytearray(der)))


def test_what_is_no_rsa_2048_key_is_refused() -> None:
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    short = private_key_bytes(rsa.generate_private_key(65_537, 1_024))
    for der in (b"", b"\x30\x00", elliptic, short):
        with pytest.raises(CardKeyUnusable, match="key"):
            load_private_key(der)
