"""The explorations: their fault points, how these are divided among processes, and their results.

Each process records the round itself. It takes a name and numbers and returns plain figures, so a run with
the same seed gives the same results however many processes there are.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.tools.explore.flash import FlashExplorer, FlashResult
from tla_sim.tools.explore.guessing import PATTERNS, guess, plan_of
from tla_sim.tools.explore.kills import kill_once
from tla_sim.tools.explore.plan_run import Judged, run_plan
from tla_sim.tools.explore.recording import Recording, counts_on_a_line, record
from tla_sim.tools.explore.rot import RotExplorer
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.explore.ssv_kills import Call, kill_call
from tla_sim.tools.explore.subjects import BITS_FORGED
from tla_sim.tools.explore.torn_ledger import TEARS as TEARS_OF_LEDGER
from tla_sim.tools.explore.torn_ledger import tear
from tla_sim.tools.explore.updating import UpdateExplorer
from tla_sim.tools.faults.kinds import KINDS, Counted
from tla_sim.tools.faults.plan import Fault, FaultPlan

POINT: Final = "point "
"""Stands before the number of the point that shows a violation again where no plan alone does."""


@dataclass
class Part:
    """The results of some fault points of one exploration: `figures` add up, `worst` keep their maximum.

    `violations` pairs each violation with a plan, or with POINT and a number, that shows it again. `seconds`
    is processor time; `looking_seconds` is the share of it spent starting readers on images and checking
    what they show.
    """

    name: str
    points: int = 0
    violations: list[tuple[str, str]] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    worst: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    looking_seconds: float = 0.0

    def count(self, figure: str, more: int) -> None:
        """Add to a figure."""
        self.figures[figure] = self.figures.get(figure, 0) + more

    def note_worst(self, figure: str, value: int) -> None:
        """Keep the maximum of a figure."""
        self.worst[figure] = max(self.worst.get(figure, 0), value)

    def add(self, other: Part) -> None:
        """Add another part of the same exploration."""
        self.points += other.points
        self.violations += other.violations
        self.seconds += other.seconds
        self.looking_seconds += other.looking_seconds
        for name, value in other.figures.items():
            self.count(name, value)
        for name, value in other.worst.items():
            self.note_worst(name, value)

    @property
    def images_a_second(self) -> int | None:
        """Images checked per second of processor time; `None` for an exploration without images."""
        return round(self.points / self.looking_seconds) if self.looking_seconds else None

    def take(self, judged: Judged, point: int | None = None) -> None:
        """Add one run. Give its `point` if it began mid-round: its plan alone, from the start, would not
        repeat it."""
        self.points += 1
        if judged.violation and point is None:
            self.violations.append((judged.violation, str(judged.plan)))
        elif judged.violation:
            self.violations.append(
                (
                    Sentence("{violation} (under {plan})", violation=judged.violation, plan=judged.plan),
                    f"{POINT}{point}",
                )
            )
        self.count(Sentence("runs again"), judged.again > 0)
        self.note_worst("tries", judged.again + 1)


Explore = Callable[[Part, Sequence[int]], None]
"""Explores some points and adds their results to a part."""


@cache
def recording() -> Recording:
    """Return the recording of the round without faults, made once per process."""
    with scratch() as directory:
        return record(directory)


@cache
def _counts_on_a_line() -> dict[Counted, int]:
    with scratch() as directory:
        return counts_on_a_line(directory)


@cache
def _flash() -> FlashExplorer:
    return FlashExplorer(recording())


def _explore_flash(part: Part, points: Sequence[int]) -> None:
    _take_flash(part, _flash().explore(points))


def _explore_deep(part: Part, points: Sequence[int]) -> None:
    chosen = _flash().certification_points()
    _take_flash(part, _flash().explore_deep([chosen[point] for point in points]))


def _take_flash(part: Part, results: Iterator[FlashResult]) -> None:
    for result in results:
        part.points += result.images
        part.violations += result.violations
        part.looking_seconds += result.looking_seconds
        part.count(Sentence("rounds finished"), result.finished)


def _explore_rot(part: Part, numbers: Sequence[int]) -> None:
    explorer = RotExplorer(recording(), recording().starts[_PULL])
    part.violations += ((problem, f"{POINT}{number}") for problem, number in explorer.explore(numbers))
    part.points += len(numbers)
    part.figures[Sentence("records lost and named")] = explorer.lost


@cache
def _updates() -> UpdateExplorer:
    return UpdateExplorer()


def _explore_updates(part: Part, points: Sequence[int]) -> None:
    explorer = _updates()
    old, new = explorer.runs_old, explorer.runs_new
    for point in points:
        images, problems = explorer.explore(point)
        part.points += images
        part.violations += [(problem, f"{POINT}{point}") for problem in problems]
    part.count(Sentence("old version runs"), explorer.runs_old - old)
    part.count(Sentence("new version runs"), explorer.runs_new - new)


def _each(check: Callable[[Part, int], str]) -> Explore:
    """Explore each point with a check that returns the violation, or an empty text."""

    def explore(part: Part, numbers: Sequence[int]) -> None:
        for number in numbers:
            part.points += 1
            if problem := check(part, number):
                part.violations.append((problem, f"{POINT}{number}"))

    return explore


def _kill(part: Part, seed: int) -> str:
    known = recording()
    problem, running = kill_once(known, known.starts[_PULL], seed)
    part.count(Sentence("killed while running"), running)
    return problem


def _kill_call(part: Part, seed: int) -> str:
    starts = recording().starts
    problem, running = kill_call(recording(), {Call.LOAD: starts[_PUSH], Call.UNLOAD: starts[_PULL]}, seed)
    part.count(Sentence("killed while running"), running)
    return problem


def _every_image(part: Part, points: Sequence[int]) -> None:
    _take_flash(part, _flash().explore(points, every=True))


def _single(fault_of: Callable[[int], Fault]) -> Explore:
    """Run one round per number, with the one fault that `fault_of` makes of it."""

    def explore(part: Part, numbers: Sequence[int]) -> None:
        for number in numbers:
            part.take(run_plan(FaultPlan(number, (fault_of(number),))))

    return explore


_LEDGER: Final = (("host.kill", "before"), ("host.kill", "after"), ("host.full", ""))
_CARDS: Final = tuple(
    (f"{slot}.{what}", KINDS[f"{slot}.{what}"].usual)
    for slot in ("ps", "vitale")
    for what in ("pull", "mute", "wrong", "forget", "slow")
) + tuple((f"{slot}.wrong", word) for slot in ("ps", "vitale") for word in ("9000", "6982", "6100", "6C10"))
_READER: Final = (("reader.reset", "1"), ("reader.reset", "3"), ("reader.flat", ""))
_TEAR: Final = (("reader.tear", "before"), ("reader.tear", "after"))
_TWIN: Final = (("host.twin", ""),)
_FULL: Final = (("flash.full", "60"), ("flash.worn", ""))


def _by_turns(kinds: Sequence[tuple[str, str]]) -> Callable[[int], Fault]:
    """Number the faults so that all kinds strike at one point before the next point."""

    def fault(number: int) -> Fault:
        name, value = kinds[number % len(kinds)]
        return Fault(name, number // len(kinds), value)

    return fault


def _by_turns_after_the_first_start(number: int) -> Fault:
    """As `_by_turns`, after the first start: a new part with bad sectors never leaves the factory."""
    fault = _by_turns(_FULL)(number)
    return Fault(fault.name, fault.at + recording().first_start, fault.value)


def _forge(number: int) -> Fault:
    """Flip one content bit of each block under a matching checksum, then again with other bits."""
    block = number % _counts_on_a_line()[Counted.BLOCKS]
    return Fault("line.forge", block, str(number * 7_919 % (254 * 8)))


_PUSH: Final = 0
_PULL: Final = 3


def _noise(rate: str, noisy_tries: int) -> Explore:
    """Run a push and a pull per number, at this bit error rate."""

    def explore(part: Part, numbers: Sequence[int]) -> None:
        known = recording()
        for number in numbers:
            plan = FaultPlan(number, (Fault("line.bits", 0, rate),))
            for stage in (_PUSH, _PULL):
                judged = run_plan(
                    plan,
                    start=known.starts[stage],
                    until=stage + 1,
                    recording=known,
                    noisy_tries=noisy_tries,
                )
                part.take(judged, number)
            part.points -= 1

    return explore


def _unplugged(stage: int) -> Explore:
    """Pull the cable out at each byte of a stage, and plug it in again."""

    def explore(part: Part, numbers: Sequence[int]) -> None:
        known = recording()
        for number in numbers:
            plan = FaultPlan(0, (Fault("line.unplug", number),))
            judged = run_plan(plan, start=known.starts[stage], until=stage + 1, recording=known)
            part.take(judged, number)

    return explore


MOST_LINE_TIME: Final = 1_300
"""The longest line time of a round at a bit error rate of 1e-4, in thousandths of a clean round's."""


def _line_time(part: Part, numbers: Sequence[int]) -> None:
    """Run whole rounds at 1e-4 and compare their line time with a clean round's."""
    clean = run_plan(FaultPlan(), line=LinkSettings())
    for number in numbers:
        judged = run_plan(FaultPlan(number, (Fault("line.bits", 0, "1e-4"),)))
        part.take(judged)
        taken = judged.line_us * 1000 // clean.line_us
        if taken > MOST_LINE_TIME:
            part.violations.append(
                (Sentence("the round took {taken} ‰ of a clean line's time", taken=taken), f"{POINT}{number}")
            )
        part.count(Sentence("line ms"), judged.line_us // 1000)
        part.count(Sentence("clean line ms"), clean.line_us // 1000)
        part.note_worst("line time ‰", taken)


def _after_the_first_start(plan: FaultPlan) -> FaultPlan:
    """Return the plan with bad sectors moved past the first start, for the same reason."""
    first = recording().first_start
    moved = (
        replace(fault, at=max(fault.at, first)) if fault.name in ("flash.worn", "flash.full") else fault
        for fault in plan.faults
    )
    return FaultPlan(plan.seed, tuple(moved))


def _pairs(part: Part, numbers: Sequence[int]) -> None:
    """Draw two faults: the second may strike anywhere, also during the recovery from the first."""
    for number in numbers:
        part.take(run_plan(_after_the_first_start(FaultPlan.draw(number, _counts_on_a_line(), 2))))


@dataclass(frozen=True)
class Exploration:
    """A kind of exploration. `points` counts its fault points; a slice of it has `slice_points` of them, or
    all if there are fewer."""

    name: str
    explore: Explore
    points: Callable[[], int]
    slice_points: int


def _count(counted: Counted, kinds: Sequence[object]) -> Callable[[], int]:
    return lambda: recording().counts[counted] * len(kinds)


def _stage_bytes(stage: int) -> Callable[[], int]:
    @cache
    def size() -> int:
        known = recording()
        clean = run_plan(
            FaultPlan(), line=LinkSettings(), start=known.starts[stage], until=stage + 1, recording=known
        )
        return clean.carried

    return size


EXPLORATIONS: Final[Mapping[str, Exploration]] = {
    each.name: each
    for each in (
        Exploration("flash", _explore_flash, lambda: len(recording().log), 10**6),
        Exploration("every", _every_image, lambda: len(recording().log), 3),
        Exploration("deep", _explore_deep, lambda: len(_flash().certification_points()), 4),
        Exploration("update", _explore_updates, lambda: _updates().points, 10**6),
        Exploration("rot", _explore_rot, lambda: 20_000, 800),
        Exploration(
            "room",
            _single(_by_turns_after_the_first_start),
            lambda: (recording().counts[Counted.OPERATIONS] - recording().first_start) * len(_FULL),
            16,
        ),
        Exploration("ledger", _single(_by_turns(_LEDGER)), _count(Counted.LEDGER_WRITES, _LEDGER), 90),
        Exploration(
            "torn ledger",
            _each(lambda _, number: tear(recording(), number)),
            lambda: (len(recording().ledgers) - 1) * TEARS_OF_LEDGER,
            40,
        ),
        Exploration("twin", _single(_by_turns(_TWIN)), _count(Counted.EXCHANGES, _TWIN), 10),
        Exploration("cards", _single(_by_turns(_CARDS)), _count(Counted.APDUS, _CARDS), 100),
        Exploration("retries", _single(_by_turns(_TEAR)), _count(Counted.CARD_WRITES, _TEAR), 10**6),
        Exploration("guesses", _each(lambda _, pattern: guess(plan_of(pattern))), lambda: PATTERNS, 27),
        Exploration("reader", _single(_by_turns(_READER)), _count(Counted.REQUESTS, _READER), 30),
        Exploration("noise", _noise("1e-4", 99), lambda: 10_000, 60),
        Exploration("storm", _noise("1e-3", 2), lambda: 1_000, 12),
        Exploration("push cuts", _unplugged(_PUSH), _stage_bytes(_PUSH), 60),
        Exploration("pull cuts", _unplugged(_PULL), _stage_bytes(_PULL), 60),
        Exploration("forged", _single(_forge), lambda: _counts_on_a_line()[Counted.BLOCKS] * BITS_FORGED, 80),
        Exploration("kills", _each(_kill), lambda: 200, 6),
        Exploration("ssv kills", _each(_kill_call), lambda: 200, 4),
        Exploration("line time", _line_time, lambda: 200, 8),
        Exploration("pairs", _pairs, lambda: 1_000, 40),
    )
}
"""All explorations by name, in the order in which they run."""


def numbers_of(exploration: Exploration, whole: bool, seed: int) -> list[int]:
    """Return the numbers of the points to explore: all of them, or a slice that the seed chooses.

    Where numbers choose bits or seed the noise, even a full run takes other numbers for another seed.
    """
    total = exploration.points()
    if exploration.name == "rot":
        # 999,983 is prime, so the numbers reach every bit, spread over all used sectors.
        count = total if whole else exploration.slice_points
        return [(seed * 7_368_787 + number * 999_983) % 2**32 for number in range(count)]
    first = (
        seed * 1_000_003
        if exploration.name in ("noise", "storm", "line time", "pairs", "kills", "ssv kills")
        else 0
    )
    if whole or exploration.slice_points >= total:
        return [first + number for number in range(total)]
    stride = total // exploration.slice_points
    return [first + seed % stride + number * stride for number in range(exploration.slice_points)]


def explore(
    names: Sequence[str], *, whole: bool, seed: int, processes: int = 2, point: int | None = None
) -> Iterator[tuple[Part, int]]:
    """Run explorations by name. Yield each part as it ends, with the number of points of its exploration.

    With `point`, run only the point of this number.
    """
    jobs: list[tuple[str, list[int]]] = []
    totals: dict[str, int] = {}
    for name in names:
        numbers = numbers_of(EXPLORATIONS[name], whole, seed) if point is None else [point]
        totals[name] = len(numbers)
        # Small jobs, so that no process is left with a long one while the others have finished.
        size = max(1, min(len(numbers) // (processes * 8) + 1, 50))
        jobs += [(name, numbers[at : at + size]) for at in range(0, len(numbers), size)]
    if processes == 1:
        for job in jobs:
            yield _work(job), totals[job[0]]
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for part in pool.imap(_work, jobs):
            yield part, totals[part.name]


def _work(job: tuple[str, list[int]]) -> Part:
    name, numbers = job
    part = Part(name)
    began = _processor_seconds()
    EXPLORATIONS[name].explore(part, numbers)
    part.seconds = _processor_seconds() - began
    return part


def _processor_seconds() -> float:
    """Return the processor time of this process and of those that it started."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
