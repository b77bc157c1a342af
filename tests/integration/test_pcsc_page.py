"""The page on PC/SC software, as it is written: its five lines, what it says of OpenSC, that all is typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.pcsc_page import NAMES, PAGE, ROOT, Terminal, terminal_at_desk
from tests.integration.serving import PATIENCE

(FIVE_LINES,) = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
(UNBLOCK,) = re.findall(r"^(pkcs15-tool --unblock-pin .*?) *#", PAGE, re.MULTILINE)


def test_the_five_lines_show_the_card_and_may_be_pasted_again(tmp_path: Path) -> None:
    lines = FIVE_LINES.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("sudo apt install -y ")
    pasted = "\n".join(lines[1:]).replace("/tmp/tla", f"{tmp_path}/tla")
    (tmp_path / "tools").symlink_to(ROOT / "tools")  # the path of the checkout may have blanks
    block = "pkcs15-tool --verify-pin --pin 9999\n" * 3 + "pkcs15-tool --verify-pin --pin 1234 && exit 1\n"
    unblocked = f"{UNBLOCK} && pkcs15-tool --verify-pin --pin 1234"
    assert "PKCS#15 Card [CPS" in _bash(tmp_path, f"{pasted}\n{block}{unblocked} || exit 1\nkill %1; wait %1")
    assert not (tmp_path / "tla.comm").is_symlink(), "nothing is left behind"
    assert not (tmp_path / "tla.conf").exists()
    assert "PKCS#15 Card [CPS" in _bash(tmp_path, f"{pasted}\nkill %1; wait %1")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with terminal_at_desk(tmp_path_factory.mktemp("page")) as terminal:
        yield terminal


def test_opensc_takes_the_code_signs_and_decrypts(terminal: Terminal) -> None:
    printed = terminal.paste("OpenSC", then="cat plain")
    assert "Verified OK" in printed
    assert b"PIQURE2969" in (terminal.folder / "name").read_bytes()
    assert (terminal.folder / "activity").read_bytes().endswith(b"SA07")
    assert printed.endswith("A session key\n")


def test_each_programs_lines_are_typed_by_a_test() -> None:
    section = PAGE.partition(f"## {NAMES}\n")[2].partition("\n## ")[0]
    headings = re.findall(r"^### (.+)", section, re.MULTILINE)
    assert len(headings) >= 8
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_pcsc_*.py"))
    assert [heading for heading in headings if f'"{heading}"' not in tests] == []


def _bash(folder: Path, script: str) -> str:
    command = folder / "bin" / "tla"
    if not command.exists():
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tla_sim.tools.cli.entry "$@"\n')
        command.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{command.parent}:{os.environ['PATH']}",
            "TLA_LANG": "en",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
