"""The reader's card slots as PC/SC links see them: power, presence, and who may speak to a card when."""

from __future__ import annotations

import pytest

from tests.reader_kit import Bench, raw
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.commands.cards import READ_PS_CARD
from tla_sim.protocol.commands.declaration import Empty
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.slot_order import SlotOrder
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import PS_ATR, Transmission, offered_protocols
from tla_sim.reader_fw.cards.terms import CardTerms
from tla_sim.reader_fw.reader import ReaderOff, ReaderPort
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, MAYA, NURSE

VERIFY = bytes.fromhex("0020000108") + CODE.encode() + b"\xff" * 4
STATUS = bytes.fromhex("0020000100")
SELECT_MF = bytes.fromhex("00A40000023F0000")
AT_ONCE, TO_FETCH = 0x90, 0x61
"""The first byte of the status word behind data, with T=1 and with T=0."""


class Desk:
    """A reader with a card in it and the two ports of a PC/SC link."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.bench.insert_ps()
        self.cards = self.bench.reader.attach("pcsc")
        self.software = self.bench.reader.attach("pcsc")

    def card(self, apdu: bytes, port: ReaderPort | None = None) -> int:
        return raw(port or self.cards, apdu, Lad.PS).word

    def authenticate(self) -> None:
        transport = InProcessTransport(self.software.exchange)
        ReaderClient(transport, self.bench.entropy.take).verify_code(CODE)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_log_svs_answer_to_reset_says_t1_and_what_it_is() -> None:
    assert offered_protocols(LOG_SV_ATR) == (Transmission.T1,)
    assert b"TLALog_SV" in LOG_SV_ATR
    assert len(LOG_SV_ATR) <= 33
    check = 0
    for byte in LOG_SV_ATR[1:]:
        check ^= byte
    assert check == 0


def test_presence_follows_cards_and_power(desk: Desk) -> None:
    first = desk.cards.insertion(Lad.PS)
    assert first > 0
    assert desk.cards.insertion(Lad.VITALE) == 0
    assert desk.software.insertion(Lad.LOG_SV) == 1
    card = desk.bench.reader.remove(Slot.PS)
    assert card is not None
    assert desk.cards.insertion(Lad.PS) == 0
    desk.bench.reader.insert(Slot.PS, card)
    assert desk.cards.insertion(Lad.PS) > first
    desk.bench.reader.power_off()
    assert [desk.cards.insertion(lad) for lad in Lad] == [0, 0, 0]
    with pytest.raises(ReaderOff):
        desk.cards.power_on(Lad.PS)


def test_power_resets_a_card_and_its_verified_code(desk: Desk) -> None:
    assert desk.cards.power_on(Lad.PS) == PS_ATR
    assert desk.cards.power_on(Lad.VITALE) == b""
    assert desk.card(VERIFY) == 0x9000
    assert desk.card(STATUS) == 0x9000
    desk.cards.power_on(Lad.PS)
    assert desk.card(STATUS) == 0x63C3
    assert desk.card(VERIFY) == 0x9000
    desk.cards.power_off(Lad.PS)
    assert desk.card(STATUS) == 0x63C3


def test_power_on_log_sv_ends_its_session(desk: Desk) -> None:
    desk.authenticate()
    assert desk.software.session.verified_insertion
    assert desk.software.power_on(Lad.LOG_SV) == LOG_SV_ATR
    assert not desk.software.session.verified_insertion


def test_while_log_sv_uses_the_card_other_programs_cannot_disturb_it(desk: Desk) -> None:
    desk.authenticate()
    assert desk.card(STATUS) == Status.READER_HELD
    assert desk.cards.power_on(Lad.PS) == PS_ATR
    desk.cards.power_off(Lad.PS)
    client_end = InProcessTransport(desk.software.exchange)
    apdu = CommandApdu(0x80, READ_PS_CARD.ins, 0, 0, READ_PS_CARD.request.build(Empty()), 65_536)
    answer = ResponseApdu.parse(client_end.transmit(apdu.build()))
    assert READ_PS_CARD.response.parse(answer.data).verified


def test_a_code_that_log_sv_verified_is_not_for_the_next_program(desk: Desk) -> None:
    desk.authenticate()
    desk.software.power_off(Lad.LOG_SV)
    assert desk.card(STATUS) == 0x63C3


def test_a_card_that_a_program_left_without_power_is_powered_again_by_the_firmware(desk: Desk) -> None:
    desk.authenticate()
    desk.software.reset()
    desk.cards.power_off(Lad.PS)
    desk.authenticate()
    assert desk.software.session.verified_insertion


def test_a_load_over_the_software_port_works_beside_the_cards_port(desk: Desk) -> None:
    transport = InProcessTransport(desk.software.exchange)
    client = ReaderClient(transport, desk.bench.entropy.take)
    assert load(client, documents(NURSE, 2)) == 2
    assert desk.card(STATUS) == 0x63C3


@pytest.mark.parametrize("what", ["firmware", "order", "other program", "other program's reset"])
def test_a_program_that_chose_t1_is_answered_in_t1_whoever_resets_the_card(desk: Desk, what: str) -> None:
    desk.bench.insert_chip(Slot.PS, ps_image(MAYA, terms=CardTerms(model=CardModel.CPS4)))
    other = desk.bench.reader.attach("vpcd")
    desk.cards.power_on(Lad.PS)
    assert desk.card(SELECT_MF) >> 8 == TO_FETCH
    desk.cards.select_protocol(Lad.PS, Transmission.T1)
    assert desk.card(SELECT_MF) >> 8 == AT_ONCE
    match what:
        case "firmware":
            desk.authenticate()
            desk.software.reset()
        case "order":
            assert desk.card(SlotOrder.POWER_ON.apdu) == 0x9000
        case "other program":
            assert desk.card(SELECT_MF, other) >> 8 == TO_FETCH
        case _:
            other.power_on(Lad.PS)
            assert desk.card(SELECT_MF, other) >> 8 == TO_FETCH
    assert desk.card(SELECT_MF) >> 8 == AT_ONCE
    desk.cards.power_on(Lad.PS)
    assert desk.card(SELECT_MF) >> 8 == TO_FETCH
