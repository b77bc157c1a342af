"""What a person sees while a campaign runs: a live table on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from tla_sim.tools.fuzz.campaign import Campaign, Tally
from tla_sim.tools.fuzz.targets.registry import target
from tla_sim.tools.fuzz.unreachable import why_not

_LINE_EVERY: Final = 10.0


@contextmanager
def followed(campaign: Campaign) -> Iterator[Callable[[Tally], None]]:
    """A function to call after every task."""
    console = Console(stderr=True)
    if console.is_terminal:
        with Live(_table(campaign), console=console, refresh_per_second=4) as live:
            yield lambda _: live.update(_table(campaign))
        return
    last = time.monotonic()

    def line(tally: Tally) -> None:
        nonlocal last
        if time.monotonic() - last >= _LINE_EVERY:
            last = time.monotonic()
            print(_sentence(tally), file=sys.stderr, flush=True)

    yield line


def _sentence(tally: Tally) -> str:
    cases = sum(tally.cases.values())
    return (
        f"{tally.seconds:.0f} s: {cases:,} cases, {len(tally.findings)} findings, "
        f"{tally.arc_count:,} branches, corpus {tally.kept}"
    )


def _table(campaign: Campaign) -> Table:
    tally = campaign.tally
    table = Table(title=f"seed {campaign.plan.seed}", caption=_sentence(tally))
    for heading in ("target", "cases", "cases/s", "judged/s", "pairs seen", "findings"):
        table.add_column(heading, justify="left" if heading == "target" else "right")
    for name in campaign.plan.targets:
        busy = float(tally.busy[name])
        found = sum(key[0] == name for key in tally.findings)
        table.add_row(
            name,
            f"{tally.cases[name]:,}",
            f"{tally.cases[name] / tally.seconds:,.0f}" if tally.seconds else "",
            f"{tally.units[name] / busy:,.0f}" if busy else "",
            _pairs(name, tally),
            str(found),
        )
    table.add_row("new coverage", "", "", "", f"{tally.new_arcs:,}", "")
    return table


def _pairs(name: str, tally: Tally) -> str:
    declared = [pair for pair in target(name).declared() if why_not(name, *pair) is None]
    seen: Mapping[tuple[str, str], int] = tally.pairs.get(name, {})
    return f"{sum(pair in seen for pair in declared) / len(declared):.0%}" if declared else ""
