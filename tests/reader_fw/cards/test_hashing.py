"""A card hashes the end of a message and signs its digest, in the commands of the field's middlewares."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reader_fw.cards.sample_cards import VERIFY, VERIFY_WRONG, digest_info, fetch, image, insert, send
from tests.reader_fw.cards.test_sha import padded
from tla_sim.protocol.card_kind import CardModel
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage, CardKey, Operation
from tla_sim.reader_fw.cards.key_commands import SIGNING_MS
from tla_sim.reader_fw.cards.models import PS_MODELS
from tla_sim.reader_fw.cards.pki import load_private_key
from tla_sim.reader_fw.cards.sha import Sha

MESSAGE = b"An order of a nurse to a pharmacist, in more than one block of sixty-four bytes: 156,20 EUR"
START = MESSAGE[:64]
HASH = {Sha.SHA_1: "10", Sha.SHA_256: "40"}
SIGN = {Sha.SHA_1: "12", Sha.SHA_256: "42"}
ALGORITHMS = {Sha.SHA_1: hashes.SHA1(), Sha.SHA_256: hashes.SHA256()}
SIGNATURE = f"{PS_MODELS[CardModel.CPS3].signature_key:02X}"
AUTHENTICATION = f"{PS_MODELS[CardModel.CPS3].authentication_key:02X}"


def set_hash(sha: Sha) -> str:
    return f"002241AA038001{HASH[sha]}"


def set_signature(sha: Sha, key: str = SIGNATURE) -> str:
    return f"002241B6068001{SIGN[sha]}8401{key}"


def hash_command(before: bytes, bits: int, last: bytes) -> str:
    state = before + bits.to_bytes(8, "big") if before else b""
    data = bytes((0x90, len(state))) + state + bytes((0x80, len(last))) + last
    return f"002A90A0{len(data):02X}{data.hex()}"


def key(card: Card, operation: Operation) -> rsa.RSAPublicKey:
    (found,) = (each for each in card.image.contents.keys if each.may(operation))
    return _public(found)


def _public(found: CardKey) -> rsa.RSAPublicKey:
    return load_private_key(found.pkcs8).public_key()


def check(card: Card, sha: Sha, signature: bytes, message: bytes) -> None:
    key(card, Operation.SIGN).verify(signature, message, padding.PKCS1v15(), ALGORITHMS[sha])


@pytest.fixture
def card() -> Card:
    card = insert()
    assert send(card, VERIFY) == (b"", 0x9000)
    return card


@pytest.mark.parametrize("sha", list(Sha))
class TestSignatureKey:
    def test_a_short_message_is_hashed_whole(self, card: Card, sha: Sha) -> None:
        assert send(card, set_hash(sha)) == (b"", 0x9000)
        assert send(card, hash_command(b"", 0, b"invoice")) == (b"", 0x9000)
        assert send(card, set_signature(sha)) == (b"", 0x9000)
        check(card, sha, fetch(card, "002A9E9A00"), b"invoice")
        send(card, set_hash(sha))
        send(card, hash_command(b"", 0, b"other"))
        send(card, "002A9E9A00")
        assert card.latency_ms == SIGNING_MS

    def test_a_long_one_from_where_the_host_stopped(self, card: Card, sha: Sha) -> None:
        before, rest = b"what the host hashed", b"the last block"
        start = padded(before)
        send(card, set_hash(sha))
        assert send(card, hash_command(sha.digest(before), 8 * len(start), rest)) == (b"", 0x9000)
        send(card, set_signature(sha))
        check(card, sha, fetch(card, "002A9E9A00"), start + rest)

    def test_a_digest_made_outside(self, card: Card, sha: Sha) -> None:
        digest = sha.digest(MESSAGE)
        send(card, set_hash(sha))
        assert send(card, f"002A90A0{len(digest) + 2:02X}90{len(digest):02X}{digest.hex()}") == (b"", 0x9000)
        send(card, set_signature(sha))
        check(card, sha, fetch(card, "002A9E9A00"), MESSAGE)

    def test_a_message_as_it_is(self, card: Card, sha: Sha) -> None:
        send(card, set_hash(sha))
        assert send(card, f"102A9080{len(START):02X}{START.hex()}") == (b"", 0x9000)
        rest = MESSAGE[64:]
        assert send(card, f"002A9080{len(rest):02X}{rest.hex()}") == (b"", 0x9000)
        send(card, set_signature(sha))
        check(card, sha, fetch(card, "002A9E9A00"), MESSAGE)

    def test_a_digest_in_the_command(self, card: Card, sha: Sha) -> None:
        digest = sha.digest(MESSAGE)
        send(card, set_signature(sha))
        check(card, sha, fetch(card, f"002A9E9A{len(digest):02X}{digest.hex()}"), MESSAGE)
        assert send(card, f"002A9E9A{len(digest) - 1:02X}{digest[1:].hex()}") == (b"", 0x6700)

    def test_a_hash_refused_leaves_no_digest(self, card: Card, sha: Sha) -> None:
        send(card, set_hash(sha))
        send(card, hash_command(b"", 0, b"another message"))
        assert send(card, hash_command(sha.digest(START), 8 * 63, b"invoice")) == (b"", 0x6A80)
        send(card, set_signature(sha))
        assert send(card, "002A9E9A00") == (b"", 0x6985)

    def test_a_digest_is_good_once(self, card: Card, sha: Sha) -> None:
        send(card, set_hash(sha))
        send(card, hash_command(b"", 0, b"invoice"))
        send(card, set_signature(sha))
        fetch(card, "002A9E9A00")
        assert send(card, "002A9E9A00") == (b"", 0x6985)

    def test_it_outlives_a_refused_signature_and_a_login(self, card: Card, sha: Sha) -> None:
        send(card, VERIFY_WRONG)
        send(card, set_hash(sha))
        send(card, hash_command(b"", 0, b"invoice"))
        send(card, set_signature(sha))
        assert send(card, "002A9E9A00") == (b"", 0x6982)
        send(card, VERIFY)
        send(card, set_signature(sha))
        check(card, sha, fetch(card, "002A9E9A00"), b"invoice")

    def test_it_does_not_outlive_a_reset(self, card: Card, sha: Sha) -> None:
        send(card, set_hash(sha))
        send(card, hash_command(b"", 0, b"invoice"))
        card.power_on()
        send(card, VERIFY)
        send(card, set_signature(sha))
        assert send(card, "002A9E9A00") == (b"", 0x6985)
        assert send(card, hash_command(b"", 0, b"invoice")) == (b"", 0x6985)


def test_a_digest_of_another_hash_is_not_signed(card: Card) -> None:
    send(card, set_hash(Sha.SHA_1))
    send(card, hash_command(b"", 0, b"invoice"))
    send(card, set_signature(Sha.SHA_256))
    assert send(card, "002A9E9A00") == (b"", 0x6985)
    send(card, "002241B606840181800102")
    assert send(card, "002A9E9A00") == (b"", 0x6700)


def test_the_authentication_key_signs_no_digest(card: Card) -> None:
    assert send(card, set_signature(Sha.SHA_256, AUTHENTICATION)) == (b"", 0x6A88)


@pytest.mark.parametrize(
    "data",
    [
        "90",
        "9000",
        "9014" + "00" * 20,
        "9028" + "00" * 40,
        "9028" + "00" * 32 + "0000000000000008" + "8001AA",
        "9028" + "00" * 32 + "FFFFFFFFFFFFFF00" + "8001AA",
        "901C" + "00" * 20 + "0000000000000200" + "8001AA",
        "9028" + "00" * 32 + "0000000000000200" + "8041" + "00" * 65,
        "90008001809000",
        "9000800100810100",
    ],
)
def test_what_is_no_end_of_a_message_is_refused(card: Card, data: str) -> None:
    send(card, set_hash(Sha.SHA_256))
    assert send(card, f"002A90A0{len(data) // 2:02X}{data}") == (b"", 0x6A80)
    send(card, set_signature(Sha.SHA_256))
    assert send(card, "002A9E9A00") == (b"", 0x6985)


@given(data=st.binary(min_size=1, max_size=255))
@settings(max_examples=50, deadline=None)
def test_any_template_is_hashed_or_refused(data: bytes) -> None:
    card = insert()
    send(card, set_hash(Sha.SHA_1))
    assert send(card, f"002A90A0{len(data):02X}{data.hex()}")[1] in (0x9000, 0x6A80)


class TestCps4:
    """ChipDoc's way: one template for key and algorithm, PSS, raw RSA; all of it on channel 1."""

    KEYS = PS_MODELS[CardModel.CPS4]

    @pytest.fixture
    def card(self) -> Card:
        card = insert(model=CardModel.CPS4)
        assert send(card, "01A4040C088025000001FF0100") == (b"", 0x9000)
        assert send(card, "01" + VERIFY[2:]) == (b"", 0x9000)
        return card

    def fetch(self, card: Card, apdu: str) -> bytes:
        data, word = send(card, apdu)
        while word >> 8 == 0x61:
            more, word = send(card, f"01C00000{word & 0xFF:02X}")
            data += more
        assert word == 0x9000
        return data

    @pytest.mark.parametrize(
        ("algorithm", "sha", "pss"),
        [
            ("0A", Sha.SHA_1, False),
            ("15", Sha.SHA_1, True),
            ("28", Sha.SHA_256, False),
            ("2C", Sha.SHA_256, True),
        ],
    )
    @pytest.mark.parametrize("operation", [Operation.SIGN, Operation.AUTHENTICATE])
    def test_both_keys_sign_a_digest(
        self, card: Card, algorithm: str, sha: Sha, pss: bool, operation: Operation
    ) -> None:
        reference = self.KEYS.signature_key if operation is Operation.SIGN else self.KEYS.authentication_key
        assert send(card, f"012281B6049102{algorithm}{reference | 0x80:02X}") == (b"", 0x9000)
        digest = sha.digest(MESSAGE)
        signature = self.fetch(card, f"012A9E9A{len(digest):02X}{digest.hex()}00")
        chosen = ALGORITHMS[sha]
        scheme = padding.PSS(padding.MGF1(chosen), chosen.digest_size) if pss else padding.PKCS1v15()
        public = key(card, operation)
        public.verify(signature, MESSAGE, scheme, chosen)
        with pytest.raises(InvalidSignature):
            public.verify(signature, b"another", scheme, chosen)

    def test_the_authentication_key_computes_raw_rsa(self, card: Card) -> None:
        assert send(card, f"012241B8038301{self.KEYS.authentication_key:02X}") == (b"", 0x9000)
        cryptogram = key(card, Operation.AUTHENTICATE).encrypt(b"a session key", padding.PKCS1v15())
        assert send(card, f"112A8086FF{cryptogram[:255].hex()}") == (b"", 0x9000)
        plain = self.fetch(card, f"012A808601{cryptogram[255:].hex()}00")
        assert len(plain) == 256
        assert plain[:2] == b"\0\2"
        assert plain.endswith(b"\0a session key")
        too_high = b"\xff" * 256
        assert send(card, f"112A8086FF{too_high[:255].hex()}") == (b"", 0x9000)
        assert send(card, f"012A808601{too_high[255:].hex()}00") == (b"", 0x6A80)

    @pytest.mark.parametrize(
        ("apdu", "word"),
        [
            ("012281B60491022899", 0x6A88),  # no such key
            ("012281B60491022990", 0x6A80),  # SHA-384
            ("012281B603910128", 0x6A80),
            ("012281B60791022890800102", 0x6A80),
            ("012281B80491022890", 0x6A86),
            ("012281A40491022890", 0x6A86),
            ("012241B803830110", 0x6A88),  # the signature key does not decipher
            ("012241B80483022020", 0x6A80),
        ],
    )
    def test_other_environments_are_refused(self, card: Card, apdu: str, word: int) -> None:
        assert send(card, apdu) == (b"", word)

    def test_our_firmwares_way_works_too(self, card: Card) -> None:
        info = digest_info(MESSAGE)
        send(card, f"002241B6068401{self.KEYS.signature_key:02X}800102")
        check(card, Sha.SHA_256, fetch(card, f"002A9E9A{len(info):02X}{info.hex()}"), MESSAGE)


def test_a_damaged_key_is_not_set() -> None:
    whole = image()
    damaged = tuple(replace(each, pkcs8=b"no key") for each in whole.contents.keys)
    card = Card(CardImage(replace(whole.contents, keys=damaged), whole.code), SeededEntropy(1))
    card.power_on()
    assert send(card, set_signature(Sha.SHA_256)) == (b"", 0x6984)


def test_every_model_has_both_keys() -> None:
    for model, declared in PS_MODELS.items():
        references = {each.reference for each in image(model=model).contents.keys}
        assert references == {declared.signature_key, declared.authentication_key}
