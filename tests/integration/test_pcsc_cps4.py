"""A CPS4 behind stock pcscd speaks the protocol that a program connects with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from smartcard.CardConnection import CardConnection
from smartcard.System import readers

from tests.integration.pcsc_kit import Served, by_ccid, slots_show
from tests.integration.serving import wait_for
from tests.reader_kit import Bench
from tla_sim.protocol.card_kind import CardModel
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import CPS4_ATR
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import MAYA


class Desk(NamedTuple):
    """A reader with a CPS4 in it, served to pcscd."""

    bench: Bench
    serving: Served
    card: Card


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    bench = Bench()
    card = bench.insert_chip(Slot.PS, ps_image(MAYA, terms=CardTerms(model=CardModel.CPS4)))
    with by_ccid(bench.reader, bench.reader.board.clock, tmp_path_factory.mktemp("ccid")) as (serving, _):
        wait_for(slots_show(s0=CPS4_ATR))
        yield Desk(bench, serving, card)


@pytest.mark.parametrize(
    ("protocols", "chosen"),
    [
        (CardConnection.T0_protocol, CardConnection.T0_protocol),
        (CardConnection.T1_protocol, CardConnection.T1_protocol),
        (CardConnection.T0_protocol | CardConnection.T1_protocol, CardConnection.T1_protocol),
    ],
)
def test_the_serial_number_is_read_on_channel_1(desk: Desk, protocols: int, chosen: int) -> None:
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
        assert bytes(number).hex() == "5a0a" + desk.card.serial
    finally:
        connection.disconnect()


def test_it_goes_on_in_t1_after_the_reader_itself_took_the_cards_power(desk: Desk) -> None:
    connection = readers()[0].createConnection()
    connection.connect(CardConnection.T1_protocol)
    try:
        for _ in range(2):
            data, sw1, sw2 = connection.transmit([*bytes.fromhex("00A40000023F0000")])
            assert (data[0], sw1, sw2) == (0x6F, 0x90, 0x00)
            desk.serving.do(lambda: desk.bench.reader.app.cards.power_off(Slot.PS))
    finally:
        connection.disconnect()
