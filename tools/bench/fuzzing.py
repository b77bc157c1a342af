"""How fast the targets judge, on one core, and what their oracles cost beside the code under test alone."""

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


def judged_rate(name: str, seconds: float = _SECONDS) -> float:
    """Units a second with generation and all oracles."""
    fuzzed, notes = target(name), Notes()
    fuzzed.run(fuzzed.generate(SeededChance("warm")), Notes())
    started = time.process_time()
    for index in range(_CASES):
        fuzzed.run(fuzzed.generate(SeededChance(f"bench/{index}")), notes)
        if time.process_time() - started > seconds:
            break
    return notes.units / (time.process_time() - started)


def bare_rate(name: str, seconds: float = _SECONDS) -> float:
    """Units a second of the code under test alone, on the same cases, made beforehand."""
    fuzzed = target(name)
    cases = [fuzzed.generate(SeededChance(f"bench/{index}")) for index in range(200)]
    fuzzed.bare(cases[0])
    units = 0
    started = time.process_time()
    while time.process_time() - started < seconds:
        for case in cases:
            units += fuzzed.bare(case)
    return units / (time.process_time() - started)


def guided_rate(name: str, directory: Path, bare: bool, seconds: float = _GUIDED_SECONDS) -> float:
    """Cases a second that atheris runs, guided by coverage, with the oracles or without."""
    plan = Plan((name,), "bench", 1, seconds=seconds, probes=False, guided=True)
    running = GuidedRun(Campaign(directory, plan), bare=bare)
    for _ in running.run():
        pass
    return running.rate


def figures() -> list[Figure]:
    """Volume of the two fast targets, and of atheris with and without oracles."""
    found = []
    for name, asked in _ASKED.items():
        unit = f"{target(name).unit}s/s"
        judged = judged_rate(name)
        found.append(Figure(f"fuzz {name}, all oracles", judged, unit, "asked for", asked, 1, False))
        found.append(
            Figure(
                f"fuzz {name}, oracles' share",
                judged,
                unit,
                "the same cases, bare",
                bare_rate(name),
                0.2,
                False,
            )
        )
    with tempfile.TemporaryDirectory() as directory:
        judged, bare = (guided_rate("t1", Path(directory) / str(bare), bare) for bare in (False, True))
    found.append(
        Figure("fuzz t1 --coverage", judged, "cases/s", "atheris on the bare link", bare, 0.25, False)
    )
    return found
