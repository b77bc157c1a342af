"""The interface of a target, and the notes that it takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import ClassVar

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.case import Case
from tla_sim.tools.fuzz.chance import Chance


class Notes:
    """What a target's runs saw: the number of units judged, and how often each subject had each outcome."""

    def __init__(self) -> None:
        self.units = 0
        self.pairs: Counter[tuple[str, str]] = Counter()

    def saw(self, subject: str, outcome: str) -> None:
        """Note one unit and its outcome."""
        self.units += 1
        self.pairs[subject, outcome] += 1


class Target(ABC):
    """One thing that is fuzzed. Every case gets a fresh world: nothing is carried over."""

    name: ClassVar[str]
    unit: ClassVar[str]
    """What is judged: a block, an APDU, a file."""

    summary: ClassVar[Sentence]
    acts: ClassVar[tuple[str, ...]]
    """What a step may do."""

    @abstractmethod
    def generate(self, chance: Chance) -> Case:
        """Make a case out of choices."""

    @abstractmethod
    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge it. Raises Violation, or whatever the code under test raises."""

    def bare(self, case: Case) -> int:
        """Carry out a case with as little judging as possible. Return the number of units.

        Used to measure what the oracles cost.
        """
        notes = Notes()
        self.run(case, notes)
        return notes.units

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of subject and outcome that the declarations promise; none by default."""
        return ()

    def describe(self, case: Case) -> list[str]:
        """Return the steps as text, one or more lines each."""
        return [" ".join(filter(None, (step.act, step.arg, step.data.hex()))) for step in case]
