"""The time of `tla check` for 200 simulated readers on this machine, every tenth of them silent."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tla_sim.tools.bench.report import Figure

_READERS: Final = 200
_LIMIT_SECONDS: Final = 20


def measure() -> list[Figure]:
    """Time one check of the whole park, including the start of the command."""
    seconds = _check_seconds()
    return [Figure(f"check of {_READERS} readers", seconds, "s", "the limit", _LIMIT_SECONDS, 1, True)]


def _check_seconds() -> float:
    served = subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.demo.park", str(_READERS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with served, tempfile.TemporaryDirectory() as home:
        assert served.stdin is not None
        assert served.stdout is not None
        listed = Path(home) / "park.txt"
        listed.write_text("".join(served.stdout.readline() for _ in range(_READERS)))
        report = Path(home) / "report.html"
        asked = [sys.executable, "-m", "tla_sim.tools.cli.entry", "check", "--park", str(listed)]
        start = time.perf_counter()
        done = subprocess.run([*asked, "--report", str(report)], stdout=subprocess.DEVNULL, check=False)
        seconds = time.perf_counter() - start
        assert done.returncode == 1, "the silent readers are not up to date"
        served.stdin.close()
    return seconds
