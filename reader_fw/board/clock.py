"""The board's clock: integer milliseconds that only the world outside the firmware advances."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

FLAT_BATTERY_MS: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""What the clock shows after its battery was flat."""


class Clock:
    """A clock that stands still until it is advanced; a battery keeps it going while the reader is off.

    `now_ms` is milliseconds since 1970-01-01 00:00, reader local time.
    """

    __slots__ = ("_now_ms",)

    def __init__(self, now_ms: int = 0) -> None:
        if now_ms < 0:
            raise ValueError(f"the clock starts at 0 ms or later, not at {now_ms}")
        self._now_ms = now_ms

    @property
    def now_ms(self) -> int:
        """The present moment."""
        return self._now_ms

    def advance(self, ms: int) -> None:
        """Let `ms` milliseconds pass. Raises ValueError for a negative number."""
        if ms < 0:
            raise ValueError(f"the clock cannot go back by {-ms} ms")
        self._now_ms += ms

    def put_back(self, now_ms: int) -> None:
        """Show a former moment again: for replay only."""
        self._now_ms = now_ms

    def drain(self) -> None:
        """Start again on 2000-01-01, as after a flat battery."""
        self._now_ms = FLAT_BATTERY_MS

    def __repr__(self) -> str:
        return f"Clock(now_ms={self._now_ms})"
