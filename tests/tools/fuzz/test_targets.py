"""Every target holds on this firmware and loader, from a fixed seed."""

from __future__ import annotations

import pytest

from tla_sim.tools.fuzz.finding import try_case
from tla_sim.tools.fuzz.shard import Task, case_of
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.loader import plan_of, play
from tla_sim.tools.fuzz.targets.loader_world import LoaderWorld
from tla_sim.tools.fuzz.targets.registry import NAMES, target

CASES = {
    "t1": 75,
    "t1_host": 400,
    "ccid": 200,
    "vpcd": 400,
    "log_sv": 30,
    "faults": 22,
    "storage": 30,
    "cards": 100,
    "loader": 17,
    "files": 20,
    "values": 350,
    "zones": 600,
    "ssv_socket": 40,
}
"""How many of each target: some ten seconds of work in all. `make soak` goes on from other seeds."""


@pytest.mark.parametrize("name", NAMES)
def test_the_first_cases_of_every_target_find_nothing(name: str) -> None:
    task, notes = Task(name, "fixed", 0, 0, 0), Notes()
    for index in range(CASES[name]):
        failure = try_case(name, case_of(task, index), notes)
        again = f"tla fuzz run {name} --seed fixed --shards 1 --cases {index + 1}"
        assert failure is None, f"{failure.message}\nFind, shrink and keep it: {again}"
    assert notes.units > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_target_describes_and_runs_its_cases_bare(name: str) -> None:
    case = case_of(Task(name, "x", 0, 0, 0), 0)
    fuzzed = target(name)
    assert fuzzed.summary
    assert len(fuzzed.describe(case)) >= len(case)
    units = fuzzed.bare(case)
    assert units > 0
    assert fuzzed.bare(case) == units
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
