"""What goes to standard output: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tla_sim.tools.cli.printable import printable
from tla_sim.tools.language import translated

PIPE_WIDTH: Final = 200
"""Columns of a table that does not go to a terminal."""

_COLUMN_PADDING: Final = 3

JsonOption = Annotated[
    bool, typer.Option("--json", metavar="", help="Print JSON on standard output instead of tables.")
]


def print_json(document: object) -> None:
    """One JSON document, keys in the order given."""
    print(json.dumps(document, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def console() -> Console:
    """Standard output."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)


def note(text: str) -> None:
    """A remark on standard error: it never mixes with data."""
    print(printable(translated(text)), file=sys.stderr)


def print_line(text: str) -> None:
    """One line of text."""
    print(printable(translated(text)))


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    title: str = "",
    right: Sequence[str] = (),
    footer: Sequence[object] = (),
    optional: Sequence[str] = (),
) -> None:
    """A table. `right` names the columns of numbers; `footer` is a last line, one cell a column.

    On a terminal that is too narrow for whole words the `optional` columns are left out, in their order; one
    that is not among the headings is passed over.
    """
    out = console()
    cells = [[_cell(value) for value in row] for row in rows]
    said = [translated(heading) for heading in headings]
    columns = [[heading, *(row[index].plain for row in cells)] for index, heading in enumerate(said)]
    least = [max(map(_longest_word, column)) for column in columns]
    shown = list(range(len(headings)))
    for name in optional:
        if name in headings and _taken(least[index] for index in shown) > out.width:
            shown.remove(headings.index(name))
    natural = [max(map(_longest_line, columns[index])) for index in shown]
    widths = _widths([least[index] for index in shown], natural, out.width)
    table = Table(box=SIMPLE_HEAD, show_footer=bool(footer), pad_edge=False)
    for index, width in zip(shown, widths, strict=True):
        table.add_column(
            said[index],
            footer=Text(printable(translated(str(footer[index])))) if footer else "",
            justify="right" if headings[index] in right else "left",
            overflow="fold",
            width=width,
        )
    for row in cells:
        table.add_row(*(row[index] for index in shown))
    _print_titled(title, table)


def _widths(least: Sequence[int], natural: Sequence[int], available: int) -> list[int | None]:
    """Widths at which no word is folded, the columns that need little more served first; `None` leaves it
    to rich, where all fits or nothing does."""
    if _taken(natural) <= available or _taken(least) > available:
        return [None] * len(least)
    widths = list(least)
    spare = available - _taken(least)
    for index in sorted(range(len(least)), key=lambda index: natural[index] - least[index]):
        more = min(natural[index] - least[index], spare)
        widths[index] += more
        spare -= more
    return list(widths)


def _taken(widths: Iterable[int]) -> int:
    """Characters of a line of columns this wide, with the rules between them and at its ends."""
    return sum(width + _COLUMN_PADDING for width in widths)


def print_facts(facts: Mapping[str, object], *, title: str = "") -> None:
    """Names and values, one a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(_cell(name), _cell(value))
    _print_titled(title, table)


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _longest_line(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def _print_titled(title: str, table: Table) -> None:
    out = console()
    if title:
        out.print(Text(printable(translated(title)), style="bold"), soft_wrap=True)
    out.print(table)


def _cell(value: Any) -> Text:
    match value:
        case Text():
            return Text(translated(value.plain), style=value.style)
        case None | "":
            return Text("-", style="dim")
        case bool():
            return Text(translated("yes" if value else "no"))
        case _:
            return Text("\n".join(printable(line) for line in translated(str(value)).splitlines()))
