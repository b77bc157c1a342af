"""Every target holds on this firmware and loader, from a fixed seed and from one by chance, printed."""

from __future__ import annotations

import os
import time

import pytest

from tests.conftest import SEED
from tla_sim.tools.fuzz.finding import try_case
from tla_sim.tools.fuzz.shard import Task, case_of
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.loader import plan_of, play
from tla_sim.tools.fuzz.targets.loader_world import LoaderWorld
from tla_sim.tools.fuzz.targets.registry import NAMES, target

SECONDS = 4.0
"""Of every target and seed, while somebody waits."""

PATIENT_SECONDS = 30.0
"""Of every target and seed in continuous integration: a minute a target."""

BRIEFER = {"t1_host": 20.0, "storage": 20.0, "values": 20.0}
"""What goes over code that others go over, too: continuous integration is to end in a quarter of an hour."""


@pytest.mark.long
@pytest.mark.parametrize("kind", ["fixed", "chance"])
@pytest.mark.parametrize("name", NAMES)
def test_a_slice_of_every_target_finds_nothing(name: str, kind: str) -> None:
    seed = kind if kind == "fixed" else f"{kind}-{os.environ[SEED]}"
    task = Task(name, seed, 0, 0, 0)
    seconds = BRIEFER.get(name, PATIENT_SECONDS) if os.environ.get("CI") else SECONDS
    notes, index, started = Notes(), 0, time.monotonic()
    while index < 5 or time.monotonic() - started < seconds:
        case = case_of(task, index)
        failure = try_case(name, case, notes)
        again = f"tla fuzz run {name} --seed {seed} --shards 1 --cases {index + 1}"
        assert failure is None, f"{failure.message}\nFind, shrink and keep it: {again}"
        index += 1
    assert notes.units > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_target_describes_and_runs_its_cases_bare(name: str) -> None:
    case = case_of(Task(name, "x", 0, 0, 0), 0)
    fuzzed = target(name)
    assert fuzzed.summary
    assert len(fuzzed.describe(case)) >= 1
    assert fuzzed.bare(case) >= 0
    assert case_of(Task(name, "x", 0, 0, 0), 0) == case


def test_faults_by_plan_are_among_the_loaders_cases_and_strike() -> None:
    struck: set[str] = set()
    for index in range(400):
        case = case_of(Task("loader", "faults", 0, 0, 0), index)
        if not any(step.act == "fault" for step in case):
            continue
        world = LoaderWorld(plan_of(case))
        play(world, case)
        struck |= {fault.kind.where.value for fault in world.struck}
        world.close()
        if len(struck) == 5:
            break
    assert struck == {"flash", "line", "ps", "vitale", "reader"}
