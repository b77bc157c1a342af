"""A progress bar with counts and bytes on standard error, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from tla_sim.tools.cli.printable import bytes_text, printable
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    from rich.progress import TaskID

    from tla_sim.host import progress as host
    from tla_sim.host.progress import OnProgress


class _Traffic:
    """Bytes on the line since the last progress event, so that the bar moves during one long exchange."""

    def __init__(self) -> None:
        self.listener: Callable[[int], None] | None = None

    def moved(self, count: int) -> None:
        """Report that `count` more bytes went over the line."""
        if self.listener is not None:
            self.listener(count)


traffic = _Traffic()


@contextmanager
def show_progress() -> Iterator[OnProgress]:
    """Yield the function that shows each Progress inside the block."""
    if not sys.stderr.isatty():
        from tla_sim.host.progress import ignore_progress

        yield ignore_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TextColumn("{task.fields[sizes]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    task: TaskID | None = None
    latest: host.Progress | None = None
    moving = 0

    def on_bytes(count: int) -> None:
        nonlocal moving
        moving += count
        if task is not None and latest is not None:
            bar.update(task, **_fields(latest, moving))

    def on_progress(progress: host.Progress) -> None:
        nonlocal task, latest, moving
        latest, moving = progress, 0
        label = printable(f"{localise(progress.stage)} {progress.owner}".strip())
        shown = _fields(progress, 0)
        if task is None:
            task = bar.add_task(label, **shown)
        bar.update(task, description=label, **shown)

    traffic.listener = on_bytes
    with bar, ExitStack() as stack:
        stack.callback(setattr, traffic, "listener", None)
        yield on_progress


def _fields(event: host.Progress, moving: int) -> dict[str, Any]:
    """Return the fields of the bar. It follows the bytes if there are any: they move within an exchange."""
    counts = f"{event.done}/{event.total}" if event.total else f"{event.done}"
    if not event.bytes_total:
        return {"completed": event.done, "total": event.total, "counts": counts, "sizes": ""}
    done = min(event.bytes_done + moving, event.bytes_total)
    sizes = f"{localise(bytes_text(done))} / {localise(bytes_text(event.bytes_total))}"
    return {"completed": done, "total": event.bytes_total, "counts": counts, "sizes": sizes}
