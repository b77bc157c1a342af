"""The target's practice files: people of every kind are told right, and the oracle sees when they are not."""

from __future__ import annotations

import json

import pytest

from tla_sim.host.practice.problem import PracticeFileError
from tla_sim.tools.fuzz.chance import SeededChance
from tla_sim.tools.fuzz.targets import practice_files
from tla_sim.tools.fuzz.targets.practice_files import KIND
from tla_sim.tools.judge.violation import Violation


def test_people_of_every_kind_are_read_or_refused_with_their_place() -> None:
    read = refused = 0
    for seed in range(60):
        try:
            KIND.read(KIND.tweaked(SeededChance(str(seed))) if KIND.tweaked else b"")
            read += 1
        except PracticeFileError:
            refused += 1
    assert read
    assert refused


def test_a_name_that_the_screen_cannot_show_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    (good,) = KIND.good()
    KIND.read(good)
    monkeypatch.setattr(practice_files, "fold", lambda name: f"?{name[1:]}")
    with pytest.raises(Violation, match="question mark"):
        KIND.read(good)


def test_a_name_that_a_list_does_not_find_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = json.loads(KIND.good()[0])
    tree["patients"][0]["beneficiaries"][0]["last_name"] = "RENÉE"
    monkeypatch.setattr(practice_files, "fold_name", str)
    with pytest.raises(Violation, match="does not find"):
        KIND.read(json.dumps(tree).encode())
