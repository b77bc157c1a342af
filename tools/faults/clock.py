"""A board clock whose battery can go flat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tla_sim.reader_fw.board.clock import Clock

FLAT_BATTERY_MS: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""What it shows when the battery was flat."""


class DrainableClock(Clock):
    """A clock that goes back to 2000-01-01 when its battery is drained."""

    def drain(self) -> None:
        """The battery was flat."""
        self._now_ms = FLAT_BATTERY_MS
