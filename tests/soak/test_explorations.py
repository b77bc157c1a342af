"""A slice of each exploration finds nothing with the seed of the run, as far as `--soak` gives it time."""

from __future__ import annotations

import os
import time

import pytest

from tests.conftest import SEED
from tla_sim.tools.explore.explorations import EXPLORATIONS, Part, explore


@pytest.mark.parametrize("name", EXPLORATIONS)
def test_a_slice_finds_nothing(name: str, pytestconfig: pytest.Config) -> None:
    seed = int(os.environ[SEED])
    seconds: float = pytestconfig.getoption("--soak")
    total, started = Part(name), time.monotonic()
    for part, _ in explore([name], whole=False, seed=seed, processes=1):
        total.add(part)
        if time.monotonic() - started >= seconds:
            break
    assert total.points
    assert total.violations == [], f"tla explore --seed {seed} '{name}'"
