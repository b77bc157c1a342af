"""The firmware's view of a card: what it reads, how it presents a code, how few APDUs a signature takes."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reader_fw.cards.sample_cards import INSURED, NURSE_SITUATIONS, beneficiary, image, insert, send
from tla_sim.protocol.card_kind import CardModel, CardProfile
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors, verify_signer_certificate
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.groups.ps_card import PsHolder
from tla_sim.protocol.groups.vitale import Beneficiary, Insured
from tla_sim.reader_fw.app.card_access import CodeAnswer, Presented, PsCard, VitaleCard
from tla_sim.reader_fw.app.card_dialogue import CardMute, CardRefused, CardUnusable
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards import addresses
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.models import MODELS

NOON = 1_551_787_200_000
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(b"invoice").digest()


class Counted:
    """Carries APDUs to a card and counts them."""

    def __init__(self, transmit: Callable[[bytes], bytes]) -> None:
        self._transmit = transmit
        self.apdus: list[bytes] = []

    def __call__(self, apdu: bytes) -> bytes:
        self.apdus.append(apdu)
        return self._transmit(apdu)


@pytest.fixture(params=list(Transmission))
def chip(request: pytest.FixtureRequest) -> Card:
    return insert(transmission=request.param)


class TestPsCard:
    def test_it_says_who_holds_it_and_where_he_bills(self, chip: Card) -> None:
        card = PsCard(chip.transmit)
        assert card.serial == chip.serial
        assert (card.holder.last_name, card.holder.first_name) == ("PIQURE2969", "MAYA")
        assert card.situations == NURSE_SITUATIONS

    def test_it_is_read_once_an_insertion(self, chip: Card) -> None:
        carried = Counted(chip.transmit)
        card = PsCard(carried)
        for _ in range(2):
            _ = card.serial, card.holder, card.situations, card.certificate
            if len(carried.apdus) > 20:
                pytest.fail("reading a card takes more than 20 APDUs")
            before = len(carried.apdus)
        _ = card.serial, card.holder, card.situations, card.certificate
        assert len(carried.apdus) == before

    def test_a_signature_takes_two_apdus_and_verifies(self) -> None:
        chip = insert()
        carried = Counted(chip.transmit)
        card = PsCard(carried)
        certificate = card.certificate
        assert card.verify_code(b"1234")
        card.sign(DIGEST_INFO)
        before = len(carried.apdus)
        signature = card.sign(DIGEST_INFO)
        assert len(carried.apdus) == before + 2
        identity = verify_signer_certificate(certificate, NOON, TrustAnchors.shipped())
        assert identity.verifies(signature, b"invoice")

    def test_codes_are_told_apart(self, chip: Card) -> None:
        card = PsCard(chip.transmit)
        assert card.tries_left() == 3
        wrong = card.verify_code(b"0000")
        assert (wrong.presented, wrong.tries_left, bool(wrong)) == (Presented.WRONG, 2, False)
        right = card.verify_code(b"1234")
        assert (right.presented, right.tries_left, bool(right)) == (Presented.RIGHT, 3, True)
        assert card.tries_left() == 3
        assert [card.verify_code(b"0000").tries_left for _ in range(3)] == [2, 1, 0]
        assert card.verify_code(b"1234").presented is Presented.BLOCKED
        assert card.tries_left() == 0

    @pytest.mark.parametrize("code", [b"", b"123", b"123456789", b"12a4", b"1234\xff"])
    def test_an_impossible_code_is_not_sent_to_the_card(self, chip: Card, code: bytes) -> None:
        card = PsCard(chip.transmit)
        with pytest.raises(ValueError, match="4 to 8 digits") as caught:
            card.verify_code(code)
        assert str(caught.value) == "a code has 4 to 8 digits"
        assert card.tries_left() == 3

    @pytest.mark.parametrize("model", MODELS[CardProfile.CPS])
    def test_the_key_is_found_on_every_model(self, model: CardModel) -> None:
        card = PsCard(insert(model=model).transmit)
        identity = verify_signer_certificate(card.certificate, NOON, TrustAnchors.shipped())
        assert card.verify_code(b"1234")
        assert identity.verifies(card.sign(DIGEST_INFO), b"invoice")
        assert len({card.sign(DIGEST_INFO) for _ in range(2)}) == 1

    def test_without_a_code_it_does_not_sign(self, chip: Card) -> None:
        card = PsCard(chip.transmit)
        with pytest.raises(CardRefused) as caught:
            card.sign(DIGEST_INFO)
        assert caught.value.status is Status.NOT_AUTHENTICATED
        card.verify_code(b"1234")
        assert len(card.sign(DIGEST_INFO)) == 256
        card.forget_code()
        with pytest.raises(CardRefused):
            card.sign(DIGEST_INFO)

    def test_another_user_of_the_card_does_not_stop_the_signing(self, chip: Card) -> None:
        card = PsCard(chip.transmit)
        card.verify_code(b"1234")
        first = card.sign(DIGEST_INFO)
        send(chip, "00A40000023F00")
        assert card.sign(DIGEST_INFO) == first
        chip.power_on()
        assert card.verify_code(b"1234")
        assert card.sign(DIGEST_INFO) == first


class TestVitaleCard:
    def test_it_says_whom_it_insures(self) -> None:
        card = VitaleCard(insert(CardProfile.VITALE, beneficiaries=19).transmit)
        assert card.insured == replace(INSURED, card_type="T", card_end=date(2045, 12, 31))
        assert card.serial == INSURED.card_serial
        groups = card.beneficiaries
        assert [each for each in groups if isinstance(each, Beneficiary)] == [
            beneficiary(rank).beneficiary for rank in range(1, 20)
        ]
        assert groups[:5] == beneficiary(1).groups

    def test_it_signs_without_a_code(self) -> None:
        card = VitaleCard(insert(CardProfile.VITALE).transmit)
        identity = verify_signer_certificate(card.certificate, NOON, TrustAnchors.shipped())
        assert identity.verifies(card.sign(DIGEST_INFO), b"invoice")


class TestTrouble:
    def test_the_wrong_kind_of_card_is_named_so(self) -> None:
        with pytest.raises(CardUnusable, match="kind"):
            _ = PsCard(insert(CardProfile.VITALE).transmit).holder
        with pytest.raises(CardUnusable, match="kind"):
            _ = VitaleCard(insert().transmit).insured

    def test_a_card_without_power_is_mute(self) -> None:
        chip = insert()
        chip.power_off()
        with pytest.raises(CardMute):
            _ = PsCard(chip.transmit).serial

    def test_a_card_pulled_while_signing_is_mute_and_leaves_no_ready_key(self) -> None:
        chip = insert()
        card = PsCard(chip.transmit)
        card.verify_code(b"1234")
        card.sign(DIGEST_INFO)
        chip.power_off()
        with pytest.raises(CardMute):
            card.sign(DIGEST_INFO)

    @pytest.mark.parametrize(
        ("fid", "content"),
        [
            *((addresses.PS_HOLDER, content) for content in (b"garbage", b"", b"\0\0", b"\0\1\0\x65\0")),
            *((addresses.PS_SITUATIONS, content) for content in (b"garbage", b"", b"\0\1\0\x65\0")),
        ],
    )
    def test_damaged_data_files_are_unusable(self, fid: int, content: bytes) -> None:
        card = self.holding(fid, content)
        with pytest.raises((CardUnusable, CardRefused)):
            _ = card.holder if fid == addresses.PS_HOLDER else card.situations

    def test_a_card_may_have_no_situation(self) -> None:
        assert self.holding(addresses.PS_SITUATIONS, b"\0\0").situations == ()

    @staticmethod
    def holding(fid: int, content: bytes) -> PsCard:
        """A PS card with other content in one of its files."""
        original = image()
        files = tuple(
            replace(file, content=content) if file.fid == fid else file for file in original.contents.files
        )
        chip = Card(CardImage(replace(original.contents, files=files), original.code), SeededEntropy(1))
        chip.power_on()
        return PsCard(chip.transmit)

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"\x90",
            bytes.fromhex("6C05"),
            bytes.fromhex("6C00"),
            bytes.fromhex("6100"),
            b"\0" * 256 + bytes.fromhex("6100"),
            b"\0" * 256 + bytes.fromhex("9000"),
            bytes.fromhex("6F00"),
            bytes.fromhex("FFFF"),
        ],
    )
    def test_a_card_that_repeats_itself_for_ever_is_given_up(self, answer: bytes) -> None:
        carried = Counted(lambda _: answer)
        for card in (PsCard(carried), VitaleCard(carried)):
            with pytest.raises(TlaError):
                _ = card.certificate
            with pytest.raises(TlaError):
                _ = card.serial
        assert len(carried.apdus) < 2_000

    @pytest.mark.parametrize("size", [0, 255, 257])
    def test_a_signature_of_another_length_is_refused(self, size: int) -> None:
        card = VitaleCard(lambda apdu: (bytes(size) if apdu[1] == 0x2A else b"") + b"\x90\x00")
        with pytest.raises(CardUnusable, match="length"):
            card.sign(DIGEST_INFO)

    @settings(max_examples=100, deadline=None)
    @given(answers=st.lists(st.binary(max_size=258), min_size=1, max_size=6))
    def test_a_card_that_lies_ends_in_a_typed_error_or_an_answer(self, answers: list[bytes]) -> None:
        turn = 0

        def lie(_: bytes) -> bytes:
            nonlocal turn
            turn += 1
            return answers[turn % len(answers)]

        ps, vitale = PsCard(lie), VitaleCard(lie)
        attempts: list[tuple[Callable[[], object], type]] = [
            (lambda: ps.serial, str),
            (lambda: ps.holder, PsHolder),
            (lambda: ps.situations, tuple),
            (lambda: ps.certificate, bytes),
            (ps.tries_left, int),
            (lambda: ps.verify_code(b"1234"), CodeAnswer),
            (lambda: ps.sign(DIGEST_INFO), bytes),
            (lambda: vitale.insured, Insured),
            (lambda: vitale.beneficiaries, tuple),
        ]
        for attempt, kind in attempts:
            turn, found = 0, None
            with contextlib.suppress(TlaError):
                found = attempt()
            assert isinstance(found, kind | None)
            assert turn < 2_000


class Asking:
    """A card that asks once for another length where there is none to correct."""

    def __init__(self, chip: Card, instruction: int) -> None:
        self._chip = chip
        self._instruction = instruction
        self.taken: list[bytes] = []

    def __call__(self, apdu: bytes) -> bytes:
        if apdu[1] == self._instruction and len(apdu) > 5:
            self.taken.append(apdu)
            if len(self.taken) == 1:
                return b"\x6c\x10"
        return self._chip.transmit(apdu)


def test_a_code_is_never_presented_again_altered(chip: Card) -> None:
    asking = Asking(chip, 0x20)
    card = PsCard(asking)
    with pytest.raises(CardRefused):
        card.verify_code(b"1234")
    assert len(asking.taken) == 1, "a length asked for where none was given is no reason to present it again"
    assert card.tries_left() == 3


def test_what_is_signed_is_never_altered(chip: Card) -> None:
    asking = Asking(chip, 0x2A)
    card = PsCard(asking)
    assert card.verify_code(b"1234").presented is Presented.RIGHT
    with pytest.raises(CardRefused):
        card.sign(DIGEST_INFO)
    assert len(asking.taken) == 1, "a length asked for where none was given is no reason to sign again"
    assert len(card.sign(DIGEST_INFO)) == 256
    assert [DIGEST_INFO in apdu for apdu in asking.taken] == [True, True]
