"""A session told as text and played from it shows the same screens, and says so when it does not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from shutil import copy, rmtree
from typing import NamedTuple

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.web.session_text.recorded import (
    CODE,
    FROM_NEW,
    NURSE,
    SESSIONS,
    client_of,
    made,
    play_round,
    write_start,
)
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.round.push import push_owner
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.web.session_text.session import Shown
from tla_sim.tools.web.session_text.text import SessionKind, read_session, session_text

pytest_plugins = ["pytester"]


class Told(NamedTuple):
    """The texts of a session, and the screen that they lead to."""

    screen: tuple[str, ...]
    texts: dict[SessionKind, str]


def told(kind: str, folder: Path, profile: str = "1.40") -> str:
    with made(profile=profile) as control:
        play_round(control, folder)
        assert sum(isinstance(step, Shown) for step in read_session(control).steps) > 10
        return session_text(control, kind)


def follow(control: ReaderControl, ms: int) -> None:
    """Let time pass as a served reader does, in pieces."""
    for _ in range(ms // 50):
        control.reader.follow(50)


def play_live(control: ReaderControl, folder: Path) -> None:
    """Sign at the end of a minute at a served reader, for which the time of cards has passed already."""
    practice = demo_practice()
    control.cable(True)
    with Ledger.open(folder / "live.db") as ledger:
        push_owner(client_of(control), ledger, NURSE, outgoing(prepared_invoices(practice, NURSE)))
    control.cable(False)
    control.insert(Slot.VITALE, "MARTIN")
    follow(control, 5_000)
    control.insert(Slot.PS, "PIQURE2969")
    control.press("VAL")
    for digit in CODE:
        follow(control, 300)
        control.press(digit)
    control.press("VAL")
    while control.clock_ms < MORNING + 59_900:
        follow(control, 50)
    control.remove(Slot.PS)
    control.remove(Slot.VITALE)
    assert control.screen.lines[0].endswith("08:00")
    follow(control, 20_000)


@pytest.fixture(params=list(SESSIONS))
def session(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """A session in every text, the last screen of which is the reader's, played where its start is."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    with closing(SESSIONS[request.param](folder)) as control:
        read = read_session(control)
        shown = [step.screen for step in read.since_start if isinstance(step, Shown)]
        assert shown[-1] == control.screen.lines
        assert (read.made is not None) == (request.param in FROM_NEW or request.param == "another time")
        told = Told(control.screen.lines, {kind: session_text(control, kind) for kind in SessionKind})
        write_start(control, tmp_path)
    rmtree(folder)
    monkeypatch.chdir(tmp_path)
    return told


def test_the_visit_script_of_any_session_plays_by_itself(session: Told, tmp_path: Path) -> None:
    code, output = play_visit(session.texts[SessionKind.VISIT] + "screen\n", tmp_path)
    assert code == 0, output
    assert [line.strip("│") for line in output.splitlines()[-5:-1]] == list(session.screen)


def test_the_pytest_test_of_any_session_passes_by_itself(
    session: Told, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    pytester.makepyfile(test_session=session.texts[SessionKind.PYTEST])
    for file in tmp_path.glob("*.snapshot"):
        copy(file, pytester.path)
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1)


def play_visit(text: str, folder: Path) -> tuple[int, str]:
    file = folder / "session.txt"
    file.write_text(text, "utf-8")
    (command,) = [line for line in text.splitlines() if "tla visit" in line]
    arguments = [str(file) if word == "FILE" else word for word in command.removeprefix("#").split()[1:]]
    result = tla(*arguments, code=CODE)
    return result.exit_code, result.output


@pytest.mark.parametrize("profile", ["1.40", "1.31"])
def test_the_visit_script_plays_as_it_is(profile: str, tmp_path: Path) -> None:
    code, output = play_visit(told("visit", tmp_path, profile), tmp_path)
    assert code == 0, output
    assert CODE not in output.split()


def test_the_visit_script_ends_where_a_screen_is_another(tmp_path: Path) -> None:
    text = told("visit", tmp_path).replace("expect CODE PORTEUR FAUX", "expect CODE PORTEUR BON")
    code, output = play_visit(text, tmp_path)
    assert code == 1
    assert "expected 'CODE PORTEUR BON" in output


def test_the_pytest_test_passes_as_it_is(pytester: pytest.Pytester) -> None:
    text = told("pytest", pytester.path)
    pytester.makepyfile(test_session=text)
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1)
    pytester.makepyfile(test_session=text.replace('"CODE PORTEUR FAUX"', '"CODE PORTEUR BON"'))
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(failed=1)


def test_the_calls_have_the_code_ready_before_the_reader_asks(tmp_path: Path) -> None:
    lines = told("http", tmp_path).splitlines()
    (asked,) = [at for at, line in enumerate(lines) if line.startswith("ask POST rules")]
    assert "$TLA_CODE" in lines[asked]
    assert '"command": "8024' in lines[asked + 1]
    assert not [line for line in lines if line.endswith("&") or line == "wait" or "POST wait" in line]


def test_the_time_that_cards_took_is_not_waited_for_again(tmp_path: Path) -> None:
    with made() as control:
        play_live(control, tmp_path)
        text = session_text(control, "visit")
    code, output = play_visit(text, tmp_path)
    assert code == 0, output
