"""Target: sequences of APDUs into Log_SV, with cards in and out, keys, time, power cycles between them."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.case import Case
from tla_sim.tools.fuzz.chance import Chance
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.log_sv_world import World
from tla_sim.tools.fuzz.targets.played_reader import ACTS, declared_pairs
from tla_sim.tools.fuzz.targets.sequences import described, sequence

_MEMORY_EVERY: Final = 16


class LogSvTarget(Target):
    """Sequences into Log_SV, judged against the reference model."""

    name = "log_sv"
    unit = "APDU"
    summary = Sentence("sequences of APDUs, cards, keys and time into Log_SV")
    acts = tuple(ACTS)

    def generate(self, chance: Chance) -> Case:
        """20 to 80 steps, most of the cases behind a PS card with its code verified."""
        return tuple(sequence(chance, 20, 60))

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out and judge."""
        world = World(notes)
        try:
            for step in case:
                ACTS[step.act](world, step)
            if len(case) % _MEMORY_EVERY == 0 or len(case) > 150:
                world.judge_memory()
        finally:
            world.close()

    def bare(self, case: Case) -> int:
        """The same without model and oracles."""
        notes = Notes()
        world = World(notes, judging=False)
        for step in case:
            ACTS[step.act](world, step)
        world.close()
        return notes.units

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Each command with each status it declares."""
        return declared_pairs()

    def describe(self, case: Case) -> list[str]:
        """One line a step; APDUs by name and fields."""
        return [described(step) for step in case]
