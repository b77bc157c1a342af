"""Names of known cards by their answer to reset."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards.atr import CPS4_ATR, PS_ATR, VITALE_ATR

_NAMES: Final = {
    LOG_SV_ATR: Sentence("the reader's own software, Log_SV"),
    PS_ATR: Sentence("PS card (CPS or CPE)"),
    CPS4_ATR: Sentence("PS card (CPS or CPE)"),
    VITALE_ATR: "Vitale 2",
}


def card_name(atr: bytes) -> str:
    """Return the name of a known card, otherwise its answer to reset in hex."""
    return _NAMES.get(atr) or Sentence("another card ({atr})", atr=atr.hex(" ").upper())
