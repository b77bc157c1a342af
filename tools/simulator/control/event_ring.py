"""The newest events of a reader, numbered, for any number of watchers in other threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from tla_sim.tools.simulator.control.events import Event, EventKind
from tla_sim.tools.simulator.control.ring import Ring
from tla_sim.tools.simulator.control.telling import tell

MAX_EVENTS: Final = 10_000
"""How many events are kept (Project-defined)."""


class Numbered(NamedTuple):
    """An event and its number."""

    seq: int
    event: Event


class Batch(NamedTuple):
    """Consecutive events; `missed` counts those before them that are no longer kept."""

    events: tuple[Numbered, ...]
    missed: int


class EventRing:
    """A ring of numbered events that any thread may use. The first event has the number 1."""

    def __init__(self, most: int = MAX_EVENTS) -> None:
        self._ring: Ring[Numbered] = Ring(most)
        self._lock = threading.Lock()
        self._waiting: dict[int, Callable[[], None]] = {}
        self._tickets = 0

    @property
    def last(self) -> int:
        """The number of the newest event, 0 before the first."""
        return self._ring.last

    def add(self, kind: EventKind, payload: object = None) -> int:
        """Append an event, tell those who wait for one, and return its number."""
        return self.add_event(Event(kind, payload))

    def add_event(self, event: Event) -> int:
        """Append an event, tell those who wait for one, and return its number."""
        with self._lock:
            seq = self._ring.last + 1
            self._ring.add(Numbered(seq, event))
            waiting, self._waiting = self._waiting, {}
        for more in waiting.values():
            tell(_call, more)
        return seq

    def after(self, seq: int, limit: int | None = None) -> Batch:
        """Return the events with a number above `seq`, the oldest first, at most `limit`."""
        with self._lock:
            part = self._ring.after(seq, limit)
        return Batch(part.items, part.missed)

    def when_more(self, seq: int, more: Callable[[], None]) -> Callable[[], None]:
        """Call `more` once, as soon as there is an event with a number above `seq`.

        It is called at once when there is one already, else in the thread that adds the event, and must
        return quickly. Return a function that cancels this.
        """
        with self._lock:
            if self._ring.last <= seq:
                self._tickets += 1
                ticket = self._tickets
                self._waiting[ticket] = more
                return lambda: self._cancel(ticket)
        tell(_call, more)
        return _do_nothing

    def wait_after(self, seq: int, seconds: float) -> Batch:
        """Return the events with a number above `seq`, waiting up to `seconds` for the first."""
        came = threading.Event()
        cancel = self.when_more(seq, came.set)
        try:
            came.wait(seconds)
        finally:
            cancel()
        return self.after(seq)

    def _cancel(self, ticket: int) -> None:
        with self._lock:
            self._waiting.pop(ticket, None)


def _call(more: Callable[[], None]) -> None:
    more()


def _do_nothing() -> None:
    return
