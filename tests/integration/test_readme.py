"""The round by hand, line by line as the README has it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tla_sim.tools.cast import demo_practice

ROOT = Path(__file__).parents[2]
SENT = len(demo_practice().invoices) - 1
"""All but the one of a patient without rights."""
VISIT = """
insert cps cards/cps-piqure2969-maya.card
insert vitale cards/vitale-martin-paul.card
press VAL
code 1234
expect 5 factures signées
remove vitale
insert vitale cards/vitale-desmaux-nathalie.card
press VAL
code 1234
expect 4 factures signées
"""
"""What the person at the keys does; here there is no terminal for it."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory that looks like the project, with a `tla` of this interpreter in its `.venv`."""
    (tmp_path / "tools").symlink_to(ROOT / "tools")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "activate").write_text('PATH="$PWD/.venv/bin:$PATH"\n')
    command = tmp_path / ".venv" / "bin" / "tla"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tla_sim.tools.cli.entry "$@"\n')
    command.chmod(0o755)
    (tmp_path / "visit.txt").write_text(VISIT)
    return tmp_path


def test_the_round_by_hand_runs_as_it_is_written(home: Path) -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("## A round by hand")[2]
    found = re.search(r"```\n(.*?)```", section, re.DOTALL)
    assert found is not None
    lines, visits = re.subn(r"(?m)^tla visit --state reader\b", r"\g<0> --script visit.txt", found[1])
    assert visits == 1
    done = subprocess.run(
        ["bash", "-e", "-c", lines],
        cwd=home,
        env={**os.environ, "TLA_CODE": "1234", "TLA_LANG": "en"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SENT} documents written for transmission" in done.stdout
    assert len(list((home / "outbox").glob("*.fse"))) == SENT
