"""tla visit: a script of lines, one power cycle a call, exit codes and JSON."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import termios
from pathlib import Path

import pytest

from tests.tools.cli.command_line import ROOT, command, tla, tla_process
from tests.tools.simulator.kept_kit import client_of, issue, make_reader, push_all
from tla_sim.tools.simulator.state_directory import StateDirectory
from tla_sim.tools.simulator.state_transport import open_state


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    return issue(tmp_path / "cards")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = make_reader(tmp_path / "the reader")
    with open_state(f"state:{home}") as transport:
        push_all(client_of(transport))
    return home


def script(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "visit.txt"
    file.write_text("\n".join(lines), "utf-8")
    return file


def test_each_line_is_printed_with_the_screen_after_it(home: Path, cards: Path, tmp_path: Path) -> None:
    lines = [f"insert vitale {cards}/vitale-martin-paul.card", "show", "press VAL", "code 1234"]
    result = tla("visit", "--state", home, "--script", script(tmp_path, *lines))
    assert result.exit_code == 0, result.output
    printed = result.stdout.splitlines()
    assert printed[:2] == ["┌────────────────────┐", "│TLA 1.40 05/03 08:00│"]
    at = printed.index(f"1: insert vitale {cards}/vitale-martin-paul.card")
    assert printed[at + 2] == "│MARTIN PAUL         │"
    assert f"  vitale  {cards}/vitale-martin-paul.card" in printed
    assert "4: code ****" in printed
    assert "1234" not in result.output.replace(str(cards), "")


def test_a_missed_expectation_ends_with_1_and_the_screen(home: Path, tmp_path: Path) -> None:
    file = script(tmp_path, "# nothing yet", "expect 3 signées", "press VAL")
    result = tla("visit", "--state", home, "--script", file)
    assert result.exit_code == 1
    assert "line 2: expected '3 signées'; the screen showed" in result.stderr
    assert "|INSEREZ LA CARTE    |" in result.stderr
    assert "press VAL" not in result.stdout


def test_a_wrong_script_ends_with_2_before_the_reader_is_touched(tmp_path: Path) -> None:
    for lines in (["screen", "prss VAL"], ["screen", "insert cps /no/such.card"]):
        result = tla("visit", "--state", tmp_path / "reader", "--script", script(tmp_path, *lines))
        assert result.exit_code == 2
        assert "line 2: " in result.stderr
        assert not result.stdout
    assert not (tmp_path / "reader").exists()


def test_json_has_every_step_and_what_failed(home: Path, tmp_path: Path) -> None:
    result = tla("visit", "--state", home, "--script", script(tmp_path, "show", "expect x"), "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert [(step["line"], step["text"], step["screen"][1]) for step in told["steps"]] == [
        (1, "show", "INSEREZ LA CARTE    ")
    ]
    assert told["steps"][0]["said"][0].split() == ["power", "on"]
    assert told["failed"]["line"] == 2
    assert told["failed"]["problem"] == "expected 'x'"


def test_lines_may_come_on_standard_input(home: Path) -> None:
    done = subprocess.run(
        command("visit", "--state", home),
        cwd=ROOT,
        input="power off\npower on\nexpect a certifier 2\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "3: expect a certifier 2" in done.stdout


def test_a_reader_in_use_ends_with_3(home: Path, tmp_path: Path) -> None:
    with StateDirectory.open(home):
        result = tla("visit", "--state", home, "--script", script(tmp_path, "screen"))
    assert result.exit_code == 3
    assert "held by another application" in result.stderr
    assert "(SSV 0004)" in result.stderr


def test_a_damaged_directory_ends_with_2_and_what_to_do(home: Path, tmp_path: Path) -> None:
    (home / "state.json").write_text('{"format": 99}')
    result = tla("visit", "--state", home, "--script", script(tmp_path, "screen"))
    assert result.exit_code == 2
    assert "Update tla-sim" in result.stderr


def test_a_damaged_flash_is_refused_and_left_as_it_is(home: Path, tmp_path: Path) -> None:
    flash = home / "flash.bin"
    image = bytearray(flash.read_bytes())
    image[:65536] = bytes(65536)
    flash.write_bytes(image)
    result = tla("visit", "--state", home, "--script", script(tmp_path, "screen"))
    assert result.exit_code == 2, result.output
    assert flash.read_bytes() == bytes(image)


def test_a_card_that_is_gone_is_told_and_its_slot_empty(home: Path, cards: Path, tmp_path: Path) -> None:
    card = cards / "cps-toubib-paul.card"
    assert tla("visit", "--state", home, "--script", script(tmp_path, f"insert cps {card}")).exit_code == 0
    card.unlink()
    result = tla("visit", "--state", home, "--script", script(tmp_path, "show"))
    assert result.exit_code == 0
    assert f"{card} is gone: the cps slot is empty." in result.stderr
    assert "cps     no card" in result.stdout


def test_json_without_a_script_is_wrong_usage(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    try:
        done = subprocess.run(
            command("visit", "--state", tmp_path / "reader", "--json"),
            cwd=ROOT,
            stdin=slave,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 2
    assert "--json is for scripts" in done.stderr


def test_without_standard_input_a_script_is_asked_for(tmp_path: Path) -> None:
    shell = 'exec "$@" <&-'
    arguments = ["sh", "-c", shell, "sh", *command("visit", "--state", tmp_path / "reader")]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Give --script FILE" in done.stderr


def test_without_a_state_option_the_reader_is_in_the_users_data_directory(tmp_path: Path) -> None:
    file = script(tmp_path, "screen")
    done = tla_process("visit", "--script", file, XDG_DATA_HOME=str(tmp_path), HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tla-sim" / "reader" / "flash.bin").exists()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_visit_by_hand_that_is_stopped_puts_the_terminal_back(home: Path, stop: int) -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    visit = subprocess.Popen(command("visit", "--state", home), cwd=ROOT, stdin=slave, stdout=slave)
    try:
        shown = b""
        while b"INSEREZ LA CARTE" not in shown or b"quit" not in shown:
            assert select.select([master], [], [], 30)[0], shown
            shown += os.read(master, 4096)
        assert not termios.tcgetattr(slave)[3] & termios.ECHO
        visit.send_signal(stop)
        assert visit.wait(30) == 130
        assert termios.tcgetattr(slave) == before
    finally:
        visit.kill()
        visit.wait()
        os.close(master)
        os.close(slave)
    with StateDirectory.open(home):
        pass
