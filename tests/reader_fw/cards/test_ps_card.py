"""A CPS answers stock OpenSC's commands, byte for byte, in the order in which OpenSC sends them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reader_fw.cards.sample_cards import (
    NURSE,
    NURSE_SITUATIONS,
    SECRETARY_SITUATIONS,
    STATUS,
    UNBLOCKING,
    VERIFY,
    VERIFY_WRONG,
    fetch,
    image,
    insert,
    send,
)
from tla_sim.protocol.card_kind import CardModel, CardProfile
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.tlv import Tlv, parse, parse_all
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.atr import Transmission, offered_protocols
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage, Operation
from tla_sim.reader_fw.cards.issue import CardNotIssued, CardTerms, issue_cps
from tla_sim.reader_fw.cards.key_commands import SIGNING_MS
from tla_sim.reader_fw.cards.pki import ShippedKeys

AID = "E828BD080F8025000001FF0010"
SELECT_APPLICATION = f"00A404040D{AID}"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(b"invoice").digest()
INTERNAL_AUTHENTICATE = f"00880000{len(DIGEST_INFO):02X}{DIGEST_INFO.hex()}"
COMPUTE_SIGNATURE = f"002A9E9A{len(DIGEST_INFO):02X}{DIGEST_INFO.hex()}"
SET_AUTHENTICATION = "002241A406840182800102"
SET_SIGNATURE = "002241B606840181800102"
SET_DECIPHER = "002241B80684018280011A"


@pytest.fixture
def card() -> Card:
    return insert()


@pytest.fixture
def verified(card: Card) -> Card:
    assert send(card, VERIFY) == (b"", 0x9000)
    return card


def read(card: Card, select: str) -> bytes:
    """SELECT with file control parameters, then READ BINARY in blocks of 256 as OpenSC does."""
    parameters = parse(fetch(card, select))
    size = parameters.find(0x80)
    assert size is not None
    total = int.from_bytes(size.value, "big")
    content = b""
    while len(content) < total:
        content += fetch(card, f"00B0{len(content):04X}{min(256, total - len(content)) & 0xFF:02X}")
    return content


def public_key(card: Card, fid: str) -> rsa.RSAPublicKey:
    fetch(card, SELECT_APPLICATION)
    key = x509.load_der_x509_certificate(read(card, f"00A4020402{fid}")).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key


class TestConnecting:
    def test_ef_atr_is_the_published_one(self, card: Card) -> None:
        content = read(card, "00A40904043F002F01")
        assert content.hex().upper().startswith("804301B8460404B0ECC147039401804F088025000001FF0100E010")

    def test_the_mf_has_the_name_that_ef_atr_gives(self, card: Card) -> None:
        data, word = send(card, "00A40404088025000001FF0100")
        assert (data, word >> 8) == (b"", 0x61)
        parameters = parse(fetch(card, f"00C00000{word & 0xFF:02X}"))
        assert parameters.tag == 0x62
        assert parameters.find(0x82) == Tlv(0x82, b"\x38")
        assert parameters.find(0x83) == Tlv(0x83, b"\x3f\x00")
        rules = parameters.find(0xA1)
        assert rules is not None
        assert rules.children == (Tlv(0x8C, bytes.fromhex("7BFFFFFFFFFFFF")),)

    def test_the_serial_number_comes_after_a_corrected_length(self, card: Card) -> None:
        assert send(card, "00B09C0000") == (b"", 0x6C0C)
        assert fetch(card, "00B09C000C").hex() == "5a0a" + card.serial

    def test_file_parameters_carry_size_type_and_access_rules(self, card: Card) -> None:
        parameters = parse(fetch(card, "00A40904043F002F00"))
        assert parameters.find(0x82) == Tlv(0x82, b"\x01")
        rules = parameters.find(0xA1)
        assert rules is not None
        assert rules.children == (Tlv(0x8C, bytes.fromhex("7BFFFFFFFFFF00")),)

    def test_parameters_can_be_asked_as_information_or_not_at_all(self, card: Card) -> None:
        assert fetch(card, "00A40000022F00")[0] == 0x6F
        assert send(card, "00A4000C022F00") == (b"", 0x9000)
        assert fetch(card, "00A4000400")[:1] == b"\x62"


class TestPkcs15:
    def test_ef_dir_names_the_application(self, card: Card) -> None:
        entry = parse(read(card, "00A40904043F002F00"))
        assert entry.find(0x4F) == Tlv(0x4F, bytes.fromhex(AID))
        assert entry.find(0x51) == Tlv(0x51, bytes.fromhex("3F000001"))

    def test_the_object_directory_leads_to_files_that_are_there(self, card: Card) -> None:
        fetch(card, SELECT_APPLICATION)
        directory = parse_all(read(card, "00A40904025031"))
        assert [entry.tag for entry in directory] == [0xA8, 0xA0, 0xA4, 0xA7]
        for entry in directory:
            fid = entry.children[0].children[0].value
            assert parse_all(read(card, f"00A4020402{fid.hex()}"))

    def test_token_info_has_serial_and_algorithms(self, card: Card) -> None:
        fetch(card, SELECT_APPLICATION)
        info = parse(read(card, "00A40904025032"))
        assert info.children[1].value.hex() == card.serial
        algorithms = info.find(0xA2)
        assert algorithms is not None
        listed = {
            (each.children[1].value.hex(), each.children[3].value.hex(), each.children[-1].value.hex())
            for each in algorithms.children
        }
        assert listed == {
            ("01", "0640", "02"),  # CKM_RSA_PKCS, compute signature
            ("01", "0204", "1a"),  # decipher
            ("0220", "0102", "10"),  # CKM_SHA_1, hash
            ("0250", "0102", "40"),
            ("06", "0640", "12"),  # CKM_SHA1_RSA_PKCS
            ("40", "0640", "42"),
        }
        references = [each.children[0].value[0] for each in algorithms.children]
        assert references == [1, 2, 3, 4, 5, 6]

    def test_the_signature_key_alone_commits_its_holder(self, card: Card) -> None:
        fetch(card, SELECT_APPLICATION)
        authentication, signature = parse_all(read(card, "00A40204027002"))
        assert authentication.children[1].children[1].value.hex() == "0560", "decrypt, sign"
        assert signature.children[1].children[1].value.hex() == "062040", "sign, nonRepudiation"

    def test_the_authentication_key_is_offered_first(self, card: Card) -> None:
        fetch(card, SELECT_APPLICATION)
        keys = parse_all(read(card, "00A40204027002"))
        assert [key.children[1].children[-1].value[-1] for key in keys] == [0x82, 0x81]
        for key in keys:
            path = key.children[-1].children[0].children[0]
            assert path.build() == bytes.fromhex("30020400")

    def test_the_application_is_reached_by_path_too(self, card: Card) -> None:
        parameters = parse(fetch(card, "00A40904043F000001"))
        assert parameters.find(0x84) == Tlv(0x84, bytes.fromhex(AID))

    def test_its_name_may_be_cut_short(self, card: Card) -> None:
        assert parse(fetch(card, "00A4040405E828BD080F")).find(0x83) == Tlv(0x83, b"\x00\x01")


class TestCode:
    def test_login_as_opensc_does_it(self, card: Card) -> None:
        for _ in range(3):
            assert send(card, STATUS) == (b"", 0x63C3)
            assert parse(fetch(card, "00A40204023F00")).find(0x83) == Tlv(0x83, b"\x3f\x00")
            sizes = fetch(card, "00CB3FFF0B4D097007BF8101037F4180")
            assert sizes.hex().upper() == "700DBF8101097F4106800108810104"
            policy = fetch(card, "00CB3FFF0A4D087006BF810102A080")
            assert policy.hex().upper() == "7016BF810112A0109A01039B0103A1088C06F3000013FF00"
        assert send(card, VERIFY) == (b"", 0x9000)
        assert send(card, STATUS) == (b"", 0x9000)

    def test_tries_left_show_in_status_and_policy(self, card: Card) -> None:
        send(card, VERIFY_WRONG)
        assert send(card, STATUS) == (b"", 0x63C2)
        policy = parse(fetch(card, "00CB3FFF0A4D087006BF810102A080"))
        assert policy.build()[-13:-10].hex().upper() == "9B0102"

    def test_a_status_query_costs_no_time_of_a_presentation(self, card: Card) -> None:
        send(card, STATUS)
        asked = card.latency_ms
        send(card, VERIFY)
        assert card.latency_ms > asked

    def test_unblocking_as_opensc_does_it(self, card: Card) -> None:
        for _ in range(3):
            send(card, VERIFY_WRONG)
        assert fetch(card, "00CB3FFF0A4D087006BF810102A080")[-3] == 0x13, "reset after a code"
        assert send(card, "0020000200") == (b"", 0x63CA)
        sizes = fetch(card, "00CB3FFF0B4D097007BF8102037F4180")
        assert sizes.hex().upper() == "700DBF8102097F4106800108810104"
        policy = fetch(card, "00CB3FFF0A4D087006BF810202A080")
        assert policy.hex().upper() == "7016BF810212A0109A010A9B010AA1088C06F3FF00FFFF00"
        assert send(card, f"0020000208{UNBLOCKING}") == (b"", 0x9000)
        assert send(card, "002C020108343332" + "31FFFFFFFF") == (b"", 0x9000)
        assert send(card, "0020000108343332" + "31FFFFFFFF") == (b"", 0x9000)

    def test_the_code_names_the_one_that_unblocks_it(self, card: Card) -> None:
        fetch(card, SELECT_APPLICATION)
        code, unblocking = parse_all(read(card, "00A40204027001"))
        assert code.children[0].children[-1] == unblocking.children[1].children[0]
        references = [each.children[2].children[0].find(0x80) for each in (code, unblocking)]
        assert references == [Tlv(0x80, b"\x01"), Tlv(0x80, b"\x02")]


class TestSigning:
    def test_sign_as_opensc_does_it(self, verified: Card) -> None:
        fetch(verified, "00A40904043F000001")
        assert fetch(verified, "00CB3FFF0B4D097007BF9002037F4880").hex().upper() == "700ABF9002067F4803800100"
        policy = fetch(verified, "00CB3FFF0A4D087006BF900202A080").hex().upper()
        assert policy == "7016BF900212A010" + "80020100" + "9E0100" + "A1078C05331313FF00"
        assert send(verified, SET_AUTHENTICATION) == (b"", 0x9000)
        assert send(verified, INTERNAL_AUTHENTICATE) == (b"", 0x6100)
        signature, word = send(verified, "00C0000000")
        assert (len(signature), word) == (256, 0x9000)
        public_key(verified, "A001").verify(signature, b"invoice", padding.PKCS1v15(), hashes.SHA256())
        assert verified.latency_ms < SIGNING_MS

    def test_the_signature_key_says_what_it_is(self, card: Card) -> None:
        policy = fetch(card, "00CB3FFF0A4D087006BF900102A080").hex().upper()
        assert policy.endswith("80020100" + "9E0101" + "A1068C044313FF00")

    def test_the_signature_key_computes_digital_signatures(self, verified: Card) -> None:
        send(verified, SET_SIGNATURE)
        signature = fetch(verified, COMPUTE_SIGNATURE)
        public_key(verified, "A002").verify(signature, b"invoice", padding.PKCS1v15(), hashes.SHA256())

    def test_a_signature_takes_its_time(self, verified: Card) -> None:
        send(verified, SET_SIGNATURE)
        send(verified, COMPUTE_SIGNATURE)
        assert verified.latency_ms == SIGNING_MS

    @pytest.mark.parametrize("size", [1, 20, 245])
    def test_anything_that_fits_the_padding_is_signed(self, verified: Card, size: int) -> None:
        send(verified, SET_AUTHENTICATION)
        signature = fetch(verified, f"00880000{size:02X}" + "5A" * size)
        numbers = public_key(verified, "A001").public_numbers()
        block = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes(256, "big")
        assert block == b"\0\1" + b"\xff" * (253 - size) + b"\0" + b"\x5a" * size

    def test_more_than_fits_or_nothing_is_refused(self, verified: Card) -> None:
        send(verified, SET_AUTHENTICATION)
        assert send(verified, "00880000F6" + "5A" * 246) == (b"", 0x6700)
        assert send(verified, "00880000") == (b"", 0x6700)
        assert send(verified, SET_SIGNATURE) == (b"", 0x9000)
        assert send(verified, "002A9E9A00") == (b"", 0x6700)

    def test_no_signature_without_code_nor_after_a_wrong_one(self, card: Card) -> None:
        send(card, SET_SIGNATURE)
        assert send(card, COMPUTE_SIGNATURE) == (b"", 0x6982)
        send(card, VERIFY)
        assert send(card, COMPUTE_SIGNATURE)[1] == 0x6100
        send(card, VERIFY_WRONG)
        assert send(card, COMPUTE_SIGNATURE) == (b"", 0x6982)

    def test_logging_out_ends_it(self, verified: Card) -> None:
        send(verified, SET_SIGNATURE)
        assert send(verified, "0020FF01") == (b"", 0x9000)
        assert send(verified, COMPUTE_SIGNATURE) == (b"", 0x6982)

    def test_no_key_is_ready_before_it_is_set_nor_after_a_reset(self, verified: Card) -> None:
        assert send(verified, COMPUTE_SIGNATURE) == (b"", 0x6985)
        send(verified, SET_SIGNATURE)
        verified.power_on()
        send(verified, VERIFY)
        assert send(verified, COMPUTE_SIGNATURE) == (b"", 0x6985)

    @pytest.mark.parametrize(
        ("apdu", "word"),
        [
            ("002241A406840181800102", 0x6A88),  # the signature key does not authenticate
            ("002241B606840182800102", 0x6A88),  # the authentication key does not commit its holder
            ("002241B80684018180011A", 0x6A88),
            ("002241A406840199800102", 0x6A88),
            ("002241A406840182800142", 0x6A80),
            ("002241A403840182", 0x6A80),
            ("002241A403800102", 0x6A80),
            ("002241A409840182840181800102", 0x6A80),
            ("002241A40784028182800102", 0x6A80),
            ("002241A4028401", 0x6A80),
            ("002281B60684018180010A", 0x6A86),  # ChipDoc's, of a CPS4
            ("002241B8038301" + "82", 0x6A80),  # raw RSA, of a CPS4
            ("002241AA03800102", 0x6A80),
            ("002241AA068001408001" + "40", 0x6A80),
            ("002241B606840181800140", 0x6A80),
            ("0022F301", 0x6A86),
            ("002241A206840181800102", 0x6A86),
        ],
    )
    def test_a_wrong_environment_is_refused(self, verified: Card, apdu: str, word: int) -> None:
        assert send(verified, apdu) == (b"", word)
        assert send(verified, INTERNAL_AUTHENTICATE) == (b"", 0x6985)

    def test_other_security_operations_are_not_there(self, verified: Card) -> None:
        assert send(verified, "002A8680020100") == (b"", 0x6A81)
        assert send(verified, "00880001" + "01AA") == (b"", 0x6A86)


class TestDeciphering:
    def cryptogram(self, card: Card, plain: bytes) -> bytes:
        return public_key(card, "A001").encrypt(plain, padding.PKCS1v15())

    def test_decipher_in_a_chain_as_opensc_does_it(self, verified: Card) -> None:
        data = b"\x81" + self.cryptogram(verified, b"session key")
        assert send(verified, SET_DECIPHER) == (b"", 0x9000)
        assert send(verified, f"102A8086FF{data[:255].hex()}") == (b"", 0x9000)
        assert fetch(verified, f"002A808602{data[255:].hex()}") == b"session key"

    def test_decipher_in_one_extended_command(self, verified: Card) -> None:
        data = b"\x00" + self.cryptogram(verified, b"session key")
        send(verified, SET_DECIPHER)
        assert send(verified, f"002A8086000101{data.hex()}0000") == (b"session key", 0x9000)

    def test_no_deciphering_without_code(self, card: Card) -> None:
        send(card, SET_DECIPHER)
        assert send(card, "002A808602AABB") == (b"", 0x6982)

    @pytest.mark.parametrize("data", ["81" + "00" * 255, "55" + "00" * 256, "81" + "FF" * 256])
    def test_what_is_no_cryptogram_is_refused(self, verified: Card, data: str) -> None:
        send(verified, SET_DECIPHER)
        size = len(data) // 2
        assert send(verified, f"002A808600{size:04X}{data}0000") == (b"", 0x6A80)

    def test_a_chain_may_not_grow_without_end(self, verified: Card) -> None:
        send(verified, SET_DECIPHER)
        assert send(verified, "102A8086FF" + "00" * 255)[1] == 0x9000
        assert send(verified, "102A8086FF" + "00" * 255)[1] == 0x9000
        assert send(verified, "102A8086FF" + "00" * 255) == (b"", 0x6700)
        assert send(verified, "002A808602AABB") == (b"", 0x6A80)

    def test_another_command_breaks_the_chain(self, verified: Card) -> None:
        data = b"\x81" + self.cryptogram(verified, b"session key")
        send(verified, SET_DECIPHER)
        send(verified, f"102A8086FF{data[:255].hex()}")
        send(verified, STATUS)
        assert send(verified, f"002A808602{data[255:].hex()}") == (b"", 0x6A80)


class TestDataObjects:
    @pytest.mark.parametrize(
        ("apdu", "word"),
        [
            ("00CB3FFF0B4D097007BF8103037F4180", 0x6A88),  # another code
            ("00CB3FFF0B4D097007BF9005037F4880", 0x6A88),  # another key
            ("00CB3FFF0B4D097007BFA001037F4980", 0x6A88),  # public keys are in the certificates
            ("00CB3FFF0B4D097007BFFB03037F4180", 0x6A88),
            ("00CB3FFF0B4D097007BF8101037F4880", 0x6A88),
            ("00CB3FFF0A4D087006BF810102A000", 0x6A80),  # a part of the object
            ("00CB3FFF0A4D087005BF810102A080", 0x6A80),
            ("00CB3FFF0A4D077006BF810102A080", 0x6A80),
            ("00CB3FFF034D0170", 0x6A80),
            ("00CB3FFF025C00", 0x6A80),
            ("00CB3FFF", 0x6A80),
            ("00CB00000A4D087006BF810102A080", 0x6A86),
        ],
    )
    def test_other_objects_are_refused(self, card: Card, apdu: str, word: int) -> None:
        assert send(card, apdu) == (b"", word)

    @pytest.mark.parametrize(
        ("operations", "needs_code", "rules"),
        [
            (Operation.SIGN | Operation.AUTHENTICATE | Operation.DECIPHER, True, "73131313FF00"),
            (Operation.DECIPHER, True, "1313FF00"),
            (Operation.AUTHENTICATE, False, "2300FF00"),
        ],
    )
    def test_a_keys_rules_are_those_of_its_operations(
        self, operations: Operation, needs_code: bool, rules: str
    ) -> None:
        issued = image()
        keys = tuple(
            replace(key, operations=operations, needs_code=needs_code) for key in issued.contents.keys
        )
        card = Card(CardImage(replace(issued.contents, keys=keys), issued.code), SeededEntropy(1))
        card.power_on()
        policy = fetch(card, "00CB3FFF0A4D087006BF900202A080").hex().upper()
        assert policy.endswith(f"8C{len(rules) // 2:02X}{rules}")

    def test_opensc_from_0_24_on_forgets_the_code_and_asks_for_nothing(self, card: Card) -> None:
        assert send(card, STATUS) == (b"", 0x63C3)
        fetch(card, "00CB3FFF0B4D097007BF8101037F4180")
        assert send(card, "00CB3FFF0A4D087006BF800002A080") == (b"", 0x6A80)
        assert send(card, STATUS) == (b"", 0x63C3), "no try is lost"


class TestSetcos:
    """What OpenSC's setcos driver sends, which the page on PC/SC programs has newer versions use."""

    def test_it_reads_signs_and_sets_codes(self, card: Card) -> None:
        assert send(card, "00CADF3005") == (b"", 0x6D00), "it asks whether this is another card of its own"
        assert send(card, "00A4080C020001") == (b"", 0x9000)
        for fid in ("5031", "5032", "7001", "7002", "7005", "A002"):
            size = parse(fetch(card, f"00A40800040001{fid}")).find(0x80)
            assert size is not None
            assert len(fetch(card, f"00B00000{min(256, int.from_bytes(size.value, 'big')) & 0xFF:02X}")) >= 32
        assert send(card, VERIFY) == (b"", 0x9000)
        assert send(card, "002241B606800102840181") == (b"", 0x9000)
        key = public_key(card, "A002")
        key.verify(fetch(card, COMPUTE_SIGNATURE), b"invoice", padding.PKCS1v15(), hashes.SHA256())
        assert send(card, "002241B606800112840181") == (b"", 0x9000)
        digest = hashlib.sha1(b"invoice").hexdigest()
        key.verify(fetch(card, f"002A9E9A14{digest}"), b"invoice", padding.PKCS1v15(), hashes.SHA1())
        new = "34333231FFFFFFFF"
        assert send(card, f"0024000110{VERIFY[10:]}{new}") == (b"", 0x9000)
        assert send(card, f"002C000110{UNBLOCKING}{VERIFY[10:]}") == (b"", 0x9000)
        assert send(card, VERIFY) == (b"", 0x9000)

    def test_it_may_not_sign_with_the_authentication_key_nor_decipher(self, verified: Card) -> None:
        assert send(verified, "002241B606800102840182") == (b"", 0x6A88)
        assert send(verified, "002241B806800100840182") == (b"", 0x6A80), "raw RSA"


class TestTransport:
    def test_waiting_data_can_be_fetched_in_parts(self, card: Card) -> None:
        _, word = send(card, SELECT_APPLICATION)
        whole = word & 0xFF
        first, word = send(card, "00C0000004")
        assert (len(first), word) == (4, 0x6100 | whole - 4)
        rest, word = send(card, f"00C00000{whole - 4:02X}")
        assert (len(rest), word) == (whole - 4, 0x9000)
        assert parse(first + rest).tag == 0x62

    def test_asking_for_more_than_waits_names_the_length(self, card: Card) -> None:
        _, word = send(card, SELECT_APPLICATION)
        assert send(card, "00C00000F0") == (b"", 0x6C00 | word & 0xFF)
        assert send(card, f"00C00000{word & 0xFF:02X}")[1] == 0x9000

    def test_a_length_of_256_is_named_by_zero(self, verified: Card) -> None:
        send(verified, SET_AUTHENTICATION)
        assert send(verified, INTERNAL_AUTHENTICATE) == (b"", 0x6100)
        assert send(verified, "00C00000000200") == (b"", 0x6C00)
        assert len(send(verified, "00C0000000")[0]) == 256

    def test_what_waits_is_fetched_with_plain_parameters(self, card: Card) -> None:
        send(card, SELECT_APPLICATION)
        assert send(card, "00C0000110") == (b"", 0x6A86)
        assert send(card, "00C0010010") == (b"", 0x6A86)
        assert send(card, "00C0000001AA")[1] == 0x6A86
        assert send(card, "00C0000001")[1] >> 8 == 0x61

    def test_any_other_command_drops_what_waits(self, card: Card) -> None:
        send(card, SELECT_APPLICATION)
        send(card, STATUS)
        assert send(card, "00C0000010") == (b"", 0x6985)

    def test_an_extended_read_gives_a_whole_certificate(self, card: Card) -> None:
        fetch(card, SELECT_APPLICATION)
        fetch(card, "00A4020402A002")
        whole, word = send(card, "00B00000000000")
        assert word == 0x9000
        assert x509.load_der_x509_certificate(whole)
        assert send(card, "00B00000001000") == (whole, 0x6282)

    def test_offsets_outside_a_file_are_refused(self, card: Card) -> None:
        fetch(card, "00A40904043F002F01")
        size = int.from_bytes(parse(fetch(card, "00A40904043F002F01")).children[0].value, "big")
        assert send(card, f"00B0{size:04X}01") == (b"", 0x6B00)
        assert send(card, "00B07FFF01") == (b"", 0x6B00)
        assert send(card, f"00B0{size - 1:04X}01")[1] == 0x9000

    def test_a_card_that_offers_both_protocols_speaks_as_it_is_told_until_a_reset(self) -> None:
        card = insert(model=CardModel.CPS4)
        assert offered_protocols(card.atr) == (Transmission.T0, Transmission.T1)
        assert send(card, SELECT_APPLICATION + "00")[1] >> 8 == 0x61
        card.select_protocol(1)
        assert send(card, SELECT_APPLICATION + "00")[1] == 0x9000
        card.power_on()
        assert send(card, SELECT_APPLICATION + "00")[1] >> 8 == 0x61

    def test_t1_gives_data_at_once(self) -> None:
        card = insert(transmission=Transmission.T1)
        data, word = send(card, SELECT_APPLICATION + "00")
        assert (data[0], word) == (0x62, 0x9000)
        assert send(card, "00A40004023F00" + "05")[1] >> 8 == 0x61
        assert send(card, "00B09C0000")[1] == 0x9000
        assert send(card, "00B09C00FF")[1] == 0x6282
        send(card, VERIFY)
        send(card, SET_SIGNATURE)
        assert len(send(card, COMPUTE_SIGNATURE + "00")[0]) == 256


class TestProfessionalData:
    @pytest.mark.parametrize("profile", [CardProfile.CPS, CardProfile.CPE])
    def test_holder_and_situations_are_in_their_files(self, profile: CardProfile) -> None:
        card = insert(profile)
        fetch(card, SELECT_APPLICATION)
        (holder,) = decode_typed(read(card, "00A4020402D001"))
        situations = decode_typed(read(card, "00A4020402D002"))
        assert holder.to_data().fields[0] == {CardProfile.CPS: "0", CardProfile.CPE: "2"}[profile]
        expected = NURSE_SITUATIONS if profile is CardProfile.CPS else SECRETARY_SITUATIONS
        assert situations == expected

    def test_too_much_for_a_file_is_not_issued(self) -> None:
        many = [PsSituation(logical_number=1, billing_number="1", structure_name="X" * 60)] * 700
        with pytest.raises(Exception, match="D002"):
            issue_cps(NURSE, many, ShippedKeys())

    @given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
    @settings(max_examples=30, deadline=None)
    def test_a_holder_of_any_name_gets_a_card_or_is_told_why_not(
        self, last: str, first: str, number: str
    ) -> None:
        holder = PsHolder(card_type="0", national_id=number, last_name=last, first_name=first)
        with suppress(CardNotIssued, CodecError):
            chip = Card(issue_cps(holder, NURSE_SITUATIONS, ShippedKeys()), SeededEntropy(1))
            chip.power_on()
            fetch(chip, SELECT_APPLICATION)
            assert decode_typed(read(chip, "00A4020402D001"))

    def test_a_long_name_with_accents_is_cut_in_the_certificate(self) -> None:
        holder = replace(NURSE, last_name="É" * 60, first_name="É" * 60)
        chip = Card(issue_cps(holder, NURSE_SITUATIONS, ShippedKeys()), SeededEntropy(1))
        chip.power_on()
        fetch(chip, SELECT_APPLICATION)
        (found,) = decode_typed(read(chip, "00A4020402D001"))
        assert found == holder

    def test_a_national_number_that_no_certificate_holds_is_refused(self) -> None:
        with pytest.raises(CardNotIssued, match="national number '1;2'"):
            issue_cps(replace(NURSE, national_id="1;2"), NURSE_SITUATIONS, ShippedKeys())

    @pytest.mark.parametrize("code", ["123", "123456789", "12AB", "", "１２３４"])
    def test_impossible_codes_are_not_issued(self, code: str) -> None:
        with pytest.raises(CardNotIssued) as caught:
            issue_cps(NURSE, NURSE_SITUATIONS, ShippedKeys(), code=code)
        assert str(caught.value) == "A code does not have 4 to 8 digits. Give another code."

    @pytest.mark.parametrize("serial", ["1", "8025000001000000000A", "٨" * 20])
    def test_impossible_serial_numbers_are_not_issued(self, serial: str) -> None:
        with pytest.raises(CardNotIssued):
            CardTerms(serial=serial)

    @pytest.mark.parametrize("model", [CardModel.VITALE_1, CardModel.VITALE_2])
    def test_a_professional_has_no_vitale(self, model: CardModel) -> None:
        with pytest.raises(CardNotIssued) as caught:
            issue_cps(NURSE, NURSE_SITUATIONS, ShippedKeys(), CardTerms(model=model))
        assert str(caught.value) == f"No CPS is a {model.name}. Choose among: CPS3, CPS4."

    def test_a_card_does_not_end_before_it_begins(self) -> None:
        with pytest.raises(CardNotIssued):
            CardTerms(valid_from=date(2020, 1, 2), valid_until=date(2020, 1, 1))

    def test_the_same_card_is_issued_again_to_the_byte(self) -> None:
        again = issue_cps(NURSE, NURSE_SITUATIONS, ShippedKeys())
        assert again.build() == image(CardProfile.CPS).build()
