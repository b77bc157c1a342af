"""The moments to which a reader can go back by its clock."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

MAX_MOMENTS: Final = 20_000


class Moment(NamedTuple):
    """How many inputs the reader had taken, and its clock in ms."""

    step: int
    clock_ms: int


class Moments:
    """The newest moments at which a screen came or an exchange ended, at most `most`."""

    def __init__(self, most: int = MAX_MOMENTS) -> None:
        # As plain tuples, since there is one for every exchange and hardly any is looked at.
        self._moments: deque[tuple[int, int]] = deque(maxlen=most)

    def add(self, step: int, clock_ms: int) -> None:
        """Take note of a moment."""
        self._moments.append((step, clock_ms))

    def at(self, clock_ms: int) -> Moment | None:
        """Return the last moment that was not later, `None` when none is known."""
        found = next((moment for moment in reversed(self._moments) if moment[1] <= clock_ms), None)
        return None if found is None else Moment(*found)

    def drop_after(self, step: int) -> None:
        """Forget the moments after a step."""
        while self._moments and self._moments[-1][0] > step:
            self._moments.pop()
