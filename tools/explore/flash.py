"""Cut the power at every flash operation: replay the recorded round up to it, and tear it there.

On each image a reader starts and is checked. From each state not met before, the round is then played to its
end, with the ledger and the cards as they were at that moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.reader_fw.board.flash import NorFlash, PowerCut
from tla_sim.reader_fw.board.flash_log import PowerCutter, Replayer
from tla_sim.reader_fw.board.flash_tear import Tear
from tla_sim.tools.explore.recording import RECORDED_SEED, Moment, Recording, View, view_of
from tla_sim.tools.explore.round import Round
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.judge.ledger import look
from tla_sim.tools.judge.signatures import check_counter_grows
from tla_sim.tools.judge.violation import Violation
from tla_sim.tools.simulator.live_reader import sound_reader

_LOOKING_SEED: Final = RECORDED_SEED + 77
SECOND_TEARS: Final = (Tear.HALF_BITS, Tear.PREFIX_37, Tear.LANDED)
DEEP_TEARS: Final = (Tear.NOTHING, Tear.PREFIX_50, Tear.HALF_BITS, Tear.LANDED)


State = tuple[Moment, View, int, int]
"""Determines how the round goes on after a cut: the moment, the board, the counter, the free documents."""


@dataclass
class FlashResult:
    """The numbers of images checked and rounds finished, and each violation with the plan that shows it."""

    images: int = 0
    finished: int = 0
    violations: list[tuple[str, str]] = field(default_factory=list)
    looking_seconds: float = 0.0


class FlashExplorer:
    """Explores the power cuts of one recording."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.replayer = Replayer(recording.log)
        self._finished: set[State] = set()

    def explore(self, points: Sequence[int], *, every: bool = False) -> Iterator[FlashResult]:
        """Tear each of these operations in every way. Yield the result of each operation.

        Finish the round from each state not met before, or from `every` image.
        """
        for point in points:
            result, moment = FlashResult(), self.recording.moments[point]
            for tear in self.replayer.tears(point):
                result.images += 1
                with self.replayer.cut(point, tear) as flash:
                    try:
                        began = time.process_time()
                        state = self._look(flash, moment)
                        result.looking_seconds += time.process_time() - began
                        result.finished += self._finish_once(flash, moment, state, every)
                    except Violation as error:
                        result.violations.append((error.told, str(self.plan(point, tear))))
            yield result

    def explore_deep(self, points: Sequence[int]) -> Iterator[FlashResult]:
        """Cut a second time, at every operation of the start after a cut and of the repeated stage."""
        for point in points:
            result = FlashResult()
            for tear in self.replayer.tears(point, DEEP_TEARS):
                second: int | None = 0
                while second is not None:
                    result.images += 1
                    with self.replayer.cut(point, tear) as flash:
                        try:
                            second = self._cut_again(flash, self.recording.moments[point], second)
                        except Violation as error:
                            result.violations.append((error.told, str(self.plan(point, tear, second))))
                            break
                    result.finished += 1
            yield result

    def plan(self, point: int, tear: Tear, second: int | None = None) -> FaultPlan:
        """Return the plan that does the same to a running round; `second` counts operations after the cut."""
        faults = [Fault("flash.cut", point, _name(tear))]
        if second is not None:
            faults.append(Fault("flash.cut", point + 1 + second, _name(_second_tear(second))))
        return FaultPlan(RECORDED_SEED, tuple(faults))

    def certification_points(self) -> list[int]:
        """Return the operations of visits and final signatures: those that certify and move the counter."""
        names = self.recording.stages
        return [
            point
            for point, moment in enumerate(self.recording.moments)
            if names[moment.stage].startswith(("visit", "sign"))
        ]

    def _finish_once(self, flash: NorFlash, moment: Moment, state: State, every: bool) -> bool:
        """Finish the round from an image unless its state is known. Return whether it was finished."""
        if state in self._finished and not every:
            return False
        self._finished.add(state)
        self._finish(flash, moment)
        return True

    def _look(self, flash: NorFlash, moment: Moment) -> State:
        """Start a reader on an image and check what it shows. Return its state."""
        recording = self.recording
        reader = sound_reader(flash, _LOOKING_SEED)
        try:
            reader.power_on()
        except TlaError as error:
            raise Violation("start", "the reader does not start after a cut", error) from error
        store = reader.app.store
        view = view_of(look(reader))
        if view not in recording.allowed(moment):
            raise Violation(
                "cut", "the board shows neither the state before nor the state after", _count_states(view)
            )
        check_counter_grows(store.counter, moment.counter)
        if store.list_damaged():
            raise Violation("cut", "a record is damaged", store.list_damaged()[0])
        capacity = store.capacity()
        state = moment, view, store.counter, capacity.free_documents
        reader.power_off()
        return state

    def _finish(self, flash: NorFlash, moment: Moment, cutter: PowerCutter | None = None) -> None:
        """Play the round to its end from an image, and judge it."""
        with scratch() as directory:
            game = self.recording.resume(moment, directory, flash, seed=RECORDED_SEED)
            world, watch = game.world, game.watch
            try:
                counter = 0 if cutter is None else _until_cut(game, moment.stage, cutter)
                world.power_on()
                watch.see_world(world)
                watch.raise_counter(counter)
                game.run(moment.stage)
                watch.finish(world)
            finally:
                world.close()

    def _cut_again(self, flash: NorFlash, moment: Moment, second: int) -> int | None:
        """Cut again at operation `second` of the recovery. Return the next to try, `None` at its end."""
        cutter = PowerCutter(second, _second_tear(second))
        self._finish(flash, moment, cutter)
        return second + 1 if cutter.cut else None


def _second_tear(second: int) -> Tear:
    return SECOND_TEARS[second % len(SECOND_TEARS)]


def _name(tear: Tear) -> str:
    return tear.name.lower().replace("_", "-")


def _until_cut(game: Round, stage: int, cutter: PowerCutter) -> int:
    """Start and repeat one stage until the second cut. Return the highest counter used by then."""
    world = game.world
    world.flash.hooks.append(cutter)
    try:
        world.reader.power_on()
        if world.reader.on:
            game.stages[stage][1]()
    except (TlaError, PowerCut):
        pass
    finally:
        world.flash.hooks.remove(cutter)
        world.reader.cut()
        world.forget_cards()
        world.reader.unplug()
    return world.reader.used_counter


def _count_states(view: View) -> Sentence:
    counts: dict[str, int] = {}
    for _, state, _ in view:
        counts[state.name] = counts.get(state.name, 0) + 1
    shown = [Sentence("{count} {state}", count=count, state=name) for name, count in counts.items()]
    return Joined(", ", shown) if shown else Sentence("nothing")
