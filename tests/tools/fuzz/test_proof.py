"""Planted bugs are found; the rest of them by `make fuzz-proof`."""

from __future__ import annotations

import secrets

import pytest

from tla_sim.tools.fuzz.mutants.apply import plant
from tla_sim.tools.fuzz.mutants.declared import MUTANTS, QUICK, Mutant
from tla_sim.tools.fuzz.proof import prove


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_bug_is_found_within_a_minute(name: str) -> None:
    proof = prove(name, secrets.token_hex(4))
    assert proof.found, proof
    assert proof.cause


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_planted_bug_still_has_its_place(mutant: Mutant) -> None:
    with plant(mutant.name):
        pass


def test_there_are_at_least_twelve() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 12
