"""Every fuzz target finds nothing for as long as `--soak` says, from the seed of the run."""

from __future__ import annotations

import os
import time

import pytest

from tests.conftest import SEED
from tla_sim.tools.fuzz.finding import try_case
from tla_sim.tools.fuzz.shard import Task, case_of
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.registry import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_target_finds_nothing(name: str, pytestconfig: pytest.Config) -> None:
    seed = f"soak-{os.environ[SEED]}"
    seconds: float = pytestconfig.getoption("--soak")
    task, notes, index, started = Task(name, seed, 0, 0, 0), Notes(), 0, time.monotonic()
    while time.monotonic() - started < seconds:
        failure = try_case(name, case_of(task, index), notes)
        index += 1
        again = f"tla fuzz run {name} --seed {seed} --shards 1 --cases {index}"
        assert failure is None, f"{failure.message}\nFind, shrink and keep it: {again}"
    assert notes.units > 0
