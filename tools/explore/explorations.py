"""The explorations: which fault points there are, shared out to processes, and what each part came to.

Each process records the round for itself; what it is given is a name and numbers, and what it gives back is
plain figures, so that a run repeats exactly with the same seed however many processes there are.
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
from tla_sim.tools.explore.subjects import BITS_FORGED, SUBJECTS
from tla_sim.tools.explore.torn_ledger import TEARS as TEARS_OF_LEDGER
from tla_sim.tools.explore.torn_ledger import tear
from tla_sim.tools.explore.updating import UpdateExplorer
from tla_sim.tools.faults.kinds import KINDS, Counted, Where
from tla_sim.tools.faults.plan import Fault, FaultPlan

POINT: Final = "point "
"""How a violation begins that no plan shows again, but the exploration's point of this number."""


@dataclass
class Part:
    """What some fault points of one exploration came to: `figures` add up, `worst` keep their maximum.

    `seconds` are those of a processor, `looking_seconds` those of starting readers on images and checking
    what they show.
    """

    name: str
    points: int = 0
    violations: list[tuple[str, str]] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    worst: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    looking_seconds: float = 0.0

    def add(self, other: Part) -> None:
        """Take another part of the same exploration in."""
        self.points += other.points
        self.violations += other.violations
        self.seconds += other.seconds
        self.looking_seconds += other.looking_seconds
        for name, value in other.figures.items():
            self.figures[name] = self.figures.get(name, 0) + value
        for name, value in other.worst.items():
            self.worst[name] = max(self.worst.get(name, 0), value)

    @property
    def images_a_second(self) -> int | None:
        """How many images one processor looks at in a second; `None` where none is looked at alone."""
        return round(self.points / self.looking_seconds) if self.looking_seconds else None

    def take(self, judged: Judged, point: int | None = None) -> None:
        """Take one run in. `point` is its number when it began in mid-round, where its plan alone leads
        elsewhere."""
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
        self.figures[Sentence("runs again")] = self.figures.get("runs again", 0) + (judged.again > 0)
        self.worst["tries"] = max(self.worst.get("tries", 0), judged.again + 1)


@cache
def recording() -> Recording:
    """The round without faults, recorded once a process."""
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
        part.figures[Sentence("rounds finished")] = part.figures.get("rounds finished", 0) + result.finished


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
    part.figures[Sentence("old version runs")] = explorer.runs_old - old
    part.figures[Sentence("new version runs")] = explorer.runs_new - new


def _explore_guesses(part: Part, patterns: Sequence[int]) -> None:
    for pattern in patterns:
        plan = plan_of(pattern)
        part.points += 1
        if problem := guess(plan):
            part.violations.append((problem, f"{POINT}{pattern}"))


def _explore_torn_ledger(part: Part, numbers: Sequence[int]) -> None:
    for number in numbers:
        part.points += 1
        if problem := tear(recording(), number):
            part.violations.append((problem, f"{POINT}{number}"))


def _kills(part: Part, seeds: Sequence[int]) -> None:
    known = recording()
    for seed in seeds:
        part.points += 1
        problem, running = kill_once(known, known.starts[_PULL], seed)
        part.figures[Sentence("killed while running")] = part.figures.get("killed while running", 0) + running
        if problem:
            part.violations.append((problem, f"{POINT}{seed}"))


def _every_image(part: Part, points: Sequence[int]) -> None:
    _take_flash(part, _flash().explore(points, every=True))


def _single(fault_of: Callable[[int], Fault]) -> Callable[[Part, Sequence[int]], None]:
    """One round for each number, with the one fault made of it."""

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
_FORGE: Final = (("line.forge", ""),)
_FULL: Final = (("flash.full", "60"), ("flash.worn", ""))


def _by_turns(kinds: Sequence[tuple[str, str]]) -> Callable[[int], Fault]:
    """Number n is the n-th point, its kinds one after the other."""

    def fault(number: int) -> Fault:
        name, value = kinds[number % len(kinds)]
        return Fault(name, number // len(kinds), value)

    return fault


def _by_turns_after_the_first_start(number: int) -> Fault:
    """A new part whose first sectors are bad never becomes a reader: that is the factory's affair."""
    fault = _by_turns(_FULL)(number)
    return Fault(fault.name, fault.at + recording().first_start, fault.value)


def _forge(number: int) -> Fault:
    """Each block with one bit of its content flipped under a fitting checksum, and again with other bits."""
    block = number % _counts_on_a_line()[Counted.BLOCKS]
    return Fault("line.forge", block, str(number * 7_919 % (254 * 8)))


_PUSH: Final = 0
_PULL: Final = 3


def _noise(rate: str, noisy_tries: int) -> Callable[[Part, Sequence[int]], None]:
    """A push and a pull a number, at this bit error rate."""

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


def _unplugged(stage: int) -> Callable[[Part, Sequence[int]], None]:
    """The cable out and in again at each byte of a stage."""

    def explore(part: Part, numbers: Sequence[int]) -> None:
        known = recording()
        for number in numbers:
            plan = FaultPlan(0, (Fault("line.unplug", number),))
            judged = run_plan(plan, start=known.starts[stage], until=stage + 1, recording=known)
            part.take(judged, number)

    return explore


MOST_LINE_TIME: Final = 1_300
"""Thousandths of a clean round's line time that a round may take at a bit error rate of 1e-4."""


def _line_time(part: Part, numbers: Sequence[int]) -> None:
    """Whole rounds at 1e-4: what noise costs of the line's time, in thousandths of the clean round's."""
    clean = run_plan(FaultPlan(), line=LinkSettings())
    for number in numbers:
        judged = run_plan(FaultPlan(number, (Fault("line.bits", 0, "1e-4"),)))
        part.take(judged)
        taken = judged.line_us * 1000 // clean.line_us
        if taken > MOST_LINE_TIME:
            part.violations.append(
                (Sentence("the round took {taken} ‰ of a clean line's time", taken=taken), f"{POINT}{number}")
            )
        part.figures[Sentence("line ms")] = part.figures.get("line ms", 0) + judged.line_us // 1000
        part.figures[Sentence("clean line ms")] = part.figures.get("clean line ms", 0) + clean.line_us // 1000
        part.worst["line time ‰"] = max(part.worst.get("line time ‰", 0), taken)


def _after_the_first_start(plan: FaultPlan) -> FaultPlan:
    """The plan with the sectors that are bad from the factory moved to where the reader works."""
    first = recording().first_start
    moved = (
        replace(fault, at=max(fault.at, first)) if fault.name in ("flash.worn", "flash.full") else fault
        for fault in plan.faults
    )
    return FaultPlan(plan.seed, tuple(moved))


def _pairs(part: Part, numbers: Sequence[int]) -> None:
    """Two faults at random: the second one strikes wherever it falls, recovery included."""
    for number in numbers:
        part.take(run_plan(_after_the_first_start(FaultPlan.draw(number, _counts_on_a_line(), 2))))


@dataclass(frozen=True)
class Exploration:
    """A kind of exploration: what it shows, how it is done, how many points there are, and whether all are
    taken even in a slice of it."""

    name: str
    explore: Callable[[Part, Sequence[int]], None]
    points: Callable[[], int]
    slice_points: int

    @property
    def text(self) -> str:
        """What happens in it."""
        return SUBJECTS[self.name]


def _count(counted: Counted, kinds: Sequence[object], slack: int = 0) -> Callable[[], int]:
    return lambda: (recording().counts[counted] + slack) * len(kinds)


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
        Exploration(
            "flash",
            _explore_flash,
            lambda: len(recording().log),
            10**6,
        ),
        Exploration(
            "every",
            _every_image,
            lambda: len(recording().log),
            3,
        ),
        Exploration(
            "deep",
            _explore_deep,
            lambda: len(_flash().certification_points()),
            4,
        ),
        Exploration(
            "update",
            _explore_updates,
            lambda: _updates().points,
            10**6,
        ),
        Exploration("rot", _explore_rot, lambda: 20_000, 800),
        Exploration(
            "room",
            _single(_by_turns_after_the_first_start),
            lambda: (recording().counts[Counted.OPERATIONS] - recording().first_start) * len(_FULL),
            16,
        ),
        Exploration(
            "ledger",
            _single(_by_turns(_LEDGER)),
            _count(Counted.LEDGER_WRITES, _LEDGER),
            90,
        ),
        Exploration(
            "torn ledger",
            _explore_torn_ledger,
            lambda: (len(recording().ledgers) - 1) * TEARS_OF_LEDGER,
            40,
        ),
        Exploration(
            "twin",
            _single(_by_turns(_TWIN)),
            _count(Counted.EXCHANGES, _TWIN),
            10,
        ),
        Exploration(
            "cards",
            _single(_by_turns(_CARDS)),
            _count(Counted.APDUS, _CARDS),
            100,
        ),
        Exploration(
            "retries",
            _single(_by_turns(_TEAR)),
            _count(Counted.CARD_WRITES, _TEAR),
            10**6,
        ),
        Exploration(
            "guesses",
            _explore_guesses,
            lambda: PATTERNS,
            27,
        ),
        Exploration(
            "reader",
            _single(_by_turns(_READER)),
            _count(Counted.REQUESTS, _READER),
            30,
        ),
        Exploration("noise", _noise("1e-4", 99), lambda: 10_000, 60),
        Exploration(
            "storm",
            _noise("1e-3", 2),
            lambda: 1_000,
            12,
        ),
        Exploration("push cuts", _unplugged(_PUSH), _stage_bytes(_PUSH), 60),
        Exploration("pull cuts", _unplugged(_PULL), _stage_bytes(_PULL), 60),
        Exploration(
            "forged",
            _single(_forge),
            lambda: _counts_on_a_line()[Counted.BLOCKS] * BITS_FORGED,
            80,
        ),
        Exploration("kills", _kills, lambda: 200, 6),
        Exploration("line time", _line_time, lambda: 200, 8),
        Exploration("pairs", _pairs, lambda: 1_000, 40),
    )
}
"""All of them, in the order in which they are run."""


def numbers_of(exploration: Exploration, whole: bool, seed: int) -> list[int]:
    """Which points are explored: all of them, or a slice that the seed chooses.

    Bits and seeds are spread over their whole range by the seed even in a full run.
    """
    total = exploration.points()
    if exploration.name == "rot":
        count = total if whole else exploration.slice_points
        return [(seed * 7_368_787 + number * 999_983) % 2**32 for number in range(count)]
    first = seed * 1_000_003 if exploration.name in ("noise", "storm", "line time", "pairs", "kills") else 0
    if whole or exploration.slice_points >= total:
        return [first + number for number in range(total)]
    stride = total // exploration.slice_points
    return [first + seed % stride + number * stride for number in range(exploration.slice_points)]


def explore(
    names: Sequence[str], *, whole: bool, seed: int, processes: int = 2, point: int | None = None
) -> Iterator[tuple[Part, int]]:
    """Run explorations by name; each part as it ends, with how many points its exploration has in all.

    With `point` only this one of each.
    """
    jobs: list[tuple[str, list[int]]] = []
    totals: dict[str, int] = {}
    for name in names:
        numbers = numbers_of(EXPLORATIONS[name], whole, seed) if point is None else [point]
        totals[name] = len(numbers)
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
    """What this process and those that it started have used of a processor."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


__all__ = ["EXPLORATIONS", "Exploration", "Part", "Where", "explore", "numbers_of", "recording"]
