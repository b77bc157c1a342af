"""Waits in a reader's time: until a screen or an exchange meets a condition, or the time is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.telling import tell
from tla_sim.tools.simulator.control.trace_ring import TracedExchange


class WaitTimedOut(TlaError):
    """What was waited for did not come within the time."""

    category = Category.REFUSED


class TooManyWaits(TlaError):
    """Too many wait for this reader already."""

    category = Category.REFUSED


@dataclass(frozen=True, slots=True)
class Waited:
    """How a wait ended: whether its condition was met, the screen then, and the exchange that met it."""

    matched: bool
    screen: ScreenShown
    exchange: TracedExchange | None = None


@dataclass(eq=False)
class Wait:
    """A wait under way, until `until_ms` of the time that has passed at the reader."""

    condition: Condition
    until_ms: int
    done: Callable[[Waited], None] = field(repr=False)


MAX_WAITS: Final = 1_000


class Waits:
    """The waits under way, in the order in which they began."""

    def __init__(self) -> None:
        self._waits: dict[int, Wait] = {}

    def __len__(self) -> int:
        return len(self._waits)

    def __bool__(self) -> bool:
        return bool(self._waits)

    @property
    def until_ms(self) -> int | None:
        """The time that has passed at the reader when the first of them is over."""
        return min((wait.until_ms for wait in self._waits.values()), default=None)

    @property
    def for_hosts(self) -> bool:
        """Whether one of them waits for an exchange, which only a host can begin."""
        return any(not wait.condition.on_screen for wait in self._waits.values())

    def add(self, wait: Wait, screen: ScreenShown) -> Callable[[], None]:
        """Begin a wait, which may be over at once. Return a function that cancels it. Raises TooManyWaits."""
        if len(self._waits) >= MAX_WAITS:
            raise TooManyWaits("Too many wait for this reader", "Let some of them end first")
        if wait.condition.shown(screen):
            tell(wait.done, Waited(True, screen))
            return lambda: None
        key = id(wait)
        self._waits[key] = wait
        return lambda: self._cancel(key)

    def see(self, screen: ScreenShown) -> None:
        """Look at a new screen."""
        self._end([wait for wait in self._waits.values() if wait.condition.shown(screen)], True, screen)

    def hear(self, exchange: TracedExchange, screen: ScreenShown) -> None:
        """Look at an exchange that ended."""
        self._end(
            [wait for wait in self._waits.values() if wait.condition.met_by(exchange)], True, screen, exchange
        )

    def pass_time(self, passed_ms: int, screen: ScreenShown) -> None:
        """End those whose time is over."""
        self._end([wait for wait in self._waits.values() if passed_ms >= wait.until_ms], False, screen)

    def _end(
        self, ended: list[Wait], matched: bool, screen: ScreenShown, exchange: TracedExchange | None = None
    ) -> None:
        for wait in ended:
            del self._waits[id(wait)]
        for wait in ended:
            tell(wait.done, Waited(matched, screen, exchange))

    def _cancel(self, key: int) -> None:
        self._waits.pop(key, None)
