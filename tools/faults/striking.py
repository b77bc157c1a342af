"""Count the events at which faults strike, and record the faults that struck."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.plan import Fault, FaultPlan


class StrikesState(NamedTuple):
    """A plan in progress: what has not struck yet, what has, and the events counted."""

    plan: FaultPlan
    pending: tuple[Fault, ...]
    struck: tuple[Fault, ...]
    counts: tuple[int, ...]


class Strikes:
    """A plan in progress. `counts` has the events so far by kind, `struck` the faults so far, in order.

    `report` is called with each fault as it strikes.
    """

    def __init__(self, plan: FaultPlan, report: Callable[[Fault], None] = lambda _: None) -> None:
        self.plan = plan
        self.struck: list[Fault] = []
        self.counts = dict.fromkeys(Counted, 0)
        self.report = report
        self._waiting: dict[tuple[Counted, Where], list[Fault]] = {}
        self.add(plan.faults)

    @property
    def pending(self) -> tuple[Fault, ...]:
        """The faults that have not struck yet, those of one part and count together."""
        return tuple(fault for waiting in self._waiting.values() for fault in waiting)

    def add(self, faults: Iterable[Fault]) -> None:
        """Have more faults strike, each at its count."""
        for fault in faults:
            self._waiting.setdefault((fault.kind.counted, fault.kind.where), []).append(fault)

    @property
    def state(self) -> StrikesState:
        """How far the plan is, for `put_back`."""
        return StrikesState(self.plan, self.pending, tuple(self.struck), tuple(self.counts.values()))

    def put_back(self, state: StrikesState) -> None:
        """Go on from a former state."""
        self.plan = state.plan
        self.struck[:] = state.struck
        self.counts = dict(zip(Counted, state.counts, strict=True))
        self._waiting.clear()
        self.add(state.pending)

    def clear(self) -> None:
        """Call off the faults that have not struck yet."""
        self._waiting.clear()

    def next(self, counted: Counted, where: Where, amount: int = 1) -> Iterator[tuple[Fault, int]]:
        """Count `amount` more events. Yield the faults that this reaches, each with its offset into them."""
        # Counted at once, not when the caller iterates: the count must grow even where no fault is due.
        before = self.counts[counted]
        self.counts[counted] = before + amount
        if not self._waiting:
            return iter(())
        return self.reached(counted, where, before, amount)

    def reached(
        self, counted: Counted, where: Where, before: int, amount: int = 1
    ) -> Iterator[tuple[Fault, int]]:
        """Yield the faults due from `before` up to `before + amount`, without counting."""
        waiting = self._waiting.get((counted, where))
        if not waiting:
            return
        for fault in [each for each in waiting if each.at < before + amount]:
            waiting.remove(fault)
            self.strike(fault)
            yield fault, max(fault.at - before, 0)

    def strike(self, fault: Fault) -> None:
        """Record that a fault struck."""
        self.struck.append(fault)
        self.report(fault)
