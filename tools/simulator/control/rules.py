"""Rules: what to do with a reader when its screen meets a condition."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.body import keys_of
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.screens import ScreenShown

MAX_RULES: Final = 100
MAX_KEYS: Final = 64
MAX_IN_A_ROW: Final = 50
"""How often rules may act one after the other, each on what the one before it led to."""


class BadRule(TlaError, ValueError):
    """The rule cannot be carried out."""

    category = Category.BAD_INPUT


class UnknownRule(TlaError, LookupError):
    """There is no rule of this number."""

    category = Category.BAD_INPUT


class TooManyRules(TlaError):
    """No more rules can be added."""

    category = Category.REFUSED


@dataclass(frozen=True)
class Rule:
    """What is done when a screen meets `when` and the one before it did not: cards, then a fault, then keys.

    `keys` are legends, or digits as one string. `insert` names cards of the tray by slot. `fault` is a plan,
    counted from then on. With `once` the rule is removed after it acted. `id` is given by `add_rule`. Raises
    BadRule, BadCondition, UnknownKey and PlanMalformed.
    """

    when: Condition
    keys: tuple[str, ...] = field(default=(), repr=False)
    insert: tuple[tuple[Slot, str], ...] = ()
    remove: tuple[Slot, ...] = ()
    fault: str = ""
    once: bool = False
    id: int = 0

    def __post_init__(self) -> None:
        if not self.when.on_screen:
            raise BadRule("A rule looks at the screen, not at exchanges", "Give it text, regexp or no_text")
        if not (self.keys or self.insert or self.remove or self.fault):
            raise BadRule("The rule does nothing", "Give it keys, cards or a fault")
        if sum(1 for _ in keys_of(self.keys)) > MAX_KEYS:
            raise BadRule("The rule presses more than {most} keys", "Split it", most=MAX_KEYS)
        if self.fault:
            FaultPlan.parse(self.fault)


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule that acts, the screen that it matched, and what kept it from acting, if anything did."""

    rule: Rule
    screen: ScreenShown
    problem: TlaError | None = None


class RuleBook:
    """The rules of a reader, in order, and those whose screen came and that are to act."""

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._last_id = 0
        self._met: dict[int, bool] = {}
        self._due: deque[Matched] = deque()
        self._in_a_row = 0

    def __iter__(self) -> Iterator[Rule]:
        return iter(tuple(self._rules.values()))

    def __len__(self) -> int:
        return len(self._rules)

    def add(self, rule: Rule, screen: ScreenShown) -> tuple[Rule, tuple[Matched, ...]]:
        """Add a rule and look at the present screen at once. Return it with its number, and what matched.

        Raises TooManyRules.
        """
        if len(self._rules) >= MAX_RULES:
            raise TooManyRules("There are {most} rules already", "Remove one of them first", most=MAX_RULES)
        self._last_id += 1
        numbered = replace(rule, id=self._last_id)
        self._rules[numbered.id] = numbered
        self._in_a_row = 0
        return numbered, tuple(self._look([numbered], screen))

    def remove(self, number: int) -> None:
        """Remove a rule. Raises UnknownRule."""
        if self._rules.pop(number, None) is None:
            raise UnknownRule("There is no rule {number}", "Look at the list of rules", number=number)
        self._met.pop(number, None)
        self._due = deque(each for each in self._due if each.rule.id != number)

    def see(self, screen: ScreenShown) -> None:
        """Look at a new screen."""
        if self._rules:
            self._look(tuple(self._rules.values()), screen)

    def settle(self, screen: ScreenShown) -> None:
        """Take a screen as one that was there before: no rule acts on it."""
        self._due.clear()
        self._met = {rule.id: rule.when.shown(screen) for rule in self._rules.values()}

    def rest(self) -> None:
        """Take note that something other than a rule acted."""
        self._in_a_row = 0

    @property
    def due(self) -> bool:
        """Whether a rule is to act."""
        return bool(self._due)

    def next(self) -> Matched | None:
        """Return the next rule that is to act, `None` when there is none."""
        while self._due:
            matched = self._due.popleft()
            rule = matched.rule
            if rule.id not in self._rules:
                continue
            if rule.once:
                del self._rules[rule.id]
                del self._met[rule.id]
            self._in_a_row += 1
            if self._in_a_row > MAX_IN_A_ROW:
                self._due.clear()
                problem = BadRule("The rules act on one another without end", "Make one of them act once")
                return replace(matched, problem=problem)
            return matched
        return None

    def _look(self, rules: Iterable[Rule], screen: ScreenShown) -> list[Matched]:
        found = []
        for rule in rules:
            shown = rule.when.shown(screen)
            # Or a rule that types a code would begin again at its own first star.
            if shown and not self._met.get(rule.id):
                found.append(Matched(rule, screen))
            self._met[rule.id] = shown
        self._due.extend(found)
        return found
