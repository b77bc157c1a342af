"""What goes to standard output: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.cli.printable import printable

PIPE_WIDTH: Final = 200
"""Columns of a table that does not go to a terminal."""

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
    print(printable(text), file=sys.stderr)


def print_line(text: str) -> None:
    """One line of text."""
    print(printable(text))


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    title: str = "",
    right: Sequence[str] = (),
    footer: Sequence[object] = (),
) -> None:
    """A table. `right` names the columns of numbers; `footer` is a last line, one cell a column."""
    table = Table(box=SIMPLE_HEAD, show_footer=bool(footer), pad_edge=False)
    for index, heading in enumerate(headings):
        table.add_column(
            heading,
            footer=Text(printable(str(footer[index]))) if footer else "",
            justify="right" if heading in right else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    _print_titled(title, table)


def print_facts(facts: Mapping[str, object], *, title: str = "") -> None:
    """Names and values, one a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(_cell(name), _cell(value))
    _print_titled(title, table)


def _print_titled(title: str, table: Table) -> None:
    out = console()
    if title:
        out.print(Text(printable(title), style="bold"), soft_wrap=True)
    out.print(table)


def _cell(value: Any) -> Text:
    match value:
        case None | "":
            return Text("-", style="dim")
        case bool():
            return Text("yes" if value else "no")
        case _:
            return Text("\n".join(printable(line) for line in str(value).splitlines()))
