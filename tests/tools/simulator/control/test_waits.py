"""Waits go by the reader's time, and end once."""

from __future__ import annotations

import pytest

from tests.tools.simulator.control.control_kit import CODE, IDENTIFY, NURSE, VERIFY_AT_KEYPAD, new_control
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.opening import BadTime
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.waits import MAX_WAITS, TooManyWaits, Waited


@pytest.fixture
def control() -> ReaderControl:
    return new_control()


def waited(control: ReaderControl, condition: Condition, timeout_ms: int = 1_000) -> list[Waited]:
    ended: list[Waited] = []
    control.wait(condition, timeout_ms, ended.append)
    return ended


def test_what_is_there_already_ends_a_wait_at_once(control: ReaderControl) -> None:
    (ended,) = waited(control, Condition(text="inserez la carte"))
    assert ended == Waited(True, control.screen)
    assert waited(control, Condition(no_text="MARTIN"))[0].matched


def test_a_wait_ends_with_the_screen_that_was_waited_for(control: ReaderControl) -> None:
    ended = waited(control, Condition(text="MARTIN"))
    control.insert(Slot.VITALE, "DESMAUX")
    assert not ended
    shown = control.insert(Slot.VITALE, "MARTIN")
    assert ended == [Waited(True, shown)]
    control.insert(Slot.VITALE, "DESMAUX")
    control.insert(Slot.VITALE, "MARTIN")
    assert len(ended) == 1


def test_a_screen_that_comes_and_goes_within_one_command_is_seen(control: ReaderControl) -> None:
    control.insert(Slot.PS, NURSE)
    ended = waited(control, Condition(text="CODE PORTEUR"))
    with control.transport("memory") as transport:
        transport.transmit(VERIFY_AT_KEYPAD)
    assert [each.matched for each in ended] == [True]
    assert not control.screen.lines[0].startswith("CODE")


def test_a_wait_ends_with_an_exchange(control: ReaderControl) -> None:
    control.cable(plugged=True)
    ended = waited(control, Condition(exchange="identify"))
    control.transmit(Lad.LOG_SV, bytes.fromhex("8014000000"))
    assert not ended
    control.transmit(Lad.LOG_SV, IDENTIFY)
    assert [(each.matched, each.exchange) for each in ended] == [(True, control.last_exchange)]


def test_a_wait_is_over_after_its_time_at_the_reader(control: ReaderControl) -> None:
    ended = waited(control, Condition(text="MARTIN"), 1_000)
    control.advance(999)
    assert not ended
    control.advance(1)
    assert [each.matched for each in ended] == [False]
    assert [each.matched for each in waited(control, Condition(text="MARTIN"), 0)] == [False]
    with pytest.raises(BadTime):
        control.wait(Condition(text="A"), -1, ended.append)


def test_a_clock_that_falls_back_does_not_make_a_wait_longer(control: ReaderControl) -> None:
    control.cable(plugged=True)
    ended = waited(control, Condition(text="MARTIN"), 1_000)
    control.reader.drain_clock()
    control.advance(999)
    assert not ended
    control.advance(1)
    assert [each.matched for each in ended] == [False]


def test_a_wait_that_was_cancelled_never_ends(control: ReaderControl) -> None:
    ended: list[Waited] = []
    cancel = control.wait(Condition(text="MARTIN"), 10, ended.append)
    cancel()
    cancel()
    control.insert(Slot.VITALE, "MARTIN")
    control.advance(20)
    assert not ended
    assert not control.waits


def test_waiting_lets_the_time_pass_to_what_is_due(control: ReaderControl) -> None:
    before = control.clock_ms
    assert control.wait_for(Condition(text="08:03"), 10 * 60_000).matched
    assert control.clock_ms == before + 3 * 60_000
    ended = control.wait_for(Condition(text="09:00"), 90_000)
    assert not ended.matched
    assert control.clock_ms == before + 3 * 60_000 + 90_000


def test_waiting_goes_on_while_a_code_is_to_be_typed(control: ReaderControl) -> None:
    control.insert(Slot.PS, NURSE)
    control.cable(plugged=True)
    answers: list[object] = []
    control.begin(Lad.LOG_SV, VERIFY_AT_KEYPAD, answers.append)
    before = control.clock_ms
    assert control.wait_for(Condition(no_text="CODE"), 60_000).matched
    assert control.clock_ms - before == 30_000
    control.begin(Lad.LOG_SV, VERIFY_AT_KEYPAD, answers.append)
    control.press(CODE, "VAL")
    assert answers[1] == b"\x90\x00"


def test_a_screen_that_comes_and_goes_while_much_time_passes_is_seen(control: ReaderControl) -> None:
    ended = waited(control, Condition(text="08:03"), 3_600_000)
    control.advance(600_000)
    assert [(each.matched, each.screen.lines[0][-5:]) for each in ended] == [(True, "08:03")]
    assert control.screen.lines[0].endswith("08:10")


def test_waits_are_bounded(control: ReaderControl) -> None:
    for _ in range(MAX_WAITS):
        control.wait(Condition(text="MARTIN"), 10, lambda _: None)
    with pytest.raises(TooManyWaits):
        control.wait(Condition(text="MARTIN"), 10, lambda _: None)
    control.advance(10)
    assert not control.waits


def test_whoever_is_gone_stops_nobody(control: ReaderControl) -> None:
    def gone(_: object) -> None:
        raise RuntimeError("closed")

    control.subscribe(gone)
    control.wait(Condition(text="MARTIN"), 1_000, gone)
    ended = waited(control, Condition(text="MARTIN"))
    control.insert(Slot.VITALE, "MARTIN")
    assert [each.matched for each in ended] == [True]
    control.cable(plugged=True)
    control.begin(Lad.LOG_SV, IDENTIFY, gone)
    assert control.transmit(Lad.LOG_SV, IDENTIFY).endswith(b"\x90\x00")
