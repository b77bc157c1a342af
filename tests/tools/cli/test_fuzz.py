"""tla fuzz: what its verbs print for people and for programs, and the exit codes that scripts go by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.cli.command_line import ROOT, tla
from tla_sim.tools.fuzz.finding import Failure
from tla_sim.tools.fuzz.targets.registry import NAMES

KEPT = sorted((ROOT / "tests" / "regressions").glob("log_sv-*.json"))[0]


def test_every_target_is_listed() -> None:
    assert list(json.loads(tla("fuzz", "targets", "--json").output)) == list(NAMES)
    listed = tla("fuzz", "targets").output
    assert all(f" {name} " in listed for name in NAMES)


def test_a_short_run_is_summed_up_for_programs(tmp_path: Path) -> None:
    done = tla("fuzz", "run", "cards", "--cases", "3", "--seed", "7", "--dir", tmp_path / "c", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert (told["seed"], told["cases"], told["findings"]) == ("7", {"cards": 3}, [])


def test_a_mended_finding_passes() -> None:
    done = tla("fuzz", "replay", KEPT, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["target"] == "log_sv"
    assert told["fails"] is None
    assert len(told["steps"]) > 1


def test_a_finding_that_still_fails_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tla_sim.tools.fuzz.finding.try_case", lambda *_: Failure("oracle: state", "state changed")
    )
    done = tla("fuzz", "replay", KEPT)
    assert done.exit_code == 1
    assert "It fails: state changed" in done.output
    done = tla("fuzz", "replay", KEPT, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["fails"] == {"cause": "oracle: state", "message": "state changed"}
