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
from typer.testing import Result

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


ROUND = ("insert cps PIQURE2969", "screen", "remove cps")


def play_in_memory(tmp_path: Path, *arguments: str, lines: tuple[str, ...] = ROUND) -> Result:
    return tla("visit", "--in-memory", "--script", script(tmp_path, *lines), *arguments)


def test_a_reader_in_memory_leaves_nothing_and_shows_the_same_each_time(tmp_path: Path) -> None:
    first, second = (play_in_memory(tmp_path) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    assert "│TLA 1.40 05/03 08:00│" in first.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["visit.txt"]


def test_the_profile_of_a_reader_in_memory_can_be_chosen(tmp_path: Path) -> None:
    result = play_in_memory(tmp_path, "--profile", "1.31", "--seed", "7")
    assert "TLA 1.31" in result.stdout


def test_a_code_that_the_script_leaves_out_comes_from_the_environment(
    home: Path, cards: Path, tmp_path: Path
) -> None:
    vitale = f"insert vitale {cards}/vitale-martin-paul.card"
    lines = ["insert cps PIQURE2969", vitale, "press VAL", "code wrong", "expect reste 2"]
    file = script(tmp_path, *lines, "press VAL", "code", "expect signées")
    result = tla("visit", "--state", home, "--script", file, code="1234")
    assert result.exit_code == 0, result.output
    assert "1234" not in result.output
    assert "1235" not in result.output
    assert (home / "cards").is_dir()


def test_a_code_that_nobody_gives_is_missed_before_anything_is_done(tmp_path: Path) -> None:
    result = tla("visit", "--state", tmp_path / "reader", "--script", script(tmp_path, "screen", "code"))
    assert result.exit_code == 2
    assert "Give it in TLA_CODE or with --code-file FILE" in result.stderr
    assert not (tmp_path / "reader").exists()


def test_a_host_at_the_cable_sends_commands_and_verifies_the_code(tmp_path: Path) -> None:
    lines = ("cable in", "insert cps PIQURE2969", "send log_sv 8014000000", "verify", "cable out")
    result = tla("visit", "--in-memory", "--script", script(tmp_path, *lines), code="1234")
    assert result.exit_code == 0, result.output
    assert "  answer 0" in result.stdout
    result = play_in_memory(tmp_path, lines=("send log_sv 8014000000",))
    assert result.exit_code == 1
    assert "No cable is plugged into the reader" in result.stderr


def test_golden_screens_are_recorded_on_request_and_compared_from_then_on(tmp_path: Path) -> None:
    golden = tmp_path / "golden" / "round.json"
    missing = play_in_memory(tmp_path, "--golden", str(golden))
    assert missing.exit_code == 2
    assert "There is no golden file" in missing.stderr
    recorded = play_in_memory(tmp_path, "--golden", str(golden), "--golden-run")
    assert recorded.exit_code == 0, recorded.output
    assert f"4 screens recorded in {golden}." in recorded.stdout
    same = play_in_memory(tmp_path, "--golden", str(golden))
    assert same.exit_code == 0, same.output
    assert not golden.with_suffix(".html").exists()


def test_other_screens_than_the_golden_ones_end_with_1_and_a_page(tmp_path: Path) -> None:
    golden, page = tmp_path / "round.json", tmp_path / "differ.html"
    play_in_memory(tmp_path, "--golden", str(golden), "--golden-run")
    other = (*ROUND[:2], "power off", ROUND[2])
    result = play_in_memory(tmp_path, "--golden", str(golden), "--golden-page", str(page), lines=other)
    assert result.exit_code == 1
    assert f"of 5 screens not as recorded in {golden}; {page} shows them side by side" in result.stderr
    assert "power off" in page.read_text("utf-8")
    told = play_in_memory(tmp_path, "--golden", str(golden), "--json", lines=other)
    assert told.exit_code == 1
    assert json.loads(told.stdout)["golden"]["page"] == str(golden.with_suffix(".html"))
    assert golden.with_suffix(".html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--golden-run"], "--golden-run and --golden-page go with --golden"),
        (["--in-memory", "--state", "x"], "exclude each other"),
        (["--seed", "3"], "go with --in-memory"),
        (["--in-memory", "--profile", "9.9"], "9.9"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = tla("visit", "--script", script(tmp_path, "screen"), *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_faults_strike_as_the_script_says(tmp_path: Path) -> None:
    lines = ("battery 5", "tamper", "fault ps.pull@0", "cable in", "insert cps TOUBIB", "verify 1234")
    result = play_in_memory(tmp_path, lines=lines)
    assert result.exit_code == 1
    assert "line 6: " in result.stderr
    kept = tla("visit", "--state", tmp_path / "kept", "--script", script(tmp_path, *lines))
    assert kept.exit_code == 1
    assert "line 6: " in kept.stderr
