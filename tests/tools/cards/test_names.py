"""The names of cards that `tla readers` shows by their answer to reset."""

from __future__ import annotations

import pytest

from tla_sim.protocol.card_kind import CardModel
from tla_sim.reader_fw.cards.atr import ATRS
from tla_sim.tools.cards.names import card_name

NAMES = {
    CardModel.CPS3: "PS card (CPS, CPF or CPE)",
    CardModel.CPS4: "PS card (CPS, CPF or CPE)",
    CardModel.VITALE_2: "Vitale 2",
    CardModel.VITALE_1: "Vitale 1",
}


@pytest.mark.parametrize(("model", "atr"), [(model, atr) for model in CardModel for atr in ATRS[model]])
def test_every_model_is_named_by_each_of_its_answers_to_reset(model: CardModel, atr: bytes) -> None:
    assert card_name(atr) == NAMES[model]


def test_another_card_is_named_by_its_answer_to_reset() -> None:
    assert card_name(bytes.fromhex("3B00")) == "another card (3B 00)"
