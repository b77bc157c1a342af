"""The variable TLA_LOG: logging on standard error, to find out what went wrong between two programs."""

from __future__ import annotations

import os
from typing import Final

from tla_sim.tools.cli.failure import UsageProblem

VARIABLE: Final = "TLA_LOG"
LEVELS: Final = ("debug", "info", "warning", "error")
_FORMAT: Final = "%(asctime)s %(name)s: %(message)s"


def switch_logs_on() -> None:
    """Log to standard error at the level that TLA_LOG names; without it nothing is logged.

    Raises UsageProblem for an unknown level.
    """
    level = os.environ.get(VARIABLE, "").lower()
    if not level:
        return
    if level not in LEVELS:
        raise UsageProblem(
            "{variable}={level} is not a logging level",
            "Set it to {levels}",
            variable=VARIABLE,
            level=level,
            levels=", ".join(LEVELS),
        )
    import logging

    logging.basicConfig(format=_FORMAT)
    logging.getLogger("tla_sim").setLevel(level.upper())
