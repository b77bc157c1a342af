"""Progress of the loader's operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an operation: documents and bytes done, their totals, and the owner.

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
"""A function that receives the progress after each step."""


def ignore_progress(progress: Progress) -> None:
    """Ignore the progress."""
