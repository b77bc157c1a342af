"""Answers to reset: their interface bytes are walked in one way, by whoever asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import ATRS, Transmission, historical_bytes, is_whole, offered_protocols

KNOWN = [LOG_SV_ATR, *(atr for model in CardModel for atr in ATRS[model])]


@pytest.mark.parametrize("atr", KNOWN, ids=bytes.hex)
def test_a_known_one_is_whole_and_nothing_shorter_or_longer_is(atr: bytes) -> None:
    assert is_whole(atr)
    assert not any(is_whole(atr[:size]) for size in range(2, len(atr)))
    assert not is_whole(atr + b"\0")


def test_a_check_byte_counts_unless_only_t0_is_named() -> None:
    assert is_whole(bytes.fromhex("3B8000"))
    assert is_whole(bytes.fromhex("3B800E8E"))
    assert not is_whole(bytes.fromhex("3B800E"))


def test_what_a_cps4_offers_and_says_of_itself() -> None:
    atr = ATRS[CardModel.CPS4][0]
    assert offered_protocols(atr) == (Transmission.T0, Transmission.T1)
    assert historical_bytes(atr).hex() == "0012250064800401000090"


@given(st.binary(min_size=2, max_size=33))
def test_any_bytes_are_whole_or_not(raw: bytes) -> None:
    if is_whole(raw):
        assert len(historical_bytes(raw)) == raw[1] & 0x0F
        assert set(offered_protocols(raw)) <= set(Transmission)
