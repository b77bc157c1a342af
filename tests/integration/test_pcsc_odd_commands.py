"""Commands by stock pcscd and vpcd that are as short or as long as vpcd can take, and beyond."""

from __future__ import annotations

import pytest
from smartcard.CardConnection import CardConnection
from smartcard.Exceptions import SmartcardException
from smartcard.System import readers

from tests.integration.pcsc_kit import by_vpcd, slots_show
from tests.integration.serving import wait_for
from tests.reader_kit import Bench
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import PS_ATR
from tla_sim.tools.cast.people import MAYA

SHOWN = slots_show(s0=PS_ATR, s1=LOG_SV_ATR)
SELECT_MF = bytes.fromhex("00A4000C023F00")


def answer(apdu: bytes) -> bytes:
    """What the card in the first slot says to a program that connects for this one command."""
    connection: CardConnection = readers()[0].createConnection()
    connection.connect()
    data, first, second = connection.transmit(list(apdu))
    connection.disconnect()
    return bytes((*data, first, second))


def test_vpcd_takes_every_length_it_can_carry_and_the_slot_survives_the_others() -> None:
    bench = Bench()
    bench.insert_ps(MAYA)
    with by_vpcd(bench.reader, bench.reader.board.clock):
        wait_for(SHOWN)
        assert answer(b"\xa0") == b"\x67\x00"
        assert answer(SELECT_MF + bytes(65_535 - len(SELECT_MF))) == b"\x67\x00"
        # One byte that vpcd's protocol has for its own power commands, and more than 16 bits can tell.
        for apdu in (b"\x00", SELECT_MF + bytes(65_536 - len(SELECT_MF))):
            with pytest.raises((SmartcardException, IndexError)):
                answer(apdu)
            wait_for(_works)


def _works() -> bool:
    try:
        return answer(SELECT_MF) == b"\x90\x00"
    except SmartcardException:
        return False
