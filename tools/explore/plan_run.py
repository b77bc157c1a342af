"""One round under one fault plan, judged: what every exploration but the flash's is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.board.flash import NorFlash
from tla_sim.tools.explore.recording import Recording, StageStart
from tla_sim.tools.explore.round import Round
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.explore.watch import Watch
from tla_sim.tools.explore.world import World
from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.judge.violation import Violation

NOISY_PATIENCE: Final = 25


@dataclass(frozen=True)
class Judged:
    """What a run came to: its plan, what was violated (empty: nothing), how often a stage had to be run
    again, the errors on the way, and the line's microseconds and bytes."""

    plan: FaultPlan
    violation: str
    again: int
    errors: tuple[str, ...]
    line_us: int = 0
    carried: int = 0
    struck: int = 0


def run_plan(
    plan: FaultPlan,
    *,
    line: LinkSettings | None = None,
    start: StageStart | None = None,
    until: int | None = None,
    recording: Recording | None = None,
    noisy_tries: int = NOISY_PATIENCE,
) -> Judged:
    """The round under a plan, or with a recording the stages from `start` up to `until` alone.

    All random bytes follow from the plan's seed. A plan with line faults runs on a serial line, 9600 baud by
    default. Noise ends after `noisy_tries` of a stage.
    """
    noisy = any(fault.kind.counted is Counted.NOTHING for fault in plan.faults)
    if line is None and plan.of(Where.LINE).faults:
        line = LinkSettings()
    with scratch() as directory:
        world, game, first = _begin(directory, plan, line, start, recording)
        again = 0
        violation: str = ""
        try:
            patience = NOISY_PATIENCE + 2 if noisy else 3
            again = game.run(first, until, patience=patience, noisy_tries=noisy_tries)
            if until is None:
                game.watch.finish(world)
        except Violation as error:
            violation = error.told
        finally:
            world.close()
        struck = len(world.strikes.struck)
        return Judged(plan, violation, again, tuple(game.errors), world.line_us, world.carried, struck)


def _begin(
    directory: Path,
    plan: FaultPlan,
    line: LinkSettings | None,
    start: StageStart | None,
    recording: Recording | None,
) -> tuple[World, Round, int]:
    if start is None or recording is None:
        world = World(directory, plan, line=line, seed=plan.seed)
        return world, Round(world), 0
    moment = start.moment
    recording.ledgers[moment.ledger].restore(directory)
    world = World(
        directory,
        plan,
        line=line,
        seed=plan.seed + 1_000,
        flash=NorFlash(bytearray(start.image)),
        card_images=recording.cards[moment.cards],
    )
    watch = Watch(moment.counter)
    watch.remember(recording.ledgers[moment.ledger].lines, recording.signed(moment))
    watch.signed_told = moment.signed_told
    return world, Round(world, watch, mistaken=moment.mistaken), moment.stage
