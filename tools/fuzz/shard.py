"""What one worker does: so many cases of one lane of a campaign. A plain function of its task.

A lane is a target and a shard; its case number k is made from the seed, the target, the shard and k alone. So
lanes may run on any process of any machine and give the same results.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.case import Case
from tla_sim.tools.fuzz.chance import SeededChance
from tla_sim.tools.fuzz.corpus import spliced
from tla_sim.tools.fuzz.coverage_probe import Arcs, Probe
from tla_sim.tools.fuzz.finding import Failure, Finding, shrink_finding, try_case
from tla_sim.tools.fuzz.mutants.apply import apply_mutant
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.registry import target

_CORPUS_SHARE = 4
_ALONE = Lock()
"""A worker of Dask has several threads: coverage, planted bugs and kept readers belong to the process."""


@dataclass(frozen=True)
class Task:
    """Cases `first` to `first + count - 1` of a lane, fewer when `seconds` end before.

    `known` are the causes that this lane has found already; `probe` measures coverage on the way, which
    slows it down. `seen` are the answers that the campaign has seen: a case that brings another is run again
    and measured, `None` where coverage is not wanted. `mutant` names a planted bug to hunt.
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
    """What came of a task. `findings` have their case's number; `kept` are cases that reached new code."""

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
    """The case with a number in the task's lane."""
    chance = SeededChance(f"{task.seed}/{task.target}/{task.shard}/{index}")
    case = target(task.target).generate(chance)
    if task.corpus and not chance.below(_CORPUS_SHARE):
        return spliced(task.corpus, chance)
    return case


def play(task: Task) -> Outcome:
    """Run a task's cases; shrink the first finding of each cause. One task at a time in a process."""
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
            failure = _measured(task, case, notes, probe, outcome)
        else:
            failure = try_case(task.target, case, notes)
        if seen is not None and len(notes.pairs) > answers and not seen.issuperset(notes.pairs):
            seen.update(notes.pairs)
            if not task.probe:
                probe, again = probe or Probe(), time.monotonic()
                _measured(task, case, Notes(), probe, outcome)
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


def _measured(task: Task, case: Case, notes: Notes, probe: Probe, outcome: Outcome) -> Failure | None:
    """Run a case with its coverage measured; it is kept when it reaches new code."""
    with probe:
        failure = try_case(task.target, case, notes)
    if probe.reached_more():
        outcome.kept.append(case)
    return failure
