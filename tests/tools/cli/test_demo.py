"""tla demo: a newcomer sees the whole round and the table at its end; the seed repeats it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.tools.cli.command_line import tla, tla_process
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.protocol.documents.invoice import euros
from tla_sim.tools.cast import demo_practice

SENT = [each for each in prepared_invoices(demo_practice()) if each.patient.last_name != "LANTIER"]
"""All but hers, whose rights have lapsed."""


def test_each_step_is_a_line_and_the_table_comes_last() -> None:
    done = tla_process("demo", "--seed", "7")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Seed 7.")
    assert lines[1].startswith("08:00:00  push")
    assert "wrong code: CODE PORTEUR FAUX" in done.stdout
    assert "1XDEQP003" in done.stdout, "an act of the CCAM"
    table = done.stdout.partition(f"{len(SENT)} documents written for transmission")[2]
    assert "190305028" in table
    assert euros(sum(each.totals.total for each in SENT)) in table
    assert "VITALE signature: Vitale of LANTIER ROSE" in table


def test_the_printed_seed_repeats_the_run() -> None:
    first = tla("demo")
    assert first.exit_code == 0
    seed = first.stdout.split()[1].rstrip(".")
    assert tla("demo", "--seed", seed).stdout == first.stdout


def test_json_has_steps_sent_and_withheld() -> None:
    result = tla("demo", "--seed", "7", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["seed"] == 7
    assert (len(found["sent"]), len(found["withheld"])) == (len(SENT), 1)
    assert found["steps"][0]["time"] == "2019-03-05 08:00:00"
    assert all(len(step["screen"]) in (0, 4) for step in found["steps"])
    assert tla("demo", "--seed", "7", "--json").stdout == result.stdout


def test_out_keeps_ledger_and_documents(tmp_path: Path) -> None:
    out = tmp_path / "a new one"
    result = tla("demo", "--seed", "7", "--out", out)
    assert result.exit_code == 0
    assert len(list((out / "out").iterdir())) == len(SENT)
    assert tla("ledger", out / "ledger.sqlite").exit_code == 0
    for file in (out / "out").iterdir():
        assert tla("fse", "verify", file).exit_code == 0


def test_out_must_be_new(tmp_path: Path) -> None:
    result = tla("demo", "--out", tmp_path)
    assert result.exit_code == 2
    assert result.stderr == f"{tmp_path} already exists. Name a new directory.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_seed_is_a_number() -> None:
    assert tla("demo", "--seed", "x").exit_code == 2
    assert tla("demo", "--seed", "-1").exit_code == 2
