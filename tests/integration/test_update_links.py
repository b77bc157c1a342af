"""1.31 to 1.40 between processes: over a pty at 9600 baud, with the cable out twice on the way."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.integration.serving import wait_for
from tests.integration.simulator import ROOT, command, environment, simulator, tla
from tests.tools.simulator.kept_kit import practice_tree

NURSE, DOCTOR = "75600001", "75100002"


@pytest.mark.soak
def test_an_update_at_9600_baud_with_the_cable_out_twice_then_the_multi_owner_round(tmp_path: Path) -> None:
    practice, image, ledger = tmp_path / "practice.json", tmp_path / "new.tlafw", tmp_path / "ledger.sqlite"
    practice.write_text(json.dumps(practice_tree()))
    tla("image", "build", "1.40", "--out", image)
    said = tmp_path / "said.txt"
    link = f"pty:{tmp_path / 'line'}?baud=9600"
    with simulator(tmp_path / "reader", link, arguments=("--profile", "1.31")) as sim:
        url = sim.urls[0]
        with_reader = ("--reader", url, "--ledger", ledger)
        tla("push", practice, *with_reader, "--owner", NURSE)
        assert "one owner" in tla("push", practice, *with_reader, "--owner", DOCTOR, expect=1)
        trace = tmp_path / "trace"
        with said.open("w") as output:
            # A known reader that falls silent is waited for; of this one it is known why it is silent.
            patient = f"{url}{'&' if '?' in url else '?'}wait=10"
            asked = ("update", image, "--reader", patient, "--json", "--trace", trace)
            host = subprocess.Popen(command(*asked), cwd=ROOT, env=environment(), stdout=output)
            try:
                for blocks in (1, 3):
                    wait_for(partial(_has_sent, trace, blocks * 4_096), 60)
                    sim.say("cable out", "wait 300", "cable in")
                assert host.wait(120) == 0
            finally:
                host.kill()
        done = json.loads(said.read_text())
        assert (done["before"], done["after"], done["cuts"]) == ("1.31", "1.40", 2)
        identity = json.loads(tla("identify", "--reader", url, "--json"))
        assert identity["version"] == "1.40"
        tla("push", practice, *with_reader)
        listed = json.loads(tla("list", "--reader", url, "--json"))
        assert {each["owner"] for each in listed} == {NURSE, DOCTOR}, "the first push survived the update"


def _has_sent(trace: Path, size: int) -> bool:
    return trace.exists() and trace.stat().st_size > size
