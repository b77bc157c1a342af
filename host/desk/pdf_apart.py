"""Measuring a PDF in a process of its own, which a hostile file may crash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from tla_sim.host.desk.scan_limits import MAX_PAGES, MAX_PIXELS, MIN_DPI, TOLERANCE

_PROBE_SECONDS: Final = 60
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from tla_sim.host.desk.pdf_probe import main;"
    " sys.exit(main(sys.argv[2:]))"
)
"""The child's program; as isolated mode ignores the current directory and PYTHONPATH, it gets our path."""

_ROOT: Final = Path(__file__).parents[3]
"""The directory that contains the package."""

LIMITS: Final = (MAX_PAGES, MAX_PIXELS, MIN_DPI * TOLERANCE)
"""The limits that the probe must keep."""


def measure_apart(raw: bytes) -> dict[str, Any]:
    """Return the result of `pdf_probe.measure` on a PDF, computed in a process of its own."""
    command = [sys.executable, "-I", "-c", _START, str(_ROOT), *map(str, LIMITS)]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=_PROBE_SECONDS, check=False)
        if done.returncode == 0:
            found: dict[str, Any] = json.loads(done.stdout)
            return found
    except (subprocess.TimeoutExpired, ValueError):
        pass
    return {"problem": "bounds"}
