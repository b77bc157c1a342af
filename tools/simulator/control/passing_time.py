"""How a control's reader lets time pass, and who waits meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.control_core import ControlCore
from tla_sim.tools.simulator.control.opening import check_time
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.waits import Wait, Waited

_LEAST_STEP_MS: Final = 1_000
"""What comes and goes within this time, in ms, may be passed over when much time passes at once."""


class PassingTime(ControlCore):
    """The time of a control's reader."""

    def advance(self, ms: int) -> ScreenShown:
        """Let `ms` milliseconds of the reader's time pass at once. Return the settled screen.

        Raises BadTime.
        """
        check_time(ms)
        # Whoever looks out for a screen must not miss one that would come and go meanwhile.
        while (self._waits or self._rules) and ms > _LEAST_STEP_MS:
            step = min(ms, max(self.ms_until_due or ms, _LEAST_STEP_MS))
            self.reader.tick(step)
            ms -= step
        self.reader.tick(ms)
        return self.screen

    def wait(
        self, condition: Condition, timeout_ms: int, done: Callable[[Waited], None]
    ) -> Callable[[], None]:
        """Call `done` once the condition is met, or once `timeout_ms` of the reader's time have passed.

        That is before this returns if the screen meets it already. Return a function that cancels the wait.
        Raises BadTime, TooManyWaits.
        """
        check_time(timeout_ms)
        self._last_ms = self.clock_ms
        wait = Wait(condition, self._passed_ms + timeout_ms, done)
        cancel = self._waits.add(wait, self.screen)
        self._waits.pass_time(self._passed_ms, self.screen)
        return cancel

    def wait_for(self, condition: Condition, timeout_ms: int) -> Waited:
        """Let the reader's time pass until the condition is met, at most `timeout_ms`. Return how it ended.

        Raises as `wait`.
        """
        ended: list[Waited] = []
        cancel = self.wait(condition, timeout_ms, ended.append)
        try:
            while not ended:
                self.jump_to_due()
        finally:
            cancel()
        return ended[0]

    @property
    def command_under_way(self) -> bool:
        """Whether a host waits for an answer, or for a code to be typed."""
        return any(port.due_ms is not None for port in self.reader.ports)

    @property
    def waits(self) -> bool:
        """Whether somebody waits for a condition."""
        return bool(self._waits)

    @property
    def waits_alone(self) -> bool:
        """Whether somebody waits, and only for what the reader may show by itself."""
        return bool(self._waits) and not self._waits.for_hosts

    @property
    def answer_due_ms(self) -> int | None:
        """The clock time of the next answer that a host waits for while the reader or a card works."""
        due = [
            port.due_ms for port in self.reader.ports if port.due_ms is not None and port.code_entry is None
        ]
        return min(due, default=None)

    @property
    def ms_until_due(self) -> int | None:
        """The milliseconds of the reader's time until something happens by itself or a wait is over."""
        waits = [] if self._waits.until_ms is None else [self._waits.until_ms - self._passed_ms]
        if self.reader.due_ms is not None:
            waits.append(self.reader.due_ms - self.clock_ms)
        return max(min(waits), 0) if waits else None

    def jump_to_due(self) -> None:
        """Let the time pass at once until something happens by itself or a wait is over."""
        ms = self.ms_until_due
        if ms is not None:
            self.reader.tick(ms)
