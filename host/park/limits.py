"""How much a reader's clock may be off and an update may fail, unless somebody says otherwise."""

from __future__ import annotations

from typing import Final

DEFAULT_DRIFT_MS: Final = 5 * 60_000
MOST_FAILURES: Final = 30
"""How many exchanges in a row may fail, with a pause after each, before an update gives up."""
