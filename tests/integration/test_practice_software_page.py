"""The page for developers of practice software, typed as it is written, from an empty folder to the FSEs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ssv.build import build

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "practice-software.md").read_text("utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
PROGRAMS = dict(re.findall(r"```c\n/\* (\w+\.c): .*?\n(.*?)```", PAGE, re.DOTALL))
VISIT = """
insert cps cards/cps-piqure2969-maya.card
insert vitale cards/vitale-martin-paul.card
press VAL
code 1234
expect 5 factures signées
"""
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "visit.txt").write_text(VISIT)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "tla"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tla_sim.tools.cli.entry "$@"\n')
    command.chmod(0o755)
    return tmp_path


def run(folder: Path, script: str) -> str:
    env = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PRACTICE": str(ROOT / "tools" / "cast" / "practice.json"),
        "TLA_LANG": "en",
    }
    done = subprocess.run(
        ["bash", "-euc", f"trap 'kill $(jobs -p) || true' EXIT\n{script}"],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_goes_its_way_as_it_is_typed(folder: Path) -> None:
    typed, visits = re.subn(r"(?m)^tla visit --state reader$", r"\g<0> --script visit.txt", "".join(BLOCKS))
    assert visits == 1
    shown = run(folder, typed)
    assert "10 invoices loaded" in shown
    assert "5 documents brought back" in shown
    kept = {path.name: path.read_bytes() for path in (folder / "fses").iterdir()}
    with Ledger.open(folder / "ledger.db") as ledger:
        held = {
            f"{line.owner}-{line.number}-{line.kind.name.lower()}.fse": ledger.fse(line.id)
            for line in ledger.documents()
            if line.state.name in ("PARTIAL", "COMPLETE")
        }
    assert kept == held


def test_the_programs_of_the_page_compile_without_a_warning(folder: Path) -> None:
    build(folder / "kit")
    assert sorted(PROGRAMS) == ["invoice.c", "round.c"]
    for name in PROGRAMS:
        done = subprocess.run(
            ["cc", *STRICT, "-fsyntax-only", "-Ikit/include", name],
            cwd=folder,
            check=False,
            capture_output=True,
        )
        assert done.stderr == b""


def test_the_invoice_built_field_by_field_is_loaded(folder: Path) -> None:
    libraries = "-Lkit/lib -Wl,-rpath,'$ORIGIN/kit/lib' -lssvlux -lsgdlux"
    shown = run(
        folder,
        f"""
        tla ssv build --out kit
        cc -Ikit/include invoice.c {libraries} -o invoice
        tla cards issue "$PRACTICE" --out cards --pooled
        echo press MENU > touch.txt
        tla visit --state reader --script touch.txt
        export TLA_SSV_SOCKET=$PWD/private/socket
        tla ssv serve --reader state:reader --ledger ledger.db &
        until [ -S "$TLA_SSV_SOCKET" ]; do sleep 0.1; done
        ./invoice
        kill %1; wait
        """,
    )
    assert "invoice 190305900: loaded" in shown
