"""Show a running campaign: a live table on a terminal, otherwise a line every ten seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.fuzz.campaign import Campaign, Tally
from tla_sim.tools.fuzz.targets.registry import target
from tla_sim.tools.fuzz.unreachable import why_not
from tla_sim.tools.language import localise

_LINE_EVERY: Final = 10.0


@contextmanager
def follow(campaign: Campaign) -> Iterator[Callable[[Tally], None]]:
    """Yield a function to call after every task."""
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
    return localise(
        Sentence(
            "{seconds:.0f} s: {cases}, {findings}, {branches}, corpus {kept}",
            seconds=tally.seconds,
            cases=Quantity(sum(tally.cases.values()), "case"),
            findings=Quantity(len(tally.findings), "finding"),
            branches=Quantity(tally.arc_count, "branch", "branches"),
            kept=tally.kept,
        )
    )


def _table(campaign: Campaign) -> Table:
    tally = campaign.tally
    title = Sentence("seed {seed}", seed=campaign.plan.seed)
    table = Table(title=localise(title), caption=_sentence(tally))
    for heading in sentences("target", "cases", "cases/s", "judged/s", "pairs seen", "findings"):
        table.add_column(localise(heading), justify="left" if heading == "target" else "right")
    for name in campaign.plan.targets:
        busy = float(tally.busy[name])
        found = sum(key[0] == name for key in tally.findings)
        table.add_row(
            name,
            _number(tally.cases[name]),
            _number(tally.cases[name] / tally.seconds) if tally.seconds else "",
            _number(tally.units[name] / busy) if busy else "",
            _pairs(name, tally),
            str(found),
        )
    table.add_row(localise(Sentence("new coverage")), "", "", "", _number(tally.new_arcs), "")
    return table


def _pairs(name: str, tally: Tally) -> str:
    declared = [pair for pair in target(name).declared() if why_not(name, *pair) is None]
    seen: Mapping[tuple[str, str], int] = tally.pairs.get(name, {})
    if not declared:
        return ""
    share = sum(pair in seen for pair in declared) / len(declared)
    return localise(Sentence("{share:.0%}", share=share))


def _number(number: float) -> str:
    return localise(Sentence("{number:,.0f}", number=number))
