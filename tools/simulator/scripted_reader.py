"""What a program does with a simulated reader beside a person's hands: rules, waits, faults, looking back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple

from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.simulator.body import Body, ElsewhereOnly
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.opening import check_time
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.rules import Rule
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.trace_ring import TracedExchange
from tla_sim.tools.simulator.control.waits import WaitTimedOut
from tla_sim.tools.simulator.controlled_body import ControlledBody

PATIENCE_MS = 60_000


class RuleAdded(NamedTuple):
    """The number of a rule, and whether it acted at once because the screen met it already."""

    number: int
    matched: bool


class ScriptedReader(ABC):
    """The part of `SimulatedReader` for programs: what neither a hand nor a host does."""

    @property
    @abstractmethod
    def _body(self) -> Body:
        """The reader, wherever it runs. Raises ReaderClosed."""

    @property
    def control(self) -> ReaderControl:
        """All that can be done with the reader in this process, as one object.

        Raises ElsewhereOnly for a served reader.

            >>> reader.control.screen.revision > 0
            True
        """
        body = self._body
        if not isinstance(body, ControlledBody):
            raise ElsewhereOnly("The reader runs in a process of its own", "Look at its screen, or ask it")
        return body.control

    def wait_for(
        self,
        text: str = "",
        *,
        regexp: str = "",
        no_text: str = "",
        exchange: str = "",
        timeout_ms: int = PATIENCE_MS,
    ) -> tuple[str, ...]:
        r"""Let time pass until the screen shows `text`, and return its four lines.

        Or until `regexp` is found in it, it does not show `no_text`, or a host has sent the command
        `exchange`; see `Condition`. In this process the reader's time passes at once. Raises WaitTimedOut
        after `timeout_ms` of it, BadCondition, BadPattern, and ElsewhereOnly for exchanges of a served
        reader.

            >>> with tla_sim.SimulatedReader.in_memory() as visit:
            ...     visit.wait_for(regexp=r"\d\d/\d\d 08:05", timeout_ms=600_000)[0]
            'TLA 1.40 05/03 08:05'
        """
        condition = Condition(text, regexp, no_text, exchange)
        check_time(timeout_ms)
        waited = self._body.wait_for(condition, timeout_ms)
        if not waited.matched:
            raise WaitTimedOut(
                "{wanted!r} did not come within {ms} ms; the screen shows {shown}",
                "Check what was done before, or wait longer",
                wanted=text or regexp or no_text or exchange,
                ms=timeout_ms,
                shown=" / ".join(waited.screen.text.split("\n")),
            )
        return tuple(line.rstrip() for line in waited.screen.lines)

    def add_rule(
        self,
        text: str = "",
        *,
        regexp: str = "",
        no_text: str = "",
        keys: Iterable[str] = (),
        insert_ps: str = "",
        insert_vitale: str = "",
        remove: Iterable[Slot] = (),
        fault: str = "",
        once: bool = False,
    ) -> RuleAdded:
        """Have something done whenever the screen meets a condition, at once if it does so now.

        The condition is as for `wait_for`. Cards are removed, then inserted by name, then a fault plan is
        injected, counted from then, then keys are pressed. With `once` the rule acts once only. Raises
        BadRule, BadCondition, BadPattern, UnknownKey, UnknownCard, PlanMalformed, TooManyRules.

            >>> with tla_sim.SimulatedReader.in_memory() as desk:
            ...     desk.insert_ps("PIQURE2969")
            ...     _ = desk.add_rule("CODE PORTEUR", keys=[desk.code, "VAL"])
            ...     desk.client().verify_code_at_reader().verified
            True
        """
        inserted = ((Slot.PS, insert_ps), (Slot.VITALE, insert_vitale))
        rule = Rule(
            Condition(text, regexp, no_text),
            tuple(keys),
            tuple((slot, name) for slot, name in inserted if name),
            tuple(remove),
            fault,
            once,
        )
        added, matched = self._body.add_rule(rule)
        return RuleAdded(added.id, bool(matched))

    def remove_rule(self, number: int) -> None:
        """Remove a rule by its number. Raises UnknownRule.

        >>> with tla_sim.SimulatedReader.in_memory() as visit:
        ...     visit.remove_rule(visit.add_rule("CODE PORTEUR", keys=["ANN"]).number)
        """
        self._body.remove_rule(number)

    def set_battery(self, percent: int) -> None:
        """Set the charge of the battery, 0 to 100 per cent.

        Raises BadBattery, and ElsewhereOnly for a served reader.
        """
        self.control.battery(percent)

    def open_case(self) -> None:
        """Open the case, which the reader notices for good. Raises ElsewhereOnly for a served reader."""
        self.control.open_case()

    def inject(self, plan: FaultPlan | str) -> tuple[Fault, ...]:
        """Have the faults of a plan strike, counted from now. Return them as they are counted in full.

        Raises PlanMalformed, HostFault, and ElsewhereOnly for a served reader.

            >>> with tla_sim.SimulatedReader.in_memory() as shaky:
            ...     _ = shaky.client().identify(), shaky.inject("reader.reset@0")
            ...     _ = shaky.client().identify()
            ...     shaky.struck
            ('reader.reset@1:1',)
        """
        return self.control.inject(plan)

    def clear_faults(self) -> None:
        """Call off the faults that have not struck yet. Raises ElsewhereOnly for a served reader."""
        self.control.clear_faults()

    def timeline(self, after: int = 0) -> tuple[ScreenShown, ...]:
        """Return the settled screens since revision `after`, the oldest first, of the newest 10,000.

        Raises ElsewhereOnly for a served reader.

            >>> with tla_sim.SimulatedReader.in_memory() as visit:
            ...     visit.insert_vitale("MARTIN")
            ...     [shown.lines[0].rstrip() for shown in visit.timeline()]
            ['TLA 1.40 05/03 08:00', 'MARTIN PAUL']
        """
        return self.control.timeline(after)

    def trace(self, after: int = 0) -> tuple[TracedExchange, ...]:
        """Return the exchanges after that of number `after`, the oldest first, of the newest 10,000.

        No code porteur is in them. Raises ElsewhereOnly for a served reader.

            >>> with tla_sim.SimulatedReader.in_memory() as desk:
            ...     _ = desk.client().identify()
            ...     [exchange.command[:2].hex() for exchange in desk.trace()]
            ['8010']
        """
        return self.control.trace(after).items
