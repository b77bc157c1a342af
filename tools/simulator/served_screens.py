"""The screens of a reader served by another process, as its events tell them: waits for them, and rules."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Final, Protocol

from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.body import ElsewhereOnly
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.rules import Matched, Rule, RuleBook
from tla_sim.tools.simulator.control.screens import ScreenShown, Timeline
from tla_sim.tools.simulator.control.waits import Waited

_BLANK: Final = " " * 20
_QUIET_SECONDS: Final = 1.0
"""After so long without one, a rule that acts is no longer taken to act on the one before it."""
_STOP_SECONDS: Final = 10.0


class Hands(Protocol):
    """What rules do."""

    def insert(self, slot: Slot, card: str | Path) -> None:
        """Put a card in."""

    def remove(self, slot: Slot) -> None:
        """Take the card out, if there is one in the slot."""

    def press(self, *legends: str) -> None:
        """Press keys by their legends."""


class ServedScreens:
    """What a served reader showed. `clock_ms` of a screen is the real time since the reader was served.

    Rules act in a thread of their own, which begins with the first of them.
    """

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._began = time.monotonic()
        self._timeline = Timeline()
        self._timeline.show(0, (_BLANK,) * 4, False)
        self._rules = RuleBook()
        self._changed = threading.Condition()
        self._actor: threading.Thread | None = None
        self._closed = False

    @property
    def now(self) -> ScreenShown:
        """The screen that is shown now."""
        return self._timeline.now

    def show(self, lines: tuple[str, str, str, str]) -> None:
        """Take note of a screen."""
        with self._changed:
            passed = int((time.monotonic() - self._began) * 1000)
            shown = self._timeline.show(passed, lines, any(line.strip() for line in lines))
            if shown is not None:
                self._rules.see(shown)
                self._changed.notify_all()

    def wait_for(self, condition: Condition, timeout_ms: int) -> Waited:
        """Wait in real time until a screen meets the condition. Raises ElsewhereOnly for an exchange."""
        if not condition.on_screen:
            raise ElsewhereOnly(
                "The exchanges of a reader in a process of its own are not known", "Wait for its screen"
            )
        found: list[ScreenShown] = []
        with self._changed:
            # Every screen counts, not only the last: one may come and go before this thread runs.
            seen = self._timeline.now.revision - 1

            def look() -> bool:
                nonlocal seen
                for shown in self._timeline.after(seen):
                    seen = shown.revision
                    if condition.shown(shown):
                        found.append(shown)
                        return True
                return self._closed

            self._changed.wait_for(look, timeout_ms / 1000)
        return Waited(bool(found), found[0] if found else self._timeline.now)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they were added."""
        with self._changed:
            return tuple(self._rules)

    def add_rule(self, rule: Rule) -> tuple[Rule, tuple[Matched, ...]]:
        """Add a rule, which acts at once if the present screen meets it. Return it, and what it matched.

        Raises TooManyRules, and ElsewhereOnly for one with a fault.
        """
        if rule.fault:
            raise ElsewhereOnly(
                "A reader in a process of its own takes no faults while it runs",
                "Plan them before it is served",
            )
        with self._changed:
            added = self._rules.add(rule, self._timeline.now)
            if self._actor is None:
                self._actor = threading.Thread(target=self._carry_out, name="rules", daemon=True)
                self._actor.start()
            self._changed.notify_all()
        return added

    def remove_rule(self, number: int) -> None:
        """Remove a rule. Raises UnknownRule."""
        with self._changed:
            self._rules.remove(number)

    def close(self) -> None:
        """End the rules and the waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._actor is not None:
            self._actor.join(_STOP_SECONDS)

    def _carry_out(self) -> None:
        while (matched := self._next()) is not None:
            rule = matched.rule
            if matched.problem is not None:
                continue
            try:
                for slot in rule.remove:
                    self._hands.remove(slot)
                for slot, name in rule.insert:
                    self._hands.remove(slot)
                    self._hands.insert(slot, name)
                self._hands.press(*rule.keys)
            except TlaError:
                # Nobody asked for this just now; the screen shows what became of it.
                continue

    def _next(self) -> Matched | None:
        matched: Matched | None = None

        def look() -> bool:
            nonlocal matched
            matched = self._rules.next()
            return matched is not None or self._closed

        with self._changed:
            if not self._changed.wait_for(look, _QUIET_SECONDS):
                self._rules.rest()
                self._changed.wait_for(look)
            return None if self._closed else matched
