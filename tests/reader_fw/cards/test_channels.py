"""Logical channels of the models that have them: what is selected and set on one is not on another."""

from __future__ import annotations

import pytest

from tests.reader_fw.cards.sample_cards import STATUS, VERIFY, fetch, insert, send
from tla_sim.protocol.card_kind import CardModel
from tla_sim.reader_fw.cards.card import Card

SELECT_MF = "01A4040C088025000001FF0100"
SELECT_APPLICATION = "01A4040C0DE828BD080F8025000001FF0010"


@pytest.fixture
def card() -> Card:
    return insert(model=CardModel.CPS4)


def test_selecting_by_name_opens_a_channel(card: Card) -> None:
    assert send(card, "01B09C000C") == (b"", 0x6881)
    assert send(card, "01A40000023F00") == (b"", 0x6881)
    assert send(card, "01A4040C05A000000001") == (b"", 0x6881)
    assert send(card, SELECT_MF) == (b"", 0x9000)
    assert send(card, "01B09C000C")[1] == 0x9000
    assert send(card, "01A4040C05A000000001") == (b"", 0x6A82)
    assert send(card, "01B09C000C")[1] == 0x9000


def test_what_is_selected_on_one_is_not_on_the_other(card: Card) -> None:
    send(card, SELECT_APPLICATION)
    send(card, "01A4020C025031")
    assert send(card, "01B0000001")[1] == 0x9000
    assert send(card, "00B0000001") == (b"", 0x6986)
    assert send(card, "00B09C000C")[1] == 0x9000
    assert send(card, "01B09C000C") == (b"", 0x6A82)


def test_what_waits_on_one_is_fetched_there(card: Card) -> None:
    send(card, SELECT_MF)
    word = send(card, "01A40000022F0000")[1]
    assert word >> 8 == 0x61
    assert send(card, "00C0000000") == (b"", 0x6985)
    assert send(card, STATUS)[1] == 0x63C3
    data, ok = send(card, f"01C00000{word & 0xFF:02X}")
    assert (data[0], ok) == (0x6F, 0x9000)


def test_the_code_counts_on_both(card: Card) -> None:
    send(card, SELECT_MF)
    assert send(card, "01" + VERIFY[2:]) == (b"", 0x9000)
    assert send(card, STATUS) == (b"", 0x9000)


def test_a_key_set_on_one_is_not_set_on_the_other(card: Card) -> None:
    send(card, SELECT_MF)
    send(card, VERIFY)
    assert send(card, "012281B60491022890") == (b"", 0x9000)
    digest = "20" + "5A" * 32
    assert send(card, "002A9E9A" + digest) == (b"", 0x6985)
    assert send(card, "012A9E9A" + digest)[1] == 0x6100


def test_a_reset_closes_it(card: Card) -> None:
    send(card, SELECT_MF)
    card.power_on()
    assert send(card, "01B09C000C") == (b"", 0x6881)


def test_manage_channel_opens_and_closes(card: Card) -> None:
    assert fetch(card, "0070000001") == b"\x01"
    assert send(card, "0070000001") == (b"", 0x6881)
    assert send(card, "00700001") == (b"", 0x6881)
    assert send(card, "01B09C000C")[1] == 0x9000
    assert send(card, "00708001") == (b"", 0x9000)
    assert send(card, "01B09C000C") == (b"", 0x6881)
    assert send(card, "00700001") == (b"", 0x9000)
    assert send(card, "01708000") == (b"", 0x9000)
    assert send(card, "01B09C000C") == (b"", 0x6881)


def test_a_wrong_length_opens_no_channel(card: Card) -> None:
    assert send(card, "0070000000") == (b"", 0x6C01)
    assert send(card, "01B09C000C") == (b"", 0x6881)
    assert fetch(card, "0070000001") == b"\x01"


@pytest.mark.parametrize(
    ("apdu", "word"),
    [
        ("02A4040C088025000001FF0100", 0x6881),
        ("03B09C000C", 0x6881),
        ("05B09C000C", 0x6E00),
        ("41B09C000C", 0x6E00),
        ("00708000", 0x6A86),
        ("00700002", 0x6A86),
        ("00704001", 0x6A86),
        ("0070000001AA", 0x6A86),
    ],
)
def test_what_is_not_there_is_refused(card: Card, apdu: str, word: int) -> None:
    assert send(card, apdu) == (b"", word)


def test_a_model_without_channels_knows_none() -> None:
    card = insert()
    assert send(card, SELECT_MF) == (b"", 0x6E00)
    assert send(card, "0070000001") == (b"", 0x6D00)
