"""What happens to a reader by itself: by rules, and by faults that are injected."""

from __future__ import annotations

from typing import NamedTuple

from tla_sim.protocol.errors import TlaError
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.hands import Hands
from tla_sim.tools.simulator.control.opening import plan_of
from tla_sim.tools.simulator.control.rules import Matched, Rule


class FaultsNow(NamedTuple):
    """The faults that are still to strike, and those that struck, in order."""

    pending: tuple[Fault, ...]
    struck: tuple[Fault, ...]


class RulesAndFaults(Hands):
    """The rules of a control, which act by its hands, and its faults."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they were added."""
        return tuple(self._rules)

    def add_rule(self, rule: Rule) -> tuple[Rule, tuple[Matched, ...]]:
        """Add a rule and carry it out at once if the present screen meets it.

        Return it with its `id`, and what it matched. Raises TooManyRules.
        """
        for _, name in rule.insert:
            self._controlled.tray.find(name)
        added, matched = self._rules.add(rule, self.screen)
        self._changed()
        self._act()
        return added, matched

    def remove_rule(self, number: int) -> None:
        """Remove a rule by its `id`. Raises UnknownRule."""
        self._rules.remove(number)
        self._changed()

    @property
    def faults(self) -> FaultsNow:
        """The faults that are still to strike, and those that struck."""
        return FaultsNow(self.strikes.pending, tuple(self.strikes.struck))

    def inject(self, plan: FaultPlan | str) -> tuple[Fault, ...]:
        """Have the faults of a plan strike, counted from now. Return them as they are counted in full.

        Raises PlanMalformed and HostFault.
        """
        added = self.reader.inject(plan_of(plan))
        self._changed()
        return added

    def clear_faults(self) -> None:
        """Call off the faults that have not struck yet."""
        self.reader.clear_faults()
        self._changed()

    def _carry_out(self, matched: Matched) -> None:
        rule = matched.rule
        problem = matched.problem
        if problem is None:
            try:
                for slot in rule.remove:
                    self.remove(slot)
                for slot, name in rule.insert:
                    self.insert(slot, name)
                if rule.fault:
                    self.inject(rule.fault)
                self.press(*rule.keys)
            except TlaError as error:
                problem = error
        self._emit(EventKind.RULE, Matched(rule, matched.screen, problem))
