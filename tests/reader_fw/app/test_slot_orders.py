"""Orders to a card slot itself: what it says, what it does to the card, and who may give them."""

from __future__ import annotations

import pytest

from tests.reader_kit import Bench, raw
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.slot_order import SLOT_STATE, SlotOrder, SlotState
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR
from tla_sim.reader_fw.reader import ReaderPort
from tla_sim.tools.cast.people import CODE

VERIFY = bytes.fromhex("0020000108") + CODE.encode() + b"\xff" * 4
VERIFIED = bytes.fromhex("0020000100")


def state(port: ReaderPort, order: SlotOrder = SlotOrder.LOOK, lad: Lad = Lad.PS) -> SlotState:
    response = raw(port, order.apdu, lad)
    assert response.word == Status.OK
    return SLOT_STATE.parse(response.data)


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.insert_ps()
    return bench


def test_an_empty_slot_says_so_to_every_order(bench: Bench) -> None:
    port = bench.reader.attach("pty")
    for order in SlotOrder:
        found = state(port, order, Lad.VITALE)
        assert not found.present
        assert not found.atr


def test_power_on_gives_the_answer_to_reset_and_makes_the_card_forget(bench: Bench) -> None:
    port = bench.reader.attach("pty")
    bench.insert_vitale()
    assert state(port, SlotOrder.POWER_ON).atr == PS_ATR
    assert state(port, SlotOrder.POWER_ON, Lad.VITALE).atr == VITALE_ATR
    assert raw(port, VERIFY, Lad.PS).word == Status.OK
    assert raw(port, VERIFIED, Lad.PS).word == Status.OK
    for order in (SlotOrder.POWER_ON, SlotOrder.POWER_OFF):
        raw(port, VERIFY, Lad.PS)
        state(port, order)
        assert raw(port, VERIFIED, Lad.PS).word == 0x63C3


def test_looking_changes_nothing(bench: Bench) -> None:
    port = bench.reader.attach("pty")
    raw(port, VERIFY, Lad.PS)
    seen = state(port)
    assert state(port) == seen
    assert raw(port, VERIFIED, Lad.PS).word == Status.OK
    assert state(port) == seen


def test_what_the_workstation_sends_to_the_card_is_no_use_by_the_reader(bench: Bench) -> None:
    port = bench.reader.attach("pty")
    ReaderClient(InProcessTransport(port.exchange), bench.entropy.take).verify_code(CODE)
    port.reset()
    # The card still knows the code that was given to the reader, and must forget it before it is passed on.
    seen = state(port, SlotOrder.POWER_ON)
    assert raw(port, VERIFIED, Lad.PS).word == 0x63C3
    assert state(port).uses == seen.uses


def test_the_state_tells_apart_what_happened_to_the_card(bench: Bench) -> None:
    port = bench.reader.attach("pty")
    seen = [state(port)]
    bench.insert_ps()
    seen.append(state(port))
    assert seen[1].insertion == seen[0].insertion + 1
    ReaderClient(InProcessTransport(port.exchange), bench.entropy.take).read_ps_card()
    seen.append(state(port))
    assert seen[2].uses > seen[1].uses
    bench.reader.power_off()
    bench.reader.power_on()
    seen.append(state(port))
    assert seen[3].boots == seen[2].boots + 1
    bench.reader.remove(Slot.PS)
    seen.append(state(port))
    assert not seen[4].present


@pytest.mark.parametrize(
    ("apdu", "word"),
    [
        ("FE1400", Status.WRONG_LENGTH),
        ("FE140000", Status.WRONG_LENGTH),
        ("FE1400000101", Status.WRONG_LENGTH),
        ("FE14010000", Status.WRONG_PARAMETERS),
        ("FE14000100", Status.WRONG_PARAMETERS),
        ("FE13000000", Status.INSTRUCTION_NOT_SUPPORTED),
    ],
)
def test_what_is_no_order_is_refused_and_does_nothing(bench: Bench, apdu: str, word: Status) -> None:
    port = bench.reader.attach("pty")
    raw(port, VERIFY, Lad.PS)
    seen = state(port)
    assert raw(port, bytes.fromhex(apdu), Lad.PS).word == word
    assert state(port) == seen
    assert raw(port, VERIFIED, Lad.PS).word == Status.OK


def test_a_link_that_holds_the_reader_keeps_orders_of_others_out(bench: Bench) -> None:
    holder, other = bench.reader.attach("pty"), bench.reader.attach("tcp")
    ReaderClient(InProcessTransport(holder.exchange), bench.entropy.take).verify_code(CODE)
    for order in SlotOrder:
        assert raw(other, order.apdu, Lad.PS).word == Status.READER_HELD
    assert state(holder).present
