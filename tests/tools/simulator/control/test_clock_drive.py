"""How a served reader's clock goes."""

from __future__ import annotations

import pytest

from tests.tools.simulator.control.control_kit import (
    NURSE,
    SELECT_MF,
    VERIFY_AT_KEYPAD,
    answers_of,
    new_control,
)
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.control.clock_drive import BadRate, ClockDrive
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.waits import Waited


@pytest.fixture
def control() -> ReaderControl:
    return new_control()


@pytest.fixture
def drive(control: ReaderControl) -> ClockDrive:
    return ClockDrive(control)


def slow_card(control: ReaderControl) -> None:
    """Have a host on a served link wait 700 ms for a card."""
    control.insert(Slot.PS, NURSE)
    control.inject("ps.slow@0:700")
    control.reader.attach("tcp").begin(Lad.PS, SELECT_MF)


def test_a_rate_multiplies_real_time(drive: ClockDrive) -> None:
    assert (drive.passed(7), drive.seconds(7_000)) == (7, 7.0)
    drive.set_rate(1_000)
    assert (drive.passed(7), drive.seconds(7_000)) == (7_000, 0.007)
    for rate in (-1, 1_001):
        with pytest.raises(BadRate):
            drive.set_rate(rate)


def test_it_sleeps_until_the_screen_changes_by_itself(control: ReaderControl, drive: ClockDrive) -> None:
    control.advance(10_000)
    assert drive.wake_in == 50.0
    drive.set_rate(10)
    assert drive.wake_in == 5.0
    control.cable(plugged=True)
    assert drive.wake_in is None
    control.power(on=False)
    assert drive.wake_in is None


def test_as_fast_as_it_can_nobody_waits_for_a_card(control: ReaderControl, drive: ClockDrive) -> None:
    slow_card(control)
    before = control.clock_ms
    drive.tick()
    assert control.clock_ms == before
    drive.set_rate(0)
    assert drive.wake_in == 0.0
    drive.tick()
    assert control.clock_ms == before + 700
    assert drive.passed(7) == 7


def test_paused_it_stands_still_but_for_the_work_of_cards(control: ReaderControl, drive: ClockDrive) -> None:
    drive.paused = True
    assert drive.passed(7) == 0
    assert drive.seconds(1) > 60
    slow_card(control)
    before = control.clock_ms
    drive.tick()
    assert control.clock_ms == before + 700


def test_paused_or_not_a_person_has_real_time_to_type(control: ReaderControl, drive: ClockDrive) -> None:
    drive.paused = True
    control.insert(Slot.PS, NURSE)
    control.cable(plugged=True)
    answers_of(control, VERIFY_AT_KEYPAD)
    before = control.clock_ms
    drive.tick()
    assert control.clock_ms == before
    assert drive.passed(7) == 7
    assert drive.seconds(1_000) == 1.0
    drive.paused = False
    drive.set_rate(0)
    drive.tick()
    assert control.clock_ms == before


@pytest.mark.parametrize("paused", [True, False])
def test_a_wait_moves_a_clock_that_stands_still(
    control: ReaderControl, drive: ClockDrive, paused: bool
) -> None:
    drive.paused = paused
    drive.set_rate(0)
    ended: list[Waited] = []
    before = control.clock_ms
    control.wait(Condition(text="08:03"), 600_000, ended.append)
    assert drive.wake_in == 0.0
    drive.tick()
    assert [each.matched for each in ended] == [True]
    assert control.clock_ms == before + 180_000
    assert drive.wake_in != 0.0


@pytest.mark.parametrize(
    ("condition", "linked"),
    [(Condition(exchange="any"), False), (Condition(text="CODE PORTEUR"), True)],
    ids=["exchange", "linked"],
)
def test_a_wait_for_what_a_host_may_do_gives_it_real_time(
    control: ReaderControl, drive: ClockDrive, condition: Condition, linked: bool
) -> None:
    drive.paused = True
    drive.linked = linked
    ended: list[Waited] = []
    control.wait(condition, 2_000, ended.append)
    drive.tick()
    assert not ended
    assert drive.passed(7) == 7
    assert drive.wake_in == 2.0
    control.reader.tick(2_000)
    assert [each.matched for each in ended] == [False]
    assert drive.passed(7) == 0
