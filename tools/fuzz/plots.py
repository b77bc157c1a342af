"""Plots of a report: a line over time as inline SVG, and a matrix of counts as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

_WIDTH: Final = 520
_HEIGHT: Final = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 14, 30
_MOST_POINTS: Final = 400
_TICKS: Final = 4


def line_plot(title: str, points: Sequence[tuple[float, float]], unit: str) -> str:
    """Return a curve of values over seconds."""
    shown = points[:: max(len(points) // _MOST_POINTS, 1)] or [(0.0, 0.0)]
    if points and shown[-1] != points[-1]:
        shown = [*shown, points[-1]]
    far = max(max(x for x, _ in shown), 1.0)
    high = max(max(y for _, y in shown), 1.0)

    def at(x: float, y: float) -> str:
        across = _LEFT + x / far * (_WIDTH - _LEFT - _RIGHT)
        down = _HEIGHT - _BOTTOM - y / high * (_HEIGHT - _TOP - _BOTTOM)
        return f"{across:.1f},{down:.1f}"

    grid = []
    rows = min(_TICKS, int(high))
    for step in range(rows + 1):
        _, y = at(0, high * step / rows).split(",")
        grid.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>')
        grid.append(f'<text class="y" x="{_LEFT - 6}" y="{y}" dy="4">{_short(high * step / rows)}</text>')
    for step in range(_TICKS + 1):
        x, _ = at(far * step / _TICKS, 0).split(",")
        grid.append(f'<text class="x" x="{x}" y="{_HEIGHT - 10}">{_time(far * step / _TICKS)}</text>')
    curve = " ".join(at(x, y) for x, y in shown)
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}, {escape(unit)} over time">{"".join(grid)}<polyline class="curve" '
        f'points="{curve}"/></svg></figure>'
    )


def _short(value: float) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:.1f}M"
    return f"{value / 1000:.0f}k" if value >= 10_000 else f"{value:.0f}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 180 else f"{seconds / 60:.0f} min"


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Mapping[tuple[str, str], int],
    declared: Sequence[tuple[str, str]],
    reasons: Mapping[tuple[str, str], str],
) -> str:
    """Return a table of counts: darker is more, red was declared but not seen, hatched cannot be seen."""
    wanted = frozenset(declared)
    top = max(counts.values(), default=1)
    head = "".join(f'<th class="up"><span>{escape(column)}</span></th>' for column in columns)
    body = []
    for row in rows:
        cells = []
        for column in columns:
            pair = (row, column)
            count = counts.get(pair, 0)
            title = f"{row}, {column}: {count:,}"
            if count:
                weight = 0.18 + 0.72 * math.log1p(count) / math.log1p(top)
                cells.append(f'<td class="hit" style="--w:{weight:.2f}" title="{escape(title)}"></td>')
            elif pair in reasons and pair in wanted:
                cells.append(f'<td class="never" title="{escape(f"{title}: {reasons[pair]}")}"></td>')
            elif pair in wanted:
                cells.append(f'<td class="missing" title="{escape(title)}">!</td>')
            else:
                cells.append("<td></td>")
        body.append(f"<tr><th>{escape(row)}</th>{''.join(cells)}</tr>")
    return f'<div class="wide"><table class="matrix"><tr><th></th>{head}</tr>{"".join(body)}</table></div>'
