"""The data of a report, read once from a campaign's directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tla_sim.tools.fuzz import campaign
from tla_sim.tools.fuzz.coverage_probe import Arcs, available, branch_shares, merge, share_of
from tla_sim.tools.fuzz.finding import Finding
from tla_sim.tools.fuzz.loading import arcs_of_loading
from tla_sim.tools.fuzz.targets.registry import target
from tla_sim.tools.fuzz.unreachable import PairsSeen, pairs_seen, why_not


@dataclass(frozen=True)
class TargetReport:
    """One target of the campaign: cases, units, units a second, and the answers by subject and outcome."""

    name: str
    unit: str
    cases: int
    units: int
    rate: float
    pairs: dict[tuple[str, str], int]
    declared: tuple[tuple[str, str], ...]

    @property
    def reachable(self) -> tuple[tuple[str, str], ...]:
        """The declared pairs that this target can see."""
        return tuple(
            pair for pair in self.declared if why_not(self.name, *pair) is None or pair in self.pairs
        )

    @property
    def seen(self) -> int:
        """The number of them that were seen."""
        return sum(pair in self.pairs for pair in self.reachable)


@dataclass(frozen=True)
class Report:
    """A campaign as read.

    A row of `series` is seconds, cases, branches, findings; `shares` has the numbers of branches reached and
    of all branches by file.
    """

    directory: Path
    seed: str
    shards: int
    seconds: float
    targets: tuple[TargetReport, ...]
    findings: tuple[Finding, ...]
    series: tuple[tuple[float, int, int, int], ...]
    shares: dict[str, tuple[int, int]]
    kept: int

    @property
    def pairs(self) -> PairsSeen | None:
        """The pairs of command and status that all targets saw together."""
        return pairs_seen({each.name: each.pairs for each in self.targets})

    @property
    def goal_share(self) -> float:
        """The share of branches of protocol/ and reader_fw/app/ reached."""
        return share_of(self.shares)


def read_report(directory: Path) -> Report:
    """Read a campaign directory. Raises CampaignUnusable, FindingUnreadable."""
    tree = campaign.read(directory)
    arcs = campaign.read_arcs(directory)
    findings = [Finding.read(directory / "findings" / file) for _, _, _, _, file in tree["findings"]]
    return Report(
        directory,
        tree["seed"],
        tree["shards"],
        tree["seconds"],
        tuple(_target(name, tree) for name in tree["targets"]),
        tuple(findings),
        tuple((at, cases, reached, found) for at, cases, reached, found in tree["series"]),
        _shares(arcs) if arcs and available() else {},
        tree["kept"],
    )


def _shares(arcs: Arcs) -> dict[str, tuple[int, int]]:
    merge(arcs, arcs_of_loading())
    return branch_shares(arcs)


def _target(name: str, tree: dict[str, Any]) -> TargetReport:
    pairs = {(subject, outcome): count for subject, outcome, count in tree["pairs"].get(name, [])}
    busy = tree["busy"].get(name, 0)
    units = tree["units"].get(name, 0)
    known = target(name)
    rate = units / busy if busy else 0.0
    return TargetReport(name, known.unit, tree["cases"].get(name, 0), units, rate, pairs, known.declared())
