"""Counting what faults count, and noting which of them struck."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.plan import Fault, FaultPlan


class Strikes:
    """A plan under way. `counts` is how much of each thing there was so far, `struck` what happened.

    `report` is told of each fault when it strikes.
    """

    def __init__(self, plan: FaultPlan, report: Callable[[Fault], None] = lambda _: None) -> None:
        self.plan = plan
        self.struck: list[Fault] = []
        self.counts = dict.fromkeys(Counted, 0)
        self._report = report
        self._waiting: dict[tuple[Counted, Where], list[Fault]] = {}
        for fault in plan.faults:
            self._waiting.setdefault((fault.kind.counted, fault.kind.where), []).append(fault)

    def next(self, counted: Counted, where: Where, amount: int = 1) -> Iterator[tuple[Fault, int]]:
        """Count so much more; the faults that this reaches, each with how far into the amount it strikes."""
        before = self.counts[counted]
        self.counts[counted] = before + amount
        return self.reached(counted, where, before, amount)

    def reached(
        self, counted: Counted, where: Where, before: int, amount: int = 1
    ) -> Iterator[tuple[Fault, int]]:
        """The faults between `before` and that plus `amount`, without counting."""
        waiting = self._waiting.get((counted, where))
        if not waiting:
            return
        for fault in [each for each in waiting if each.at < before + amount]:
            waiting.remove(fault)
            self.strike(fault)
            yield fault, max(fault.at - before, 0)

    def strike(self, fault: Fault) -> None:
        """Note that a fault struck."""
        self.struck.append(fault)
        self._report(fault)
