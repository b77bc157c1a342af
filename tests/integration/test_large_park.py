"""200 simulated readers on this machine, a tenth of them silent, each get their verdict.

How long that takes, `python -m tla_sim.tools.bench park` measures.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.simulator import ROOT, tla

COUNT = 200


@pytest.mark.soak
def test_two_hundred_readers_a_tenth_of_them_silent(tmp_path: Path) -> None:
    listed = tmp_path / "park.txt"
    with subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.demo.park", str(COUNT)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stdout is not None
        assert served.stdin is not None
        listed.write_text("".join(served.stdout.readline() for _ in range(COUNT)))
        found = json.loads(tla("check", "--park", listed, "--json", expect=1).partition("\nReport")[0])
        served.stdin.close()
        served.wait(30)
    verdicts = [each["verdict"] for each in found]
    assert verdicts.count("up_to_date") == COUNT * 9 // 10
    assert verdicts.count("unreachable") == COUNT // 10
