"""What the loader tells while it works, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is: documents and bytes done of how many, and on whose behalf.

    >>> steps = []
    >>> _ = tla_sim.push(client, ledger, practice, ["75629690"], on_progress=steps.append)
    >>> steps[-1].done, steps[-1].total
    (5, 5)
    """

    stage: str
    done: int
    total: int
    bytes_done: int
    bytes_total: int
    owner: str = ""


OnProgress = Callable[[Progress], None]
"""Who is told of each step."""


def unheard(progress: Progress) -> None:
    """Tell nobody."""
