"""Target: sequences of APDUs to Log_SV, between them cards, keys, time and power cycles."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.case import Case
from tla_sim.tools.fuzz.chance import Chance
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.log_sv_world import World
from tla_sim.tools.fuzz.targets.played_reader import ACTS, declared_pairs
from tla_sim.tools.fuzz.targets.sequences import describe_step, sequence

_MEMORY_EVERY: Final = 16


class LogSvTarget(Target):
    """Sequences to Log_SV, judged against the reference model."""

    name = "log_sv"
    unit = "APDU"
    summary = Sentence("sequences of APDUs, cards, keys and time into Log_SV")
    acts = tuple(ACTS)

    def generate(self, chance: Chance) -> Case:
        """Make 20 to 80 steps, in most cases after a PS card's code was verified."""
        return tuple(sequence(chance, 20, 60))

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge it."""
        world = World(notes)
        try:
            for step in case:
                ACTS[step.act](world, step)
            if len(case) % _MEMORY_EVERY == 0 or len(case) > 150:
                world.judge_memory()
        finally:
            world.close()

    def bare(self, case: Case) -> int:
        """Carry out a case without model and oracles."""
        notes = Notes()
        world = World(notes, judging=False)
        for step in case:
            ACTS[step.act](world, step)
        world.close()
        return notes.units

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return each command with each status it declares."""
        return declared_pairs()

    def describe(self, case: Case) -> list[str]:
        """Return one line per step; APDUs by name and fields."""
        return [describe_step(step) for step in case]
