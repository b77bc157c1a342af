"""`tla explore`: figures for programs and people, plans that show a run again, exit codes."""

from __future__ import annotations

import json

import pytest

from tests.tools.cli.command_line import tla
from tla_sim.reader_fw.app.store.vault import Vault
from tla_sim.tools.explore import explorations


def test_explorations_are_named_and_counted_as_json() -> None:
    done = tla("explore", "guesses", "torn ledger", "--json", "--seed", "1", "--processes", "1")
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert report["violations"] == 0
    assert [each["name"] for each in report["explorations"]] == ["guesses", "torn ledger"]
    assert all(each["points"] > 10 for each in report["explorations"])


def test_a_plan_is_run_once_and_told_with_its_errors() -> None:
    done = tla("explore", "--faults", "ps.pull@40,host.kill@100")
    assert done.exit_code == 0
    assert "Plan seed=0,ps.pull@40,host.kill@100:before" in done.stdout
    assert "HostKilled" in done.stdout
    assert "The round completed" in done.stdout


def test_one_point_can_be_run_alone() -> None:
    done = tla("explore", "torn ledger", "--point", "17", "--json", "--processes", "1")
    assert json.loads(done.stdout)["explorations"][0]["points"] == 1


@pytest.mark.soak
def test_what_it_finds_is_printed_with_the_command_that_shows_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forgetful(self: Vault) -> int:
        self._counter += 1
        return self._counter

    for cached in (explorations.recording, explorations._flash):
        cached.cache_clear()
    monkeypatch.setattr(Vault, "next_counter", forgetful)
    done = tla("explore", "flash", "--seed", "1", "--processes", "1")
    again = next(line.split("--faults ")[1] for line in done.stdout.splitlines() if "--faults " in line)
    replayed = tla("explore", "--faults", again)
    for cached in (explorations.recording, explorations._flash):
        cached.cache_clear()
    assert done.exit_code == 1
    assert replayed.exit_code == 1


@pytest.mark.parametrize("arguments", [("--faults", "flash.burn@1"), ("nothing",)])
def test_wrong_usage_says_what_there_is(arguments: tuple[str, ...]) -> None:
    done = tla("explore", *arguments)
    assert done.exit_code == 2
    assert "flash" in done.stderr
