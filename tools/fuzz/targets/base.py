"""What every target offers, and the notes it takes of what was seen."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from tla_sim.tools.fuzz.case import Case
from tla_sim.tools.fuzz.chance import Chance


class Notes:
    """What a target's runs saw: units judged (blocks, APDUs, files), and answers by command and status."""

    def __init__(self) -> None:
        self.units = 0
        self.pairs: Counter[tuple[str, str]] = Counter()

    def saw(self, subject: str, outcome: str) -> None:
        """One unit and what came of it."""
        self.units += 1
        self.pairs[subject, outcome] += 1


class Target(Protocol):
    """One thing that is fuzzed. A fresh world for every case: nothing is carried over."""

    name: str
    unit: str
    summary: str

    @property
    def acts(self) -> tuple[str, ...]:
        """What a step may be."""

    def generate(self, chance: Chance) -> Case:
        """A case out of choices."""

    def run(self, case: Case, notes: Notes) -> None:
        """Carry a case out and judge it. Raises Violation, or whatever the code under test lets out."""

    def bare(self, case: Case) -> int:
        """Carry a case out without judging; how many units. For measuring what the oracles cost."""

    def declared(self) -> tuple[tuple[str, str], ...]:
        """The pairs of subject and outcome that the declarations promise; empty where they promise none."""

    def describe(self, case: Case) -> list[str]:
        """The steps for a person, bytes decoded by the declarations."""
