"""Target: sequences to a reader of any version under faults of flash, cards and power."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.faults.kinds import KINDS, Counted, FaultKind, Where
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.faults_world import SIZES, VERSIONS, FaultyWorld, Unusable
from tla_sim.tools.fuzz.targets.played_reader import ACTS, declared_pairs
from tla_sim.tools.fuzz.targets.sequences import deep_sequence, describe_step

_READER: Final = "reader"
_FAULT: Final = "fault"
_USUAL: Final = f"1.40:{SIZES[0]}"
_WITHIN: Final = {
    Counted.OPERATIONS: (12, 60, 250),
    Counted.APDUS: (6, 30, 60),
    Counted.CARD_WRITES: (2, 6, 6),
    Counted.REQUESTS: (10, 40, 80),
}
"""Bounds of the number at which a fault strikes: soon, or somewhere in a case."""

_KINDS: Final = tuple(
    kind for kind in KINDS.values() if kind.where in (Where.FLASH, Where.PS, Where.VITALE, Where.READER)
)
_ROTTEN: Final = 5
"""In one case out of this many, bits rot."""

_WORN: Final = 8
"""In one case out of this many, a part of the flash wears out."""

_LONG: Final = 10
"""One case out of this many goes on for some of `_ROUNDS`: segments and key store fill up."""

_ROUNDS: Final = (12, 80)
_NEAR: Final = (2, 24)
"""Distances of consecutive faults: at both copies of a record, or during the recovery from the first."""


_ACTS: Final[dict[str, Callable[[FaultyWorld, Step], object]]] = {
    **ACTS,
    "live": lambda world, step: world.live_on(int(step.arg)),
    "worn": lambda world, step: world.wear_out(step.arg),
    "rot": lambda world, step: world.rot(int(step.arg)),
}


class FaultsTarget(Target):
    """Sequences to a reader under faults, judged by what must hold in spite of them."""

    name = "faults"
    unit = "APDU"
    summary = Sentence("a reader of any version under faults of flash, cards and power")
    acts = (_READER, _FAULT, *_ACTS)

    def generate(self, chance: Chance) -> Case:
        """Choose a version, a size of flash, up to four faults and 10 to 50 steps; bits may rot meanwhile."""
        reader = Step(_READER, f"{pick(chance, tuple(VERSIONS))}:{pick(chance, SIZES)}")
        steps = deep_sequence(chance, 10, 40)
        if not chance.below(_ROTTEN):
            visits = [at for at, step in enumerate(steps, 1) if step.act == "visit"] or [len(steps) // 2]
            at = pick(chance, visits)
            # Until the next start, the file system has in its caches what it read before.
            again = [Step("power"), Step("code", f"a:{CODE}")] if chance.below(3) else []
            steps[at:at] = [Step("rot", str(chance.below(1 << 20))), *again]
        if not chance.below(_WORN):
            steps.insert(chance.below(len(steps)), Step("worn", pick(chance, ("files", "vault", "software"))))
        if not chance.below(_LONG):
            steps.insert(chance.below(len(steps)), Step("live", str(1 + chance.below(pick(chance, _ROUNDS)))))
        return (reader, *_faults(chance), *steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge it."""
        _play(case, notes, judging=True)

    def bare(self, case: Case) -> int:
        """Carry out a case without oracles."""
        notes = Notes()
        _play(case, notes, judging=False)
        return notes.units

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return each command with each status it declares."""
        return declared_pairs()

    def describe(self, case: Case) -> list[str]:
        """Return one line per step; APDUs by name and fields."""
        return [describe_step(step) for step in case]


def _faults(chance: Chance) -> list[Step]:
    faults: list[Step] = []
    last = 0
    for _ in range(chance.below(5)):
        kind = pick(chance, _KINDS)
        at = chance.below(pick(chance, _WITHIN[kind.counted]))
        if kind.where is Where.FLASH:
            at = last + chance.below(pick(chance, _NEAR)) if last and chance.below(2) else at
            last = at
        faults.append(Step(_FAULT, _fault(kind, at, chance)))
        if kind.name == "flash.worn" and chance.below(2):
            # Both copies of a record, in two sectors, are written one right after the other.
            faults.append(Step(_FAULT, _fault(kind, at + 1, chance)))
    return faults


def _fault(kind: FaultKind, at: int, chance: Chance) -> str:
    """Return a fault as in a plan, its value drawn by its kind."""
    return str(Fault(kind.name, at, kind.draw(Random(chance.below(1 << 16))) if kind.draw else ""))


def _play(case: Case, notes: Notes, *, judging: bool) -> None:
    told = [step.arg for step in case if step.act == _READER]
    version, _, sectors = (told[0] if told else _USUAL).partition(":")
    plan = FaultPlan.parse(",".join(step.arg for step in case if step.act == _FAULT))
    world = None
    try:
        world = FaultyWorld(notes, plan, version, int(sectors), judging=judging)
        for step in case:
            if step.act in _ACTS:
                _ACTS[step.act](world, step)
        world.close()
    except Unusable:
        return
    except TlaError:
        # A reset during a command found the flash spoilt: the reader stays off and has said why.
        if world is None or world.reader.on or not world.doubtful:
            raise
    finally:
        if world is not None:
            world.reader.power_off()
