"""A campaign: lanes of cases, run by workers, kept in a directory so that it can be stopped and resumed.

DIR/campaign.json      the plan, the progress of each lane, what was seen, the curves over time
DIR/coverage.json      branches reached
DIR/findings/*.json    one file per cause
DIR/corpus/*.json      cases that reached new code
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tla_sim.host.part_file import sweep
from tla_sim.host.regular_file import read_regular
from tla_sim.host.whole_file import EVERYBODY, replace_file, write_whole
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.fuzz import coverage_probe
from tla_sim.tools.fuzz.case import Case, to_rows
from tla_sim.tools.fuzz.coverage_probe import Arcs, merge
from tla_sim.tools.fuzz.finding import Finding
from tla_sim.tools.fuzz.shard import Outcome, Task, play

FORMAT: Final = "tla-fuzz-campaign 1"
TASK_SECONDS: Final = 1.0
TASK_CASES: Final = 2_000
_PROBE_EVERY: Final = 4
_PROBE_CASES: Final = 150
_SAVE_EVERY: Final = 5.0
_MOST_KEPT: Final = 2_000
_LARGEST: Final = 256 * 1024 * 1024


class CampaignUnusable(TlaError):
    """The directory holds another campaign, or none."""

    category = Category.BAD_INPUT


@dataclass(frozen=True)
class Plan:
    """What a campaign does: `cases` of every target, or all targets together for `seconds`."""

    targets: tuple[str, ...]
    seed: str
    shards: int
    cases: int | None = None
    seconds: float | None = None
    corpus: tuple[Case, ...] = ()
    mutant: str | None = None
    probes: bool = True
    guided: bool = False
    """Whether atheris chooses the cases: another campaign than that of the seed."""


@dataclass
class Lane:
    """One target's shard: the number of its next case, and the causes that it found."""

    target: str
    shard: int
    next: int = 0
    causes: list[str] = field(default_factory=list)
    tasks: int = 0


@dataclass
class Tally:
    """The results of a campaign so far."""

    seconds: float = 0.0
    cases: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    pairs: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    findings: dict[tuple[str, str], tuple[int, int, Finding]] = field(default_factory=dict)
    arcs: Arcs = field(default_factory=dict)
    arc_count: int = 0
    new_arcs: int = 0
    kept: int = 0
    series: list[tuple[float, int, int, int]] = field(default_factory=list)
    """Seconds, cases, branches reached, findings."""


class Campaign:
    """One campaign in its directory. `run` yields the tally after every task."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        self.directory = directory
        self.plan = plan
        self.tally = Tally()
        self.tally.pairs.update((name, Counter()) for name in plan.targets)
        self.lanes = [Lane(name, shard) for shard in range(plan.shards) for name in plan.targets]
        self._saved_at = 0.0
        directory.mkdir(parents=True, exist_ok=True)
        for kept in ("findings", "corpus"):
            (directory / kept).mkdir(exist_ok=True)
            sweep(directory / kept)
        if (directory / "campaign.json").exists():
            self._resume()

    def run(self, executor: Executor, at_once: int) -> Generator[Tally, None, None]:
        """Work until the plan is done. Keep what was done, however it ends."""
        before, started = self.tally.seconds, time.monotonic()
        running: dict[Future[Outcome], Lane] = {}
        idle = list(self.lanes)
        try:
            while True:
                self.tally.seconds = before + time.monotonic() - started
                idle = [lane for lane in idle if not self.finished(lane)]
                while idle and len(running) < at_once:
                    lane = idle.pop(0)
                    running[executor.submit(play, self._next(lane))] = lane
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    lane = running.pop(future)
                    outcome = future.result()
                    self.tally.seconds = before + time.monotonic() - started
                    self._take(lane, outcome)
                    idle.append(lane)
                    yield self.tally
        finally:
            for future in running:
                future.cancel()
            self.tally.seconds = before + time.monotonic() - started
            self.save()

    def finished(self, lane: Lane) -> bool:
        """Return whether the plan wants no more of a lane."""
        plan = self.plan
        if plan.seconds is not None and self.tally.seconds >= plan.seconds:
            return True
        return plan.cases is not None and lane.next >= self.share(lane)

    def share(self, lane: Lane) -> int:
        """Return how many cases the plan wants of a lane."""
        cases = self.plan.cases or 0
        return cases // self.plan.shards + (lane.shard < cases % self.plan.shards)

    def _next(self, lane: Lane) -> Task:
        plan = self.plan
        probe = plan.probes and lane.tasks % _PROBE_EVERY == 0
        count = _PROBE_CASES if probe else TASK_CASES
        if plan.cases is not None:
            count = min(count, self.share(lane) - lane.next)
        seconds = None
        if plan.seconds is not None:
            seconds = max(min(TASK_SECONDS, plan.seconds - self.tally.seconds), 0.01)
        lane.tasks += 1
        return Task(
            lane.target,
            plan.seed,
            lane.shard,
            lane.next,
            count,
            seconds,
            tuple(lane.causes),
            probe,
            tuple(self.tally.pairs[lane.target]) if plan.probes else None,
            plan.corpus,
            plan.mutant,
        )

    def _take(self, lane: Lane, outcome: Outcome) -> None:
        tally, name = self.tally, lane.target
        lane.next = outcome.first + outcome.done
        tally.cases[name] += outcome.done
        if not outcome.probed:
            tally.units[name] += outcome.units
            tally.busy[name] += outcome.seconds  # type: ignore[assignment]
        tally.pairs[name].update(outcome.pairs)
        for index, finding in outcome.findings:
            lane.causes.append(finding.cause)
            known = tally.findings.get((name, finding.cause))
            if known is None or (index, lane.shard) < known[:2]:
                tally.findings[name, finding.cause] = (index, lane.shard, finding)
                finding.write(self.directory / "findings")
        if outcome.arcs:
            tally.new_arcs = merge(tally.arcs, outcome.arcs)
            tally.arc_count += tally.new_arcs
            if tally.new_arcs:
                self._keep(name, outcome.kept)
        self.note_progress()

    def note_progress(self) -> None:
        """Add a point to the curves, and save every few seconds."""
        tally = self.tally
        sums = (sum(tally.cases.values()), tally.arc_count, len(tally.findings))
        tally.series.append((round(tally.seconds, 2), *sums))
        # A long campaign has fewer points of each hour, not a longer file.
        if len(tally.series) > 2_000:
            tally.series = tally.series[::2]
        if time.monotonic() - self._saved_at > _SAVE_EVERY:
            self.save()

    def _keep(self, name: str, cases: Sequence[Case]) -> None:
        for case in cases[: max(_MOST_KEPT - self.tally.kept, 0)]:
            path = self.directory / "corpus" / f"{name}-{self.tally.kept:06}.json"
            write_whole(path, json.dumps({"target": name, "steps": to_rows(case)}).encode(), EVERYBODY)
            self.tally.kept += 1

    def save(self) -> None:
        """Write the campaign, so that the same command resumes it."""
        self._saved_at = time.monotonic()
        tally = self.tally
        _write(self.directory / "campaign.json", self.document())
        if tally.arcs:
            _write(self.directory / "coverage.json", coverage_probe.to_rows(tally.arcs))

    def document(self) -> dict[str, Any]:
        """Return the campaign as JSON."""
        plan, tally = self.plan, self.tally
        return {
            "format": FORMAT,
            "targets": list(plan.targets),
            "seed": plan.seed,
            "shards": plan.shards,
            "guided": plan.guided,
            "lanes": [[lane.target, lane.shard, lane.next, lane.causes, lane.tasks] for lane in self.lanes],
            "seconds": round(tally.seconds, 2),
            "cases": dict(tally.cases),
            "units": dict(tally.units),
            "busy": {name: round(seconds, 3) for name, seconds in tally.busy.items()},
            "kept": tally.kept,
            "pairs": {
                name: [[subject, outcome, count] for (subject, outcome), count in sorted(pairs.items())]
                for name, pairs in tally.pairs.items()
            },
            "findings": [
                [name, cause, index, shard, finding.file_name]
                for (name, cause), (index, shard, finding) in sorted(tally.findings.items())
            ],
            "series": tally.series,
        }

    def results(self) -> dict[str, Any]:
        """Return what depends on targets, seed, shards and cases alone, not on how the campaign was run."""
        found = self.document()
        return {key: found[key] for key in ("targets", "seed", "shards", "cases", "pairs", "findings")}

    def _resume(self) -> None:
        tree = read(self.directory)
        plan = self.plan
        kept = (tuple(tree["targets"]), tree["seed"], tree["shards"], tree.get("guided", False))
        if kept != (plan.targets, plan.seed, plan.shards, plan.guided):
            guided = " and --coverage" if tree.get("guided", False) else ""
            raise CampaignUnusable(
                "{directory} holds a campaign on {targets} with seed {seed} and {shards} shard(s){guided}",
                "Give the same to resume it, or another --dir",
                directory=self.directory,
                targets=", ".join(tree["targets"]),
                seed=tree["seed"],
                shards=tree["shards"],
                guided=guided,
            )
        tally = self.tally
        lanes = {(target, shard): (at, causes, tasks) for target, shard, at, causes, tasks in tree["lanes"]}
        for lane in self.lanes:
            lane.next, lane.causes, lane.tasks = lanes[lane.target, lane.shard]
        tally.seconds = tree["seconds"]
        tally.cases.update(tree["cases"])
        tally.units.update(tree["units"])
        tally.busy.update(tree["busy"])
        tally.kept = tree["kept"]
        for name, rows in tree["pairs"].items():
            tally.pairs[name] = Counter({(subject, outcome): count for subject, outcome, count in rows})
        for name, cause, index, shard, file in tree["findings"]:
            finding = Finding.read(self.directory / "findings" / file)
            tally.findings[name, cause] = (index, shard, finding)
        tally.series = [(at, cases, arcs, found) for at, cases, arcs, found in tree["series"]]
        tally.arcs = read_arcs(self.directory)
        tally.arc_count = sum(len(arcs) for arcs in tally.arcs.values())


def read(directory: Path) -> dict[str, Any]:
    """Read a campaign's document. Raises CampaignUnusable."""
    path = directory / "campaign.json"
    try:
        tree: dict[str, Any] = json.loads(read_regular(path, _LARGEST))
        if tree["format"] != FORMAT:
            raise ValueError(tree["format"])
        return tree
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CampaignUnusable(
            "{directory} holds no campaign: {reason}",
            "Begin one there first",
            directory=directory,
            reason=str(error),
        ) from None


def read_arcs(directory: Path) -> Arcs:
    """Read the arcs that a campaign reached; none if they were not measured."""
    path = directory / "coverage.json"
    if not path.exists():
        return {}
    return coverage_probe.from_rows(json.loads(read_regular(path, _LARGEST)))


def _write(path: Path, tree: Any) -> None:
    replace_file(path, f"{json.dumps(tree, ensure_ascii=False)}\n".encode(), EVERYBODY)
