"""Figures with their baselines, as a table and as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

_PIPE_WIDTH: Final = 130
"""Columns without a terminal: rich would assume 80, and truncate the names."""


@dataclass(frozen=True)
class Figure:
    """One measured figure: value and unit, the baseline's name and value, and the target of their ratio.

    With `at_most` the ratio must not exceed the target; otherwise it must reach it. `worst` is the least
    favourable ratio of any turn, where there were turns.
    """

    name: str
    value: float
    unit: str
    baseline: str
    baseline_value: float
    target: float
    at_most: bool
    worst: float | None = None

    @property
    def ratio(self) -> float:
        """The value divided by the baseline."""
        return self.value / self.baseline_value

    @property
    def met(self) -> bool:
        """Whether the ratio meets the target."""
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target


def show(figures: list[Figure], path: Path) -> None:
    """Print the table and write the JSON."""
    table = Table(title="Benchmarks", header_style="bold")
    for heading in ("figure", "value", "unit", "baseline", "its value", "ratio", "worst", "target", "met"):
        table.add_column(
            heading, justify="right" if heading in ("value", "its value", "ratio", "worst") else "left"
        )
    for figure in figures:
        sign = "≤" if figure.at_most else "≥"
        table.add_row(
            figure.name,
            f"{figure.value:,.3g}" if figure.value < 1000 else f"{figure.value:,.0f}",
            figure.unit,
            figure.baseline,
            f"{figure.baseline_value:,.3g}"
            if figure.baseline_value < 1000
            else f"{figure.baseline_value:,.0f}",
            f"{figure.ratio:.2f}",
            "" if figure.worst is None else f"{figure.worst:.2f}",
            f"{sign} {figure.target:g}",
            "yes" if figure.met else "[red]no[/red]",
        )
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)
    rows = [asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
