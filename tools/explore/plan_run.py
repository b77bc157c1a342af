"""Run one round under one fault plan and judge it: most explorations consist of such runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.board.flash import NorFlash
from tla_sim.tools.explore.recording import Recording, StageStart
from tla_sim.tools.explore.round import Round
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.explore.world import World
from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.judge.violation import Violation

NOISY_PATIENCE: Final = 25
"""Tries of a stage before the noise ends."""


@dataclass(frozen=True)
class Judged:
    """The result of a run: its plan, what was violated (empty if nothing), how often a stage was repeated at
    most, the errors on the way, the line's microseconds and bytes, and the number of faults that struck."""

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
    """Run the round under a plan and judge it; with a recording, only the stages from `start` up to `until`.

    All random bytes follow from the plan's seed. A plan with line faults runs on a serial line, at 9600 baud
    by default. Noise ends after `noisy_tries` of a stage.
    """
    noisy = any(fault.kind.counted is Counted.NOTHING for fault in plan.faults)
    if line is None and plan.of(Where.LINE).faults:
        line = LinkSettings()
    with scratch() as directory:
        game = _begin(directory, plan, line, start, recording)
        world, first = game.world, start.moment.stage if start is not None else 0
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
) -> Round:
    if start is None or recording is None:
        return Round(World(directory, plan, line=line, seed=plan.seed))
    flash = NorFlash(bytearray(start.image))
    return recording.resume(start.moment, directory, flash, seed=plan.seed, plan=plan, line=line)
