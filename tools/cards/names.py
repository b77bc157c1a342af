"""Names of known cards by their answer to reset."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards.atr import ATRS

_MODELS: Final = {
    CardModel.CPS3: Sentence("PS card (CPS, CPF or CPE)"),
    CardModel.CPS4: Sentence("PS card (CPS, CPF or CPE)"),
    CardModel.VITALE_2: "Vitale 2",
    CardModel.VITALE_1: "Vitale 1",
}
_NAMES: Final = {
    LOG_SV_ATR: Sentence("the reader's own software, Log_SV"),
    **{atr: name for model, name in _MODELS.items() for atr in ATRS[model]},
}


def card_name(atr: bytes) -> str:
    """Return the name of a known card, otherwise its answer to reset in hex."""
    return _NAMES.get(atr) or Sentence("another card ({atr})", atr=atr.hex(" ").upper())
