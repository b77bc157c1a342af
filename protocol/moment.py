"""Moments as the reader counts them: milliseconds since 1970-01-01 00:00, its local time. Project-defined."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

LATEST_MOMENT: Final = 253_402_300_799_000
"""9999-12-31 23:59:59, the last moment that groups can express."""


def moment_text(moment: int | None) -> str:
    """Return a moment of the reader (ms since 1970) as `2019-03-05 08:00:00`, `None` as `-`."""
    if moment is None:
        return "-"
    try:
        return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f"{moment} ms"
