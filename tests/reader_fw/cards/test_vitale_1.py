"""The Vitale of the first generation, and the answers to reset that Vitale cards are issued with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reader_fw.cards.sample_cards import INSURED, beneficiary, image, insert, send
from tla_sim.protocol.card_kind import CardModel, CardProfile
from tla_sim.reader_fw.cards.atr import ATRS, VITALE_1_ATR, VITALE_ATR, Transmission, offered_protocols
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardNotIssued, CardTerms, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys

VITALES = (CardModel.VITALE_2, CardModel.VITALE_1)
CHOICES = [(model, atr) for model in VITALES for atr in ATRS[model]]


def vitale_1() -> Card:
    return insert(CardProfile.VITALE, model=CardModel.VITALE_1)


def issued(terms: CardTerms) -> CardImage:
    return issue_vitale(INSURED, [beneficiary(1)], ShippedKeys(reuse=True), terms)


@pytest.mark.parametrize(
    ("apdu", "word"),
    [
        ("00A40000023F00", 0x6E00),
        ("00A404000BD250000002564954414C45", 0x6E00),
        ("00B0820000", 0x6E00),
        ("00C0000010", 0x6E00),
        ("10A40000023F00", 0x6E00),
        ("FFCA000000", 0x6E00),
        ("BCA40000023F00", 0x6D00),
        ("BCB0000008", 0x6D00),
        ("BCC0000008", 0x6D00),
        ("", 0x6700),
    ],
)
def test_it_refuses_other_classes_and_every_instruction_of_its_own(apdu: str, word: int) -> None:
    card = vitale_1()
    assert send(card, apdu) == (b"", word)
    assert card.latency_ms == 0


@given(cla=st.integers(0, 255), rest=st.binary(min_size=3, max_size=3))
def test_no_command_of_any_class_gets_anything(cla: int, rest: bytes) -> None:
    assert send(vitale_1(), bytes((cla, *rest)).hex()) == (b"", 0x6D00 if cla == 0xBC else 0x6E00)


def test_it_answers_reset_in_the_inverse_convention_and_speaks_t0() -> None:
    card = vitale_1()
    assert card.power_on() == VITALE_1_ATR
    assert VITALE_1_ATR[0] == 0x3F
    assert {offered_protocols(atr) for atr in ATRS[CardModel.VITALE_1]} == {(Transmission.T0,)}
    assert CardImage.parse(card.image.build()) == card.image


@pytest.mark.parametrize(("model", "atr"), CHOICES)
def test_any_published_answer_to_reset_may_be_chosen(model: CardModel, atr: bytes) -> None:
    contents = issued(CardTerms(model=model, atr=atr)).contents
    assert (contents.model, contents.atr) == (model, atr)


def test_the_usual_answer_to_reset_is_the_one_of_before() -> None:
    assert image(CardProfile.VITALE).contents.atr == VITALE_ATR == issued(CardTerms()).contents.atr


def test_an_answer_to_reset_of_another_model_is_refused() -> None:
    for model, atr in ((CardModel.VITALE_2, VITALE_1_ATR), (CardModel.VITALE_1, VITALE_ATR)):
        with pytest.raises(
            CardNotIssued, match=f"No {model.name} is known to answer reset with {atr.hex().upper()}"
        ):
            issued(CardTerms(model=model, atr=atr))
