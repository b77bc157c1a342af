"""Target: the loader's push, pull and sign against a reader that lies and suffers faults."""

from __future__ import annotations

from typing import Any, Final

from tla_sim.protocol.commands.certifying import SIGN_FINAL
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.identity import IDENTIFY
from tla_sim.protocol.commands.loading import LIST_INVOICES, OPEN_LOAD
from tla_sim.protocol.commands.unloading import UNLOAD_FSE
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import Flaw
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.loader_world import HOWS, Lie, LoaderWorld

_OPERATIONS: Final = ("push", "push2", "pull", "pull", "sign")
_ASKED: Final[tuple[Command[Any, Any], ...]] = (
    *(LIST_INVOICES, LIST_INVOICES, UNLOAD_FSE),
    *(OPEN_LOAD, SIGN_FINAL, IDENTIFY),
)
_HABITS: Final = (*HOWS, *(Flaw.VALID.name,) * 6, *(Flaw.BOUNDARY.name,) * 4, *("other",) * 2)
"""Lies repeated for every answer to a command; the better formed, the more they reach."""

_INS: Final = {command.name: command.ins for command in COMMANDS}
_COUNTS: Final = {
    Counted.NOTHING: 1,
    Counted.OPERATIONS: 25,
    Counted.BYTES: 5_000,
    Counted.BLOCKS: 80,
    Counted.APDUS: 40,
    Counted.CARD_WRITES: 8,
    Counted.REQUESTS: 30,
}
"""About how many events of each kind a case has."""

_MOST_FAULTS: Final = 2
"""The promise covers no more than two faults."""

_CARDS: Final = ("maya", "paul", "anne", "idle")


class LoaderTarget(Target):
    """Operations of the loader, with lies planned by the number of the exchange, and a fault plan."""

    name = "loader"
    unit = "exchange"
    summary = Sentence("a hostile reader answering the loader's push, pull and sign")
    acts = ("lie", "habit", "cable", "fault", "card", *_OPERATIONS)

    def generate(self, chance: Chance) -> Case:
        """Choose one to four lies, two faults in a quarter of the cases, and one to four operations."""
        steps = [
            Step("lie", f"{chance.below(14)}:{pick(chance, HOWS)}:{chance.below(1_000_000)}")
            for _ in range(1 + chance.below(4))
        ]
        match chance.below(4):
            case 0:
                steps.append(Step("cable", str(chance.below(1_000_000))))
            case 1 | 2:
                how = pick(chance, _HABITS)
                steps.append(Step("habit", f"{pick(chance, _ASKED).name}:{how}:{chance.below(1_000_000)}"))
            case _:
                pass
        if not chance.below(4):
            drawn = FaultPlan.draw(chance.below(1_000_000), _COUNTS, _MOST_FAULTS)
            steps += [Step("fault", str(fault)) for fault in drawn.faults]
            if drawn.of(Where.LINE).faults and not any(step.act == "cable" for step in steps):
                steps.append(Step("cable", str(chance.below(1_000_000))))
        for _ in range(1 + chance.below(4)):
            if not chance.below(4):
                steps.append(Step("card", pick(chance, _CARDS)))
            steps.append(Step(pick(chance, _OPERATIONS)))
        return tuple(steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge after every operation; then finish without lies."""
        world = LoaderWorld(plan_of(case))
        try:
            play(world, case)
            world.finish()
        finally:
            notes.units += world.count
            for name, outcome in world.outcomes:
                notes.pairs[name, outcome] += 1
            world.close()

    def bare(self, case: Case) -> int:
        """Carry out a case without lies and without judging."""
        world = LoaderWorld()
        world.judging = False
        play(world, tuple(step for step in case if step.act not in ("lie", "habit", "cable", "fault")))
        count = world.count
        world.close()
        return count

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return every operation as done."""
        return tuple((name, "done") for name in dict.fromkeys(_OPERATIONS))


def plan_of(case: Case) -> FaultPlan:
    """Return the fault plan of a case; its seed is always 0."""
    return FaultPlan.parse(",".join(step.arg for step in case if step.act == "fault"))


def play(world: LoaderWorld, case: Case) -> None:
    """Carry out the steps of a case."""
    for step in case:
        match step.act:
            case "lie":
                at, how, seed = step.arg.split(":")
                world.lie(Lie(int(at), how, int(seed)))
            case "habit":
                name, how, seed = step.arg.split(":")
                world.habit(_INS[name], Lie(0, how, int(seed)))
            case "cable":
                world.use_cable(int(step.arg))
            case "fault":
                continue
            case "card":
                world.change_card(step.arg)
            case operation:
                world.operate(operation)
