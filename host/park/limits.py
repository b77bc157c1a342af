"""Default limits: how much a reader's clock may be off, and how often an update may fail."""

from __future__ import annotations

from typing import Final

DEFAULT_DRIFT_MS: Final = 5 * 60_000
MOST_FAILURES: Final = 30
"""The number of exchanges in a row that may fail, with a pause after each, before an update gives up."""
