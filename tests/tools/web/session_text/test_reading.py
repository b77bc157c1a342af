"""What a session holds: what was done and shown, and never a code porteur."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.web.session_text.recorded import CODE, client_of, made, play_round
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cards.file import save_card
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.cards import Cast
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.web.session_text.session import (
    Cabled,
    CaseOpened,
    Charged,
    CodeTyped,
    CodeVerified,
    Injected,
    Inserted,
    Left,
    Pressed,
    Removed,
    Sent,
    SessionStep,
    Shown,
    Switched,
    Waited,
)
from tla_sim.tools.web.session_text.text import SessionKind, UnknownSessionKind, read_session, session_text


def done(control: ReaderControl) -> list[SessionStep]:
    """What was done, without the screens."""
    return [step for step in read_session(control).since_made if not isinstance(step, Shown)]


def test_a_session_is_what_was_done_in_order() -> None:
    with made() as control:
        control.insert(Slot.PS, "PIQURE2969")
        control.insert(Slot.PS, "TOUBIB")
        control.remove(Slot.VITALE)
        control.press("MENU", "DOWN")
        control.battery(20)
        control.open_case()
        control.inject("reader.reset@5")
        control.advance(1_500)
        control.advance(500)
        control.power(False)
        control.power(True)
        control.cable(True)
        control.transmit(Lad.LOG_SV, bytes.fromhex("8010000000"))
        control.cable(False)
        assert done(control) == [
            Inserted(Slot.PS, "cps-piqure2969-maya"),
            Removed(Slot.PS),
            Inserted(Slot.PS, "cps-toubib-paul"),
            Pressed(("MENU",)),
            Pressed(("DOWN",)),
            Charged(20),
            CaseOpened(),
            Injected("seed=0,reader.reset@5:1"),
            Waited(2_000),
            Switched(False),
            Switched(True),
            Cabled(True),
            Sent(Lad.LOG_SV, bytes.fromhex("8010000000")),
            Cabled(False),
        ]


def test_screens_stand_where_they_were_shown() -> None:
    with made() as control:
        control.insert(Slot.VITALE, "MARTIN")
        control.remove(Slot.VITALE)
        shown = [step.screen[0].rstrip() for step in read_session(control).steps if isinstance(step, Shown)]
        assert shown == ["TLA 1.40 05/03 08:00", "MARTIN PAUL", "TLA 1.40 05/03 08:00"]


def test_a_code_is_one_step_however_it_was_typed(tmp_path: Path) -> None:
    with made() as control:
        play_round(control, tmp_path)
        codes = [step for step in done(control) if isinstance(step, CodeTyped | CodeVerified)]
        assert codes == [CodeTyped(right=False), CodeTyped(), CodeVerified(), CodeTyped()]
        asked = [step for step in done(control) if isinstance(step, Sent) and step.at_keypad]
        assert len(asked) == 1


def test_digits_that_are_given_up_are_no_code() -> None:
    with made() as control:
        control.cable(True)
        control.insert(Slot.PS, "TOUBIB")
        answers: list[object] = []
        control.transmit(Lad.LOG_SV, bytes.fromhex("8020000000"))
        control.begin(Lad.LOG_SV, bytes.fromhex("8024000003000000"), answers.append)
        control.press("98", "ANN")
        assert Pressed(("0", "0", "ANN")) in done(control)


def test_a_code_sent_straight_to_a_card_is_left_out() -> None:
    with made() as control:
        control.cable(True)
        control.insert(Slot.PS, "TOUBIB")
        control.transmit(Lad.PS, bytes.fromhex("00200001083132333400000000"))
        assert Left("a host sent a code straight to a card") in done(control)
        assert "31323334" not in session_text(control, "visit")


def test_what_came_after_a_rewind_is_no_part_of_the_session() -> None:
    with made() as control:
        control.insert(Slot.VITALE, "MARTIN")
        revision = control.screen.revision
        control.press("VAL")
        control.remove(Slot.VITALE)
        control.rewind(revision=revision)
        assert done(control) == [Inserted(Slot.VITALE, "vitale-martin-paul")]


@pytest.mark.parametrize("kind", list(SessionKind))
def test_a_session_that_began_otherwise_says_which_file_it_begins_with_and_where_that_is(
    kind: SessionKind,
) -> None:
    with made() as control:
        control.insert(Slot.VITALE, "MARTIN")
        control.save("there")
        control.remove(Slot.VITALE)
        control.restore("there")
        session = read_session(control)
        assert (session.made, session.shown) == (None, control.screen.lines)
        assert session.steps == ()
        text = session_text(control, kind)
    assert "reader-1-start.snapshot" in text
    assert "/v1/readers/reader-1/session/start" in text


def test_cards_of_one_name_are_told_apart(tmp_path: Path) -> None:
    cast = Cast(demo_practice(), SeededEntropy(0))
    with made() as control:
        for folder, name in (("a", "TOUBIB"), ("b", "PIQURE2969")):
            (tmp_path / folder).mkdir()
            save_card(tmp_path / folder / "my guest.card", cast.named(name).image.build())
            control.insert(Slot.PS, tmp_path / folder / "my guest.card")
        control.insert(Slot.PS, tmp_path / "a" / "my guest.card")
        cards = [step.card for step in done(control) if isinstance(step, Inserted)]
    assert cards == ["card", "card-2", "card-3"]


def test_a_card_that_a_fault_pulled_out_is_not_taken_out_once_more() -> None:
    with made() as control:
        control.cable(True)
        control.insert(Slot.PS, "TOUBIB")
        control.inject("ps.pull@0")
        with pytest.raises(StatusError):
            client_of(control).read_ps_card()
        assert control.slots[Slot.PS] is None
        control.insert(Slot.PS, "PIQURE2969")
        assert not [step for step in done(control) if isinstance(step, Removed)]


@pytest.mark.parametrize("kind", list(SessionKind))
def test_no_text_holds_a_code(kind: SessionKind, tmp_path: Path) -> None:
    with made() as control:
        play_round(control, tmp_path)
        text = session_text(control, kind)
    words = text.replace('"', " ").replace("'", " ").split()
    assert CODE not in words
    assert "9999" not in words
    assert CODE.encode().hex() not in text


def test_another_kind_of_text_is_refused() -> None:
    with made() as control, pytest.raises(UnknownSessionKind, match="visit, http, pytest"):
        session_text(control, "robot")


def test_a_client_that_reads_the_card_by_itself_is_kept() -> None:
    with made() as control:
        control.cable(True)
        control.insert(Slot.PS, "TOUBIB")
        client_of(control).read_ps_card()
        assert sum(isinstance(step, Sent) for step in done(control)) == 1


@pytest.mark.parametrize("kind", ["visit", "http"])
def test_a_text_that_cannot_set_the_clock_begins_with_a_file(kind: str) -> None:
    control = ReaderControl.in_memory(demo_practice(), moment=MORNING + 86_400_000)
    try:
        assert "reader-1-start.snapshot" in session_text(control, kind)
        assert f"moment={MORNING + 86_400_000}" in session_text(control, "pytest")
    finally:
        control.close()
