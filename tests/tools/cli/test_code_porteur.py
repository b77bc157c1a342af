"""Where the code porteur comes from, and that it is seen nowhere."""

from __future__ import annotations

import os
import pty
from pathlib import Path

import pytest

from tests.tools.cli.command_line import ROOT, command
from tests.tools.cli.surgery import Surgery
from tests.tools.simulator.kept_kit import issue, make_reader
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, NURSE
from tla_sim.tools.cli.code_porteur import given_code
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.simulator.kept_reader import KeptReader

ERASE = ("erase", "--owner", NURSE)


def test_from_the_environment(surgery: Surgery) -> None:
    assert surgery.tla(*ERASE, code=CODE).exit_code == 0


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o644, True)])
def test_from_a_file_with_a_warning_when_others_may_read_it(
    surgery: Surgery, tmp_path: Path, mode: int, warned: bool
) -> None:
    file = tmp_path / "code"
    file.write_text(f"{CODE}\n")
    file.chmod(mode)
    result = surgery.tla(*ERASE, "--code-file", file, code=None)
    assert result.exit_code == 0
    assert ("Warning: others may read" in result.stderr) is warned


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_from_a_file_as_any_editor_saves_it(surgery: Surgery, tmp_path: Path, codec: str) -> None:
    file = tmp_path / "code"
    file.write_bytes(f"{CODE}\r\n".encode(codec))
    assert surgery.tla(*ERASE, "--code-file", file, code=None).exit_code == 0


def test_a_file_that_is_not_text_is_named_and_nothing_of_it_shown(surgery: Surgery, tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_bytes(f"{CODE}\0".encode())
    result = surgery.tla(*ERASE, "--code-file", file, code=None)
    assert result.exit_code == 2
    assert f"{file} is not a text file with a code porteur" in result.stderr
    assert CODE not in result.output.replace(str(file), "")


def test_the_file_goes_before_the_environment(surgery: Surgery, tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_text(CODE)
    assert surgery.tla(*ERASE, "--code-file", file, code="9999").exit_code == 0


@pytest.mark.parametrize("content", ["", "12a4", "123", "123456789", "１２３４", "1234 1234"])
def test_what_is_no_code_is_refused_before_the_card_sees_it(
    surgery: Surgery, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "code"
    file.write_text(content)
    file.chmod(0o600)
    result = surgery.tla(*ERASE, "--code-file", file, code=None)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "A code porteur has 4 to 8 digits. Type it again.\n", "nothing of the code"
    card = surgery.bench.client().read_ps_card()
    assert card.tries_left == 3


def test_a_missing_file_is_a_sentence(surgery: Surgery, tmp_path: Path) -> None:
    result = surgery.tla(*ERASE, "--code-file", tmp_path / "none", code=None)
    assert result.exit_code == 2
    assert "no such file" in result.stderr


def test_without_a_terminal_there_must_be_a_code(surgery: Surgery) -> None:
    result = surgery.tla(*ERASE, code=None)
    assert result.exit_code == 2
    assert "TLA_CODE" in result.stderr


def test_typed_at_the_reader(surgery: Surgery) -> None:
    surgery.keys = CODE
    result = surgery.tla(*ERASE, "--code-at-reader", code=None)
    assert result.exit_code == 0
    assert "on the reader's keypad" in result.stderr


def test_nobody_at_the_reader_is_given_up(surgery: Surgery) -> None:
    result = surgery.tla(*ERASE, "--code-at-reader", code=None)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2


def test_file_and_keypad_exclude_each_other(surgery: Surgery, tmp_path: Path) -> None:
    result = surgery.tla(*ERASE, "--code-at-reader", "--code-file", tmp_path / "code")
    assert result.exit_code == 2


def test_a_wrong_code_is_not_repeated_in_any_output(surgery: Surgery) -> None:
    result = surgery.tla(*ERASE, "--json", code="97531")
    assert result.exit_code == 1
    assert "97531" not in result.output


def test_prompted_on_the_terminal_without_echo(tmp_path: Path) -> None:
    cards = issue(tmp_path / "cards")
    home = make_reader(tmp_path / "reader")
    with KeptReader.open(home) as kept:
        kept.insert(Slot.PS, cards / "cps-piqure2969-maya.card")
    environment = {name: value for name, value in os.environ.items() if name != "TLA_CODE"}
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execve(
            (line := command(*ERASE, "--reader", f"state:{home}", "--ledger", tmp_path / "l"))[0],
            line,
            environment,
        )
    shown = b""
    while b"left): " not in shown:
        shown += os.read(master, 1024)
    os.write(master, f"{CODE}\n".encode())
    try:
        while piece := os.read(master, 1024):
            shown += piece
    except OSError:
        pass
    _, status = os.waitpid(pid, 0)
    os.close(master)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert b"Code porteur of PIQURE2969 MAYA (3 tries left): " in shown
    assert CODE.encode() not in shown
    assert b"0 documents of" in shown


def test_a_code_that_nobody_can_be_asked_for_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TLA_CODE", CODE)
    assert given_code() == CODE
    monkeypatch.delenv("TLA_CODE")
    with pytest.raises(UsageProblem, match="Give it in TLA_CODE"):
        given_code()
