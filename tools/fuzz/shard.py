"""Run some cases of one lane of a campaign: the work of one worker, a plain function of its task.

A lane is a target and a shard. Its k-th case depends on seed, target, shard and k alone, so lanes give the
same results in any process of any machine.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.case import Case
from tla_sim.tools.fuzz.chance import SeededChance
from tla_sim.tools.fuzz.corpus import splice
from tla_sim.tools.fuzz.coverage_probe import Arcs, Probe
from tla_sim.tools.fuzz.finding import Failure, Finding, shrink_finding, try_case
from tla_sim.tools.fuzz.mutants.apply import apply_mutant
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.registry import target

_CORPUS_SHARE = 4
_ALONE = Lock()
"""One task at a time: a Dask worker has several threads, which share coverage, planted bugs and readers."""


@dataclass(frozen=True)
class Task:
    """Cases `first` to `first + count - 1` of a lane, fewer if `seconds` run out.

    `known` are the causes that this lane has found already. `probe` measures the coverage of every case,
    which is slow. `seen` are the answers that the campaign has seen: a case with a new one is run again and
    measured; `None` measures none. `mutant` names a planted bug to hunt.
    """

    target: str
    seed: str
    shard: int
    first: int
    count: int
    seconds: float | None = None
    known: tuple[str, ...] = ()
    probe: bool = False
    seen: tuple[tuple[str, str], ...] | None = None
    corpus: tuple[Case, ...] = ()
    mutant: str | None = None


@dataclass
class Outcome:
    """The result of a task: `findings` with their case numbers, and in `kept` cases that reached new code."""

    target: str
    shard: int
    first: int
    done: int = 0
    units: int = 0
    seconds: float = 0.0
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[tuple[int, Finding]] = field(default_factory=list)
    arcs: Arcs = field(default_factory=dict)
    kept: list[Case] = field(default_factory=list)
    probed: bool = False


def case_of(task: Task, index: int) -> Case:
    """Return the case with a number in the task's lane."""
    chance = SeededChance(f"{task.seed}/{task.target}/{task.shard}/{index}")
    case = target(task.target).generate(chance)
    if task.corpus and not chance.below(_CORPUS_SHARE):
        return splice(task.corpus, chance)
    return case


def play(task: Task) -> Outcome:
    """Run a task's cases and shrink the first finding of each cause."""
    with _ALONE:
        return _play(task)


def _play(task: Task) -> Outcome:
    if task.mutant is not None:
        apply_mutant(task.mutant)
    outcome = Outcome(task.target, task.shard, task.first, probed=task.probe)
    notes = Notes()
    known = dict.fromkeys(task.known)
    seen = None if task.seen is None else set(task.seen)
    started = time.monotonic()
    measured = 0.0
    probe = Probe() if task.probe else None
    for index in range(task.first, task.first + task.count):
        case = case_of(task, index)
        answers = len(notes.pairs)
        if task.probe and probe is not None:
            failure = _measure(task, case, notes, probe, outcome)
        else:
            failure = try_case(task.target, case, notes)
        if seen is not None and len(notes.pairs) > answers and not seen.issuperset(notes.pairs):
            seen.update(notes.pairs)
            if not task.probe:
                probe, again = probe or Probe(), time.monotonic()
                _measure(task, case, Notes(), probe, outcome)
                measured += time.monotonic() - again
        outcome.done += 1
        if failure is not None and failure.cause not in known:
            known[failure.cause] = None
            origin = Sentence(
                "seed {seed}, shard {shard}, case {case}", seed=task.seed, shard=task.shard, case=index
            )
            outcome.findings.append((index, shrink_finding(task.target, origin, case, failure.cause)))
        if task.seconds is not None and time.monotonic() - started >= task.seconds:
            break
    outcome.units, outcome.pairs = notes.units, notes.pairs
    outcome.seconds = time.monotonic() - started - measured
    if probe is not None:
        outcome.arcs = probe.arcs
    return outcome


def _measure(task: Task, case: Case, notes: Notes, probe: Probe, outcome: Outcome) -> Failure | None:
    """Run a case and measure its coverage; keep it if it reaches new code."""
    with probe:
        failure = try_case(task.target, case, notes)
    if probe.reached_more():
        outcome.kept.append(case)
    return failure
