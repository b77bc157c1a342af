"""Measure the branches that run only once: while modules are loaded and caches are filled.

They have run before the first case is measured. So a process of its own measures them, which starts before it
loads anything: `python -m tla_sim.tools.fuzz.loading` prints them as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from tla_sim.tools.fuzz.coverage_probe import Arcs, Probe, from_rows, to_rows

_MODULE: Final = "tla_sim.tools.fuzz.loading"


def arcs_of_loading() -> Arcs:
    """Return the arcs of loading, measured in a new process. Raises CalledProcessError."""
    ran = subprocess.run([sys.executable, "-m", _MODULE], capture_output=True, text=True, check=True)
    return from_rows(json.loads(ran.stdout))


def _main() -> None:
    probe = Probe()
    with probe:
        from tla_sim.tools.fuzz.chance import SeededChance
        from tla_sim.tools.fuzz.targets.base import Notes
        from tla_sim.tools.fuzz.targets.registry import NAMES, target

        for name in NAMES:
            loaded = target(name)
            loaded.run(loaded.generate(SeededChance("loading")), Notes())
    print(json.dumps(to_rows(probe.arcs)))


if __name__ == "__main__":
    _main()
