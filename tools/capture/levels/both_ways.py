"""What the levels of a line with two directions share: silence, and the line's end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from tla_sim.tools.capture.levels.events import Event

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)


class Stream(Protocol[C_co]):
    """One direction of a line, cut into pieces."""

    @property
    def due_ns(self) -> int | None:
        """When silence ends what is half heard, `None` if nothing is."""

    def settle(self) -> Iterable[C_co]:
        """Return what is half heard, as it is, and begin afresh."""


class BothWays(ABC, Generic[C]):
    """A line's two directions: to the reader, and from it."""

    def __init__(self, to_reader: Stream[C], from_reader: Stream[C]) -> None:
        self._ways = (to_reader, from_reader)

    @property
    def due_ns(self) -> int | None:
        """When to call `tick`, `None` while only bytes matter."""
        return min((due for way in self._ways if (due := way.due_ns) is not None), default=None)

    def tick(self, ns: int) -> list[Event]:
        """Return what silence up to `ns` has ended."""
        events: list[Event] = []
        for from_reader, way in enumerate(self._ways):
            due = way.due_ns
            if due is not None and ns >= due:
                events += self._settle(bool(from_reader))
        return events

    def end(self) -> list[Event]:
        """Return what is half heard: the line was let go."""
        return [*self._settle(False), *self._settle(True)]

    def _settle(self, from_reader: bool) -> list[Event]:
        return [
            event for cut in self._ways[from_reader].settle() for event in self._pass_on(from_reader, cut)
        ]

    @abstractmethod
    def _pass_on(self, from_reader: bool, cut: C) -> list[Event]:
        """Return what one piece of a direction says."""
