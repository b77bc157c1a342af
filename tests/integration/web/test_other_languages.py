"""The round by HTTP alone, from other languages: JavaScript in node, and a shell with curl."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.integration.web.web_process import serving
from tla_sim.tools.cast import demo_practice

_HERE = Path(__file__).parent
SENT = len(demo_practice().invoices) - 1
"""All but the one of a patient without rights."""


def _run(program: str, script: str, url: str) -> Any:
    found = shutil.which(program)
    assert found is not None, f"this test needs {program}: make test installs it"
    done = subprocess.run(
        [found, _HERE / script, url], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_round_in_node_with_its_events() -> None:
    with serving() as web:
        told = _run("node", "round.mjs", web.url)
    assert told["signed"] == [5, 4]
    assert len(told["transmitted"]["sent"]) == SENT
    assert len(set(told["ids"])) == len(told["ids"])
    assert told["broken"] in told["ids"][:-1]
    revisions = told["revisions"]
    assert revisions == sorted(set(revisions))
    assert "missed" not in told["kinds"]
    assert "1234" not in json.dumps(told)


def test_the_round_in_a_shell_with_curl() -> None:
    with serving() as web:
        told = _run("sh", "round.sh", web.url)
    assert len(told["sent"]) == SENT
