"""A progress bar with counts and bytes on standard error; nothing where that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tla_sim.host import progress
from tla_sim.tools.cli.printable import bytes_text, printable
from tla_sim.tools.language import translated

R = TypeVar("R")


class _Traffic:
    """Bytes on the line since the last event, shown while one exchange takes its time."""

    def __init__(self) -> None:
        self.listener: Callable[[int], None] | None = None

    def moved(self, count: int) -> None:
        """So many bytes more went over the line."""
        if self.listener is not None:
            self.listener(count)


traffic = _Traffic()


def follow(events: Iterable[progress.Progress | R]) -> R:
    """Show each Progress among `events` and return the result that comes last.

    Raises ValueError when there is no result, and whatever `events` raises.
    """
    result: R | None = None
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TextColumn("{task.fields[sizes]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    latest: progress.Progress | None = None
    moving = 0

    def on_bytes(count: int) -> None:
        nonlocal moving
        moving += count
        if task is not None and latest is not None:
            bar.update(task, **_shown(latest, moving))

    task = None
    traffic.listener = on_bytes
    with bar, ExitStack() as stack:
        stack.callback(setattr, traffic, "listener", None)
        for event in events:
            if not isinstance(event, progress.Progress):
                result = event
                continue
            latest, moving = event, 0
            label = printable(f"{translated(event.stage)} {event.owner}".strip())
            shown = _shown(event, 0)
            if task is None:
                task = bar.add_task(label, **shown)
            bar.update(task, description=label, **shown)
    if result is None:
        raise ValueError("the operation ended without a result")
    return result


def _shown(event: progress.Progress, moving: int) -> dict[str, Any]:
    """What the columns show; the bar follows the bytes, which move while one exchange carries much."""
    counts = f"{event.done}/{event.total}"
    if not event.bytes_total:
        return {"completed": event.done, "total": event.total, "counts": counts, "sizes": ""}
    done = min(event.bytes_done + moving, event.bytes_total)
    sizes = f"{translated(bytes_text(done))} / {translated(bytes_text(event.bytes_total))}"
    return {"completed": done, "total": event.bytes_total, "counts": counts, "sizes": sizes}
