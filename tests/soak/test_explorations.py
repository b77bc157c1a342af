"""A slice of each exploration finds nothing with the seed of the run."""

from __future__ import annotations

import os

import pytest

from tests.conftest import SEED
from tla_sim.tools.explore.explorations import EXPLORATIONS, Part, explore

BRIEF = ("deep", "every", "forged", "pairs", "cards", "ledger", "storm", "line time")
"""What takes longest goes over a third of its points."""


@pytest.mark.parametrize("name", EXPLORATIONS)
def test_a_slice_finds_nothing(name: str) -> None:
    seed = int(os.environ[SEED])
    total = Part(name)
    for part, points in explore([name], whole=False, seed=seed, processes=1):
        total.add(part)
        if total.points * 3 > points and name in BRIEF:
            break
    assert total.violations == [], f"tla explore --seed {seed} '{name}'"
