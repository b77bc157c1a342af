"""A CPS4 behind stock pcscd speaks the protocol that a program connects with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from smartcard.CardConnection import CardConnection
from smartcard.System import readers

from tests.integration.pcsc_kit import by_ccid, slots_show
from tests.integration.serving import wait_for
from tests.reader_kit import Bench
from tla_sim.protocol.card_kind import CardModel
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import CPS4_ATR
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import MAYA


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    bench = Bench()
    card = bench.insert_chip(Slot.PS, ps_image(MAYA, terms=CardTerms(model=CardModel.CPS4)))
    with by_ccid(bench.reader, bench.reader.board.clock, tmp_path_factory.mktemp("ccid")):
        wait_for(slots_show(s0=CPS4_ATR))
        yield card


@pytest.mark.parametrize(
    ("protocols", "chosen"),
    [
        (CardConnection.T0_protocol, CardConnection.T0_protocol),
        (CardConnection.T1_protocol, CardConnection.T1_protocol),
        (CardConnection.T0_protocol | CardConnection.T1_protocol, CardConnection.T1_protocol),
    ],
)
def test_the_serial_number_is_read_on_channel_1(card: Card, protocols: int, chosen: int) -> None:
    connection = readers()[0].createConnection()
    connection.connect(protocols)
    try:
        assert connection.getProtocol() == chosen
        application = bytes.fromhex("01A4040C088025000001FF0100")
        assert connection.transmit([*application]) == ([], 0x90, 0x00)
        described = bytes.fromhex("01A4080002D00300")
        data, sw1, sw2 = connection.transmit([*described])
        assert (sw1 == 0x61) == (chosen == CardConnection.T0_protocol)
        if sw1 == 0x61:
            data, sw1, sw2 = connection.transmit([0x01, 0xC0, 0, 0, sw2])
        assert (data[0], sw1, sw2) == (0x6F, 0x90, 0x00)
        number, *_ = connection.transmit([0x01, 0xB0, 0, 0, 12])
        assert bytes(number).hex() == "5a0a" + card.serial
    finally:
        connection.disconnect()
