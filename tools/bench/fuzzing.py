"""The speed of the targets on one core, and the cost of their oracles beside the bare code under test."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Final

from tla_sim.tools.bench.report import Figure
from tla_sim.tools.fuzz.campaign import Campaign, Plan
from tla_sim.tools.fuzz.chance import SeededChance
from tla_sim.tools.fuzz.guided import GuidedRun
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.registry import target

_SECONDS: Final = 6.0
_GUIDED_SECONDS: Final = 12.0
_CASES: Final = 20_000
_ASKED: Final = {"t1": 30_000, "log_sv": 5_000}


def measure_judged_rate(name: str) -> float:
    """Return the units per second with generation and all oracles."""
    fuzzed, notes = target(name), Notes()
    fuzzed.run(fuzzed.generate(SeededChance("warm")), Notes())
    started = time.process_time()
    for index in range(_CASES):
        fuzzed.run(fuzzed.generate(SeededChance(f"bench/{index}")), notes)
        if time.process_time() - started > _SECONDS:
            break
    return notes.units / (time.process_time() - started)


def measure_bare_rate(name: str) -> float:
    """Return the units per second of the code under test alone, on the same cases, generated beforehand."""
    fuzzed = target(name)
    cases = [fuzzed.generate(SeededChance(f"bench/{index}")) for index in range(200)]
    fuzzed.bare(cases[0])
    units = 0
    started = time.process_time()
    while time.process_time() - started < _SECONDS:
        for case in cases:
            units += fuzzed.bare(case)
    return units / (time.process_time() - started)


def measure_guided_rate(name: str, directory: Path, bare: bool) -> float:
    """Return the cases per second of atheris, guided by coverage; `bare` leaves the oracles out."""
    plan = Plan((name,), "bench", 1, seconds=_GUIDED_SECONDS, probes=False, guided=True)
    running = GuidedRun(Campaign(directory, plan), bare=bare)
    for _ in running.run():
        pass
    return running.rate


def measure() -> list[Figure]:
    """Measure the rates of the two fast targets, and of atheris with and without oracles."""
    found = []
    for name, asked in _ASKED.items():
        unit = f"{target(name).unit}s/s"
        judged = measure_judged_rate(name)
        found.append(Figure(f"fuzz {name}, all oracles", judged, unit, "asked for", asked, 1, False))
        found.append(
            Figure(
                f"fuzz {name}, oracles' share",
                judged,
                unit,
                "the same cases, bare",
                measure_bare_rate(name),
                0.2,
                False,
            )
        )
    with tempfile.TemporaryDirectory() as directory:
        judged, bare = (
            measure_guided_rate("t1", Path(directory) / str(bare), bare) for bare in (False, True)
        )
    found.append(
        Figure("fuzz t1 --coverage", judged, "cases/s", "atheris on the bare link", bare, 0.25, False)
    )
    return found
