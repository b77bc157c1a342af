"""A progress bar with counts and bytes on standard error; nothing where that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from host import progress
from tools.cli.printable import bytes_text, printable

R = TypeVar("R")


def follow(events: Iterable[progress.Progress | R]) -> R:
    """Show each Progress among `events` and return the result that comes last.

    Raises ValueError when there is no result, and whatever `events` raises.
    """
    result: R | None = None
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[sizes]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = None
        for event in events:
            if not isinstance(event, progress.Progress):
                result = event
                continue
            label = printable(f"{event.stage} {event.owner}".strip())
            sizes = f"{bytes_text(event.bytes_done)} of {bytes_text(event.bytes_total)}"
            if task is None:
                task = bar.add_task(label, total=event.total, sizes=sizes)
            bar.update(task, description=label, completed=event.done, total=event.total, sizes=sizes)
    if result is None:
        raise ValueError("the operation ended without a result")
    return result
