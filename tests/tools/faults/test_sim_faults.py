"""`tla sim --faults`: the plan happens to the served reader, and the same command run again completes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.integration.simulator import ROOT, command, environment, simulator, tla
from tests.tools.simulator.kept_kit import make_reader, practice_tree


@pytest.mark.share(3)
@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        ("seed=0,flash.cut@12:half-bits", "Fault flash.cut@12:half-bits"),
        ("seed=3,line.bits:2e-4", "Fault line.bits:2e-4"),
        ("seed=0,line.unplug@900", "Fault line.unplug@900"),
        ("seed=0,reader.reset@6:2", "Fault reader.reset@6:2"),
    ],
)
def test_a_push_under_faults_fails_in_words_and_completes_when_run_again(
    tmp_path: Path, plan: str, fault: str
) -> None:
    practice = tmp_path / "practice.json"
    practice.write_text(json.dumps(practice_tree()))
    state = make_reader(tmp_path / "reader")
    ledger = tmp_path / "ledger.sqlite"
    with simulator(state, "tcp:0", arguments=("--faults", plan)) as sim:
        # A reader that lost its power or its cable is silent, and a known reader is waited for.
        url = sim.urls[0] if "line.bits" in plan else f"{sim.urls[0]}?wait=8"
        options = ("--reader", url, "--ledger", ledger, "--owner", "75600001", "--others", "yes")
        codes: list[int] = []
        while len(codes) < 4 and codes[-1:] != [0]:
            done = subprocess.run(
                command("push", practice, *options),
                cwd=ROOT,
                env=environment(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert "Traceback" not in done.stderr
            codes.append(done.returncode)
        assert codes[-1] == 0
        assert set(codes[:-1]) <= {1, 3}
        assert f"Faults {plan}" in sim.output
        assert fault in sim.output
        owners = tla("list", "--reader", sim.urls[0])
    assert "75600001" in owners
    assert "75100002" in owners


def test_host_faults_are_refused_with_where_they_belong(tmp_path: Path) -> None:
    said = tla("sim", "--state", tmp_path / "reader", "--link", "tcp:0", "--faults", "host.kill@3", expect=2)
    assert "tla explore --faults" in said
