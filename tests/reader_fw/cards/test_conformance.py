"""What every card does alike, whatever its profile and transmission protocol."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reader_fw.cards.sample_cards import (
    SECRETARY,
    SECRETARY_SITUATIONS,
    VERIFY,
    fetch,
    image,
    send,
)
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.atr import CPS4_ATR, PS_ATR, VITALE_ATR, Transmission, atr_of
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import Access, CardImage
from tla_sim.reader_fw.cards.issue import issue_cpf
from tla_sim.reader_fw.cards.models import MODELS, PS_MODELS
from tla_sim.reader_fw.cards.pki import ShippedKeys

KNOWN_INSTRUCTIONS = (0x20, 0x22, 0x24, 0x2A, 0x2C, 0x70, 0x84, 0x88, 0xA4, 0xB0, 0xC0, 0xCB, 0xD6)
BYTES = st.integers(0, 255)
ANY_COMMAND = st.builds(
    CommandApdu,
    st.sampled_from((0x00, 0x00, 0x00, 0x01, 0x10, 0x0C, 0x80, 0xFF)),
    st.one_of(st.sampled_from(KNOWN_INSTRUCTIONS), BYTES),
    st.one_of(st.sampled_from((0x00, 0x04, 0x08, 0x41, 0x80, 0x81, 0x90, 0x9E, 0x3F)), BYTES),
    st.one_of(st.sampled_from((0x00, 0x01, 0x04, 0x0C, 0x86, 0x9A, 0xA0, 0xAA, 0xB6, 0xFF)), BYTES),
    st.one_of(st.binary(max_size=20), st.binary(max_size=600)),
    st.sampled_from((0, 1, 8, 255, 256, 257, 65_536)),
).map(CommandApdu.build)


class CardConformance:
    """Subclassed by each kind of card."""

    image: CardImage
    atr_begins: bytes

    @pytest.fixture
    def card(self) -> Card:
        card = Card(self.image, SeededEntropy(1))
        card.power_on()
        return card

    def test_the_answer_to_reset_is_the_known_one(self, card: Card) -> None:
        assert card.power_on() == card.atr
        assert card.atr.startswith(self.atr_begins)

    def test_without_power_it_is_mute(self) -> None:
        card = Card(self.image, SeededEntropy(1))
        assert card.transmit(bytes.fromhex("00A40000023F00")) == b""
        card.power_on()
        card.power_off()
        assert card.transmit(bytes.fromhex("00A40000023F00")) == b""

    def test_reset_goes_back_to_the_mf(self, card: Card) -> None:
        at_start = send(card, "00B0810001")[1]
        application = card.image.contents.files[-1].parent
        aid = card.image.contents.files[application].aid
        assert send(card, f"00A4040C{len(aid):02X}{aid.hex()}") == (b"", 0x9000)
        assert send(card, "00B0810001")[1] == 0x9000
        card.power_on()
        assert send(card, "00B0810001")[1] == at_start == 0x6A82

    def test_the_serial_number_can_be_read_by_short_identifier(self, card: Card) -> None:
        assert fetch(card, "00B09C000C").hex() == "5a0a" + card.serial

    def test_every_file_can_be_selected_and_read_whole(self, card: Card) -> None:
        files = card.image.contents.files
        for file in files[1:]:
            fids = [file.fid]
            parent = file.parent
            while parent:
                fids.insert(0, files[parent].fid)
                parent = files[parent].parent
            path = "".join(f"{fid:04X}" for fid in fids)
            template = fetch(card, f"00A40804{len(path) // 2:02X}{path}")
            assert template[0] == 0x62
            if file.read == Access.CODE:
                send(card, "0020FF01")
                assert send(card, "00B0000001") == (b"", 0x6982)
                assert send(card, VERIFY) == (b"", 0x9000)
            read = b""
            while len(read) < len(file.content):
                count = min(200, len(file.content) - len(read))
                read += fetch(card, f"00B0{len(read):04X}{count:02X}")
            assert read == file.content

    def test_challenges_differ(self, card: Card) -> None:
        first, word = send(card, "0084000008")
        assert (len(first), word) == (8, 0x9000)
        assert send(card, "0084000008")[0] != first

    @pytest.mark.parametrize(
        ("apdu", "word"),
        [
            ("00A404000AA0000000041010101010", 0x6A82),
            ("00A4040C07A0000000031010", 0x6A82),
            ("00A40000021234", 0x6A82),
            ("00A4090004FFFFFFFF", 0x6A82),
            ("00A4080003112233", 0x6A82),
            ("00A4000001AA", 0x6700),
            ("00A4050002AAAA", 0x6A86),
            ("00A40002023F00", 0x6A86),
            ("00B0000010", 0x6986),
            ("00B0E00010", 0x6A86),
            ("00B0800010", 0x6A82),
            ("00B00000", 0x6700),
            ("0084000100", 0x6A86),
            ("00840000", 0x6700),
            ("00C0000010", 0x6985),
            ("00220000", 0x6A86),
            ("00F30000", 0x6D00),
            ("00E0000000", 0x6D00),
            ("80500000081122334455667788", 0x6E00),
            ("0CA40000023F00", 0x6E00),
            ("FFCA000000", 0x6E00),
            ("10A40000023F00", 0x6884),
            ("00A404", 0x6700),
            ("", 0x6700),
            ("00A40400083F00", 0x6700),
        ],
    )
    def test_what_it_does_not_do_gets_an_error_at_once(self, card: Card, apdu: str, word: int) -> None:
        assert send(card, apdu) == (b"", word)

    def test_other_channels_than_the_basic_one_are_not_open(self, card: Card) -> None:
        model = PS_MODELS.get(CardModel(card.image.contents.model))
        several = model is not None and model.channels > 1
        assert send(card, "01A40000023F00") == (b"", 0x6881 if several else 0x6E00)

    def test_garbage_always_gets_a_status_word(self) -> None:
        @settings(max_examples=60, deadline=None)
        @given(apdus=st.lists(st.one_of(ANY_COMMAND, st.binary(max_size=300)), max_size=12))
        def check(apdus: list[bytes]) -> None:
            card = Card(self.image, SeededEntropy(1))
            card.power_on()
            for apdu in apdus:
                answer = card.transmit(apdu)
                assert 2 <= len(answer) <= 65_538
                assert answer[-2] >> 4 in (6, 9)
            card.power_on()
            assert fetch(card, "00B09C000C").hex() == "5a0a" + card.serial

        check()


class TestCps(CardConformance):
    image = image(CardProfile.CPS)
    atr_begins = PS_ATR


class TestCpe(CardConformance):
    image = image(CardProfile.CPE)
    atr_begins = PS_ATR


class TestCpf(CardConformance):
    image = issue_cpf(SECRETARY, SECRETARY_SITUATIONS, ShippedKeys())
    atr_begins = PS_ATR


class TestCps4(CardConformance):
    image = image(CardProfile.CPS, model=CardModel.CPS4)
    atr_begins = CPS4_ATR


class TestCpe4(CardConformance):
    image = image(CardProfile.CPE, model=CardModel.CPS4)
    atr_begins = CPS4_ATR


class TestVitale(CardConformance):
    image = image(CardProfile.VITALE)
    atr_begins = VITALE_ATR


class TestRealVitaleOfNineteen(CardConformance):
    image = image(CardProfile.VITALE, CardKind.REAL, beneficiaries=19)
    atr_begins = VITALE_ATR


class TestCpsT1(CardConformance):
    image = image(CardProfile.CPS, transmission=Transmission.T1)
    atr_begins = bytes.fromhex("3B8C8131FE45")


OLDER_THAN_THE_STANDARD = {(CardProfile.VITALE, CardModel.VITALE_1)}


def test_every_model_of_every_profile_conforms() -> None:
    contents = [kind.image.contents for kind in CardConformance.__subclasses__()]
    tested = {(each.profile, each.model) for each in contents}
    issued = {(profile, model) for profile in CardProfile for model in MODELS[profile]}
    assert tested == issued - OLDER_THAN_THE_STANDARD


def test_the_check_byte_of_a_t1_answer_to_reset_is_right() -> None:
    for model in CardModel:
        atr = atr_of(model, Transmission.T1)
        check = 0
        for byte in atr[1:]:
            check ^= byte
        assert check == 0
