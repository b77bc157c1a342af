"""One object for all that can be done with a reader: screens, cards, cables, commands, time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.simulator.control.control_kit import (
    CODE,
    IDENTIFY,
    NURSE,
    PATIENT,
    PRACTICE,
    SELECT_MF,
    VERIFY_AT_KEYPAD,
    answers_of,
    new_control,
)
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import ReaderHeld, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot, SlotOccupied
from tla_sim.reader_fw.cards.image import CardImageCorrupted
from tla_sim.reader_fw.reader import ReaderOff
from tla_sim.tools.cast.cards import UnknownCard
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import LEA
from tla_sim.tools.simulator.body import UnknownKey
from tla_sim.tools.simulator.control.events import Event, EventKind
from tla_sim.tools.simulator.control.hands import BadBattery
from tla_sim.tools.simulator.control.named_ports import CableOut, CommandUnderWay
from tla_sim.tools.simulator.control.opening import BadTime
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.tray import BadCardName, CardKind, CardNameTaken, CardNeeded

OK = b"\x90\x00"


def client_on(control: ReaderControl, port: str) -> ReaderClient:
    return ReaderClient(InProcessTransport(lambda lad, apdu: control.transmit(lad, apdu, port)), bytes)


@pytest.fixture
def control() -> ReaderControl:
    return new_control()


def test_a_new_reader_is_on_a_visit_with_everybodys_cards_at_hand(control: ReaderControl) -> None:
    assert control.screen.revision == 1
    assert control.screen.on
    assert control.screen.lines[0].startswith("TLA 1.40")
    assert not control.plugged
    assert {card.kind for card in control.tray} == {CardKind.CPS, CardKind.CPE, CardKind.VITALE}
    assert control.slots == {Slot.PS: None, Slot.VITALE: None}
    assert (control.origin.seed, control.kept) == (1, None)


def test_what_is_done_answers_with_the_settled_screen(control: ReaderControl) -> None:
    shown = control.insert(Slot.VITALE, PATIENT)
    assert shown is control.screen
    assert shown.lines[0].startswith("MARTIN PAUL")
    assert control.press("VAL").lines[0].startswith("TLA 1.40")
    assert control.remove(Slot.VITALE).revision >= shown.revision
    dark = control.power(on=False)
    assert (dark.on, dark.text.strip()) == (False, "")
    assert control.power(on=True).on
    assert [each.revision for each in control.timeline()] == list(range(1, control.screen.revision + 1))
    assert control.timeline(after=2)[0] == control.screen_at(3)


def test_a_key_that_does_not_exist_presses_none(control: ReaderControl) -> None:
    control.insert(Slot.VITALE, PATIENT)
    before = control.screen
    with pytest.raises(UnknownKey):
        control.press("VAL", "F1")
    assert control.screen is before


def test_a_card_is_known_by_its_name_and_its_holders(control: ReaderControl) -> None:
    control.insert(Slot.PS, "cps-piqure2969-maya")
    card = control.slots[Slot.PS]
    assert card is not None
    assert (card.name, card.kind, card.holder) == ("cps-piqure2969-maya", CardKind.CPS, "PIQURE2969 MAYA")
    control.insert(Slot.PS, "toubib")
    assert control.slots[Slot.PS] is not None
    assert [each.name for each in control.tray if each.slot is Slot.PS] == ["cps-toubib-paul"]
    with pytest.raises(UnknownCard):
        control.insert(Slot.PS, "NOBODY")
    assert control.slots[Slot.PS] is not None
    with pytest.raises(SlotOccupied, match="in the PS slot"):
        control.insert(Slot.VITALE, "TOUBIB")
    assert control.slots[Slot.VITALE] is None


def test_a_chip_remembers_between_two_insertions(control: ReaderControl) -> None:
    control.cable(plugged=True)
    control.insert(Slot.PS, NURSE)
    wrong = bytes.fromhex("002000010834333231FFFFFFFF")
    assert control.transmit(Lad.PS, wrong) == b"\x63\xc2"
    control.remove(Slot.PS)
    control.insert(Slot.PS, NURSE)
    assert control.transmit(Lad.PS, wrong) == b"\x63\xc1"


def test_a_card_can_be_uploaded_and_discarded(control: ReaderControl) -> None:
    image = ps_image(LEA).build()
    added = control.add_card("lea", image)
    assert (added.name, added.kind, added.uploaded, added.slot) == ("lea", CardKind.CPS, True, None)
    control.insert(Slot.PS, "lea")
    with pytest.raises(CardNeeded, match="in a slot"):
        control.discard_card("lea")
    control.remove(Slot.PS)
    control.discard_card("lea")
    with pytest.raises(UnknownCard):
        control.insert(Slot.PS, "lea")
    with pytest.raises(CardNeeded, match="belongs to the practice"):
        control.discard_card("cps-toubib-paul")
    control.insert(Slot.PS, image)
    assert control.slots[Slot.PS] is not None
    with pytest.raises(CardNameTaken):
        control.add_card("card-1", image)
    for name in ("", "..", "a/b", "é", "x" * 65, "-x"):
        with pytest.raises(BadCardName):
            control.add_card(name, image)
    with pytest.raises(CardImageCorrupted):
        control.add_card("broken", image[:-1])
    assert "broken" not in [card.name for card in control.tray]


def test_a_command_needs_a_cable_and_passes_its_time_at_once(control: ReaderControl) -> None:
    with pytest.raises(CableOut):
        control.transmit(Lad.LOG_SV, IDENTIFY)
    control.cable(plugged=True)
    assert control.screen.lines[0].startswith("ATTENTE ORDRE")
    assert control.transmit(Lad.LOG_SV, IDENTIFY).endswith(OK)
    control.insert(Slot.PS, NURSE)
    control.inject("ps.slow@0:700")
    before = control.clock_ms
    assert control.transmit(Lad.PS, SELECT_MF) == OK
    assert control.clock_ms == before + 700
    exchange = control.last_exchange
    assert exchange is not None
    assert (exchange.number, exchange.link, exchange.lad) == (2, "api", Lad.PS)
    assert (exchange.clock_ms, exchange.ms) == (before, control.clock_ms - before)
    control.cable(plugged=False)
    with pytest.raises(CableOut):
        control.transmit(Lad.LOG_SV, IDENTIFY)
    assert control.exchanges == 2


def test_a_reader_that_is_off_answers_nothing(control: ReaderControl) -> None:
    control.cable(plugged=True)
    control.power(on=False)
    with pytest.raises(ReaderOff):
        control.transmit(Lad.LOG_SV, IDENTIFY)
    (traced,) = control.trace().items
    assert traced.response is None


def test_a_command_waits_for_the_code_that_a_person_types(control: ReaderControl) -> None:
    control.insert(Slot.PS, NURSE)
    control.cable(plugged=True)
    answers = answers_of(control, VERIFY_AT_KEYPAD)
    assert answers == []
    assert control.screen.lines[0].startswith("CODE PORTEUR")
    with pytest.raises(CommandUnderWay):
        control.transmit(Lad.LOG_SV, IDENTIFY)
    assert control.press(CODE).lines[2].startswith("****")
    assert control.press("VAL").lines[0].startswith("ATTENTE ORDRE")
    assert answers == [OK]
    assert CODE not in repr(control.trace()) + repr(control.timeline())


@pytest.mark.parametrize("end", ["ANN", "time", "card", "cable", "power", "hang_up"])
def test_a_command_that_waits_ends_however_the_waiting_ends(control: ReaderControl, end: str) -> None:
    control.insert(Slot.PS, NURSE)
    control.cable(plugged=True)
    answers = answers_of(control, VERIFY_AT_KEYPAD)
    match end:
        case "time":
            control.advance(30_000)
        case "card":
            control.remove(Slot.PS)
        case "cable":
            control.cable(plugged=False)
        case "power":
            control.power(on=False)
        case "hang_up":
            control.hang_up()
        case _:
            control.press(end)
    (answer,) = answers
    if end in ("ANN", "time", "card"):
        assert isinstance(answer, bytes)
        assert answer != OK
    else:
        assert isinstance(answer, TlaError)
        assert answer.action
    control.power(on=True)
    control.cable(plugged=True)
    assert control.transmit(Lad.LOG_SV, IDENTIFY).endswith(OK)


def test_every_name_of_a_port_has_a_session_of_its_own(control: ReaderControl) -> None:
    control.insert(Slot.PS, NURSE)
    control.cable(plugged=True)
    answers: list[bytes | TlaError] = []
    control.begin(Lad.LOG_SV, VERIFY_AT_KEYPAD, answers.append, port="surgery")
    control.press(CODE, "VAL")
    assert answers == [OK]
    assert client_on(control, "surgery").read_ps_card().verified
    with pytest.raises(ReaderHeld):
        client_on(control, "api").read_ps_card()
    control.hang_up("surgery")
    assert not client_on(control, "api").read_ps_card().verified
    assert not client_on(control, "surgery").read_ps_card().verified


def test_no_code_is_in_the_trace(control: ReaderControl) -> None:
    control.insert(Slot.PS, NURSE)
    control.cable(plugged=True)
    control.transmit(Lad.PS, bytes.fromhex("0020000108") + CODE.encode() + b"\xff" * 4)
    exchange = control.last_exchange
    assert exchange is not None
    assert exchange.command == bytes.fromhex("0020000108") + b"\xff" * 8


def test_time_and_condition_of_the_device_can_be_set(control: ReaderControl) -> None:
    told: list[Event] = []
    unsubscribe = control.subscribe(told.append)
    before = control.clock_ms
    control.advance(60_000)
    assert control.clock_ms == before + 60_000
    assert [event.kind for event in told] == [EventKind.SCREEN]
    control.battery(7)
    control.open_case()
    assert control.reader.board.power.battery == 7
    assert control.reader.board.tamper.tripped
    assert [event.kind for event in told[1:]] == [EventKind.READER, EventKind.READER]
    unsubscribe()
    control.battery(8)
    assert len(told) == 3
    for percent in (-1, 101):
        with pytest.raises(BadBattery):
            control.battery(percent)
    with pytest.raises(BadTime):
        control.advance(-1)


def test_faults_are_injected_while_it_runs_and_counted_from_now(control: ReaderControl) -> None:
    told: list[Event] = []
    control.subscribe(told.append)
    control.cable(plugged=True)
    control.insert(Slot.PS, NURSE)
    for _ in range(3):
        control.transmit(Lad.PS, SELECT_MF)
    assert [str(fault) for fault in control.inject("ps.pull@1")] == [str(control.faults.pending[0])]
    assert control.transmit(Lad.PS, SELECT_MF) == OK
    assert control.slots[Slot.PS] is not None
    assert control.transmit(Lad.PS, SELECT_MF) != OK
    assert control.slots[Slot.PS] is None
    assert not control.faults.pending
    assert [fault.name for fault in control.faults.struck] == ["ps.pull"]
    assert EventKind.FAULT in [event.kind for event in told]
    control.inject("ps.mute@0")
    control.clear_faults()
    control.insert(Slot.PS, NURSE)
    assert control.transmit(Lad.PS, SELECT_MF) == OK


def test_transports_in_virtual_time_are_traced_too(control: ReaderControl) -> None:
    control.insert(Slot.PS, NURSE)
    for link in ("memory", "serial", "ccid", "vpcd"):
        with control.transport(link) as transport:
            before = control.exchanges
            assert transport.transmit(IDENTIFY).endswith(OK)
            assert control.exchanges > before


def test_a_reader_on_a_directory_keeps_its_cards(tmp_path: Path) -> None:
    home = tmp_path / "reader"
    control = ReaderControl.on_directory(home, PRACTICE, seed=3)
    assert (control.kept, control.name) == (home, "reader")
    control.insert(Slot.PS, NURSE)
    control.add_card("lea", ps_image(LEA).build())
    control.insert(Slot.VITALE, "MARTIN")
    control.close()
    control.close()
    again = ReaderControl.on_directory(home, PRACTICE)
    inside = {slot: card and card.name for slot, card in again.slots.items()}
    assert inside == {Slot.PS: "cps-piqure2969-maya", Slot.VITALE: "vitale-martin-paul"}
    again.insert(Slot.PS, "lea")
    assert again.slots[Slot.PS] is not None
    again.close()


def test_closing_is_told_once() -> None:
    control = new_control()
    told: list[Event] = []
    control.subscribe(told.append)
    control.close()
    control.close()
    assert [event.kind for event in told][-1] is EventKind.GONE
    assert [event.kind for event in told].count(EventKind.GONE) == 1
