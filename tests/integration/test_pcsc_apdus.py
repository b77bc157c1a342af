"""Programs that send APDUs to the CPS, by the lines of the page on PC/SC programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.pcsc_page import Terminal, blocks, terminal_at_desk
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import PS_ATR
from tla_sim.reader_fw.cards.card import Card


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with terminal_at_desk(tmp_path_factory.mktemp("apdus")) as terminal:
        yield terminal


def test_scriptor_and_pyscard_read_the_serial_number(terminal: Terminal) -> None:
    (source,) = blocks("Plain APDUs", "python")
    (terminal.folder / "cards.py").write_text(source)
    printed = terminal.paste("Plain APDUs")
    card = terminal.bench.reader.board.slots.card(Slot.PS)
    assert isinstance(card, Card)
    assert f"< 5A 0A {bytes.fromhex(card.serial).hex(' ').upper()} 90 00" in printed
    assert f"5a0a{card.serial} 9000" in printed


def test_pcsc_scans_list_is_given_back_with_log_sv_in_it(terminal: Terminal) -> None:
    empty = terminal.folder / ".cache" / "smartcard_list.txt"
    empty.parent.mkdir(exist_ok=True)
    empty.touch()
    cards = [atr.hex(" ").upper() for atr in (PS_ATR, LOG_SV_ATR)]
    printed = terminal.paste("Troubleshooting", then="; ".join(f"ATR_analysis {atr}" for atr in cards))
    assert "Sesam Vitale card CPS" in printed
    assert "Log_SV of a simulated reader" in printed
