"""Going back: to a screen, to a time, to a snapshot; what is new stays new, and nothing is lost."""

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
from tla_sim.protocol.errors import ExchangeAbandoned
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.events import Event, EventKind
from tla_sim.tools.simulator.control.going_back import BadMoment
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.rules import Rule
from tla_sim.tools.simulator.control.screens import ScreenForgotten
from tla_sim.tools.simulator.control.snapshots import (
    MAX_AUTOMATIC,
    MAX_SNAPSHOTS,
    BadSnapshotName,
    TooManySnapshots,
    UnknownSnapshot,
)

OK = b"\x90\x00"
WRONG = bytes.fromhex("002000010834333231FFFFFFFF")


@pytest.fixture(params=["in_memory", "on_directory"])
def control(request: pytest.FixtureRequest, tmp_path: Path) -> ReaderControl:
    if request.param == "in_memory":
        return new_control()
    return ReaderControl.on_directory(tmp_path / "reader", PRACTICE, seed=1, moment=1_551_772_800_000)


def test_an_old_screen_comes_back_under_a_new_revision(control: ReaderControl) -> None:
    first = control.insert(Slot.VITALE, PATIENT)
    control.press("VAL")
    last = control.insert(Slot.PS, NURSE)
    again = control.rewind(revision=first.revision)
    assert again.lines == first.lines
    assert again.revision > last.revision
    assert [shown.revision for shown in control.timeline()][-2:] == [first.revision, again.revision]
    assert control.slots[Slot.PS] is None
    card = control.slots[Slot.VITALE]
    assert card is not None
    assert card.name == "vitale-martin-paul"
    assert control.press("VAL").revision == again.revision + 1
    assert control.rewind(revision=again.revision).lines == first.lines


def test_what_a_card_remembers_goes_back_too(control: ReaderControl) -> None:
    control.cable(plugged=True)
    control.insert(Slot.PS, NURSE)
    control.cable(plugged=False)
    before = control.cable(plugged=True)
    assert control.transmit(Lad.PS, WRONG) == b"\x63\xc2"
    control.rewind(revision=before.revision)
    assert control.transmit(Lad.PS, WRONG) == b"\x63\xc2"
    control.remove(Slot.PS)
    control.insert(Slot.PS, NURSE)
    assert control.transmit(Lad.PS, WRONG) == b"\x63\xc1"


def test_a_time_between_two_screens_can_be_gone_back_to(control: ReaderControl) -> None:
    control.cable(plugged=True)
    control.insert(Slot.PS, NURSE)
    start = control.clock_ms
    for _ in range(3):
        control.advance(1_000)
        control.transmit(Lad.PS, WRONG)
    screen = control.screen
    shown = control.rewind(clock_ms=start + 1_500)
    assert control.clock_ms == start + 1_500
    assert shown.lines == screen.lines
    assert control.transmit(Lad.PS, WRONG) == b"\x63\xc1"
    with pytest.raises(ScreenForgotten):
        control.rewind(clock_ms=5)


def test_the_present_is_kept_before_going_back(control: ReaderControl) -> None:
    first = control.screen
    control.cable(plugged=True)
    control.insert(Slot.PS, NURSE)
    control.transmit(Lad.PS, WRONG)
    last, clock_ms = control.screen, control.clock_ms
    control.rewind(revision=first.revision)
    (kept,) = control.snapshots
    assert (kept.name, kept.automatic) == (f"before rewind to {first.revision}", True)
    assert (kept.revision, kept.lines, kept.clock_ms) == (last.revision, last.lines, clock_ms)
    assert control.restore(kept.name).lines == last.lines
    assert control.transmit(Lad.PS, WRONG) == b"\x63\xc1"


def test_a_moment_is_saved_and_gone_to_as_often_as_wanted(control: ReaderControl) -> None:
    told: list[Event] = []
    control.cable(plugged=True)
    control.insert(Slot.PS, NURSE)
    control.subscribe(told.append)
    saved = control.save("loaded")
    assert (saved.name, saved.automatic, saved.revision) == ("loaded", False, control.screen.revision)
    for _ in range(2):
        assert control.transmit(Lad.PS, WRONG) == b"\x63\xc2"
        control.restore("loaded")
    kinds = [event.kind for event in told]
    assert kinds.count(EventKind.REWOUND) == 2
    assert kinds.count(EventKind.SNAPSHOT) == 3
    control.forget("loaded")
    with pytest.raises(UnknownSnapshot):
        control.restore("loaded")
    with pytest.raises(UnknownSnapshot):
        control.forget("loaded")


def test_snapshots_are_bounded_and_named(control: ReaderControl) -> None:
    for number in range(MAX_SNAPSHOTS):
        control.save(f"state {number}")
    with pytest.raises(TooManySnapshots):
        control.save("one more")
    control.save("state 3")
    for _ in range(MAX_AUTOMATIC + 3):
        control.restore("state 1")
        control.rewind(revision=control.screen.revision)
    assert sum(info.automatic for info in control.snapshots) == MAX_AUTOMATIC
    for name in ("", " a", "../x", "a/b", "x" * 65, "a\nb"):
        with pytest.raises(BadSnapshotName):
            control.save(name)
    with pytest.raises(BadMoment):
        control.rewind()
    with pytest.raises(BadMoment):
        control.rewind(1, 2)
    with pytest.raises(ScreenForgotten):
        control.rewind(revision=10_000)


def test_a_command_that_waited_is_given_up_and_the_next_works(control: ReaderControl) -> None:
    control.insert(Slot.PS, NURSE)
    before = control.cable(plugged=True)
    answers = answers_of(control, VERIFY_AT_KEYPAD)
    asked = control.press("12")
    control.rewind(revision=before.revision)
    assert isinstance(answers[0], ExchangeAbandoned)
    assert control.transmit(Lad.LOG_SV, IDENTIFY).endswith(OK)
    answers = answers_of(control, VERIFY_AT_KEYPAD)
    control.press(CODE, "VAL")
    assert answers == [OK]
    with pytest.raises(ScreenForgotten):
        control.rewind(revision=asked.revision)


def test_before_the_cable_was_in_there_is_none(control: ReaderControl) -> None:
    first = control.screen
    control.cable(plugged=True)
    control.transmit(Lad.LOG_SV, IDENTIFY)
    control.rewind(revision=first.revision)
    assert not control.plugged
    assert control.cable(plugged=True).lines[0].startswith("ATTENTE ORDRE")
    assert control.transmit(Lad.LOG_SV, IDENTIFY).endswith(OK)


def test_transports_go_on_after_it(control: ReaderControl) -> None:
    first = control.insert(Slot.VITALE, PATIENT)
    transport = control.transport("memory")
    assert transport.transmit(SELECT_MF, Lad.VITALE) == OK
    control.rewind(revision=first.revision)
    assert transport.transmit(SELECT_MF, Lad.VITALE) == OK
    assert control.plugged


def test_no_rule_acts_on_a_screen_that_was_gone_back_to(control: ReaderControl) -> None:
    shown = control.insert(Slot.VITALE, PATIENT)
    control.press("VAL")
    control.add_rule(Rule(Condition(text="MARTIN"), keys=("VAL",)))
    assert control.rewind(revision=shown.revision).lines == shown.lines
    control.press("VAL")
    assert control.insert(Slot.VITALE, PATIENT).lines != shown.lines


def test_numbers_of_exchanges_go_on(control: ReaderControl) -> None:
    before = control.cable(plugged=True)
    control.transmit(Lad.LOG_SV, IDENTIFY)
    control.rewind(revision=before.revision)
    control.transmit(Lad.LOG_SV, IDENTIFY)
    assert [exchange.number for exchange in control.trace().items] == [1, 2]


def test_cards_of_an_uploaded_image_go_back_too() -> None:
    from tla_sim.tools.cast.images import ps_image
    from tla_sim.tools.cast.people import LEA

    control = new_control()
    control.add_card("lea", ps_image(LEA).build())
    control.cable(plugged=True)
    control.insert(Slot.PS, "lea")
    clock_ms = control.clock_ms
    control.advance(1)
    control.transmit(Lad.PS, WRONG)
    control.remove(Slot.PS)
    control.rewind(clock_ms=clock_ms)
    card = control.slots[Slot.PS]
    assert card is not None
    assert card.name == "lea"
    assert control.transmit(Lad.PS, WRONG) == b"\x63\xc2"
