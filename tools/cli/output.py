"""What goes to standard output: tables for people, JSON for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.printable import printable
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    from rich.console import Console

    from tla_sim.tools.cli.table import Text

PIPE_WIDTH: Final = 200
"""Columns of a table that does not go to a terminal."""

_COLOURS: Final = ("green", "red")

JsonOption = Annotated[
    bool, typer.Option("--json", metavar="", help="Print JSON on standard output instead of tables.")
]


def print_json(document: object) -> None:
    """One JSON document, keys in the order given."""
    import json

    print(json.dumps(document, indent=2, ensure_ascii=not _speaks_unicode(), default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def console() -> Console:
    """Standard output as rich has it, for what moves on a terminal."""
    from rich.console import Console

    return Console(width=_room(), highlight=False, markup=False, emoji=False)


def note(text: str) -> None:
    """A remark on standard error: it never mixes with data."""
    print(printable(localise(text)), file=sys.stderr)


def print_line(text: str, code: str = "") -> None:
    """One line of text; `code` stands behind it in every language."""
    print(printable(f"{localise(text)}{code}"))


def print_as_it_is(text: str) -> None:
    """One line in nobody's language: what somebody typed, what a reader shows."""
    print(printable(text))


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
    from tla_sim.tools.cli.table import Column, line_width, lines

    below = [printable(localise(str(cell))) for cell in footer] or [""] * len(headings)
    columns = {
        heading: Column(
            localise(heading), [_cell(row[index]) for row in rows], below[index], heading in right
        )
        for index, heading in enumerate(headings)
    }
    room = _room()
    for name in optional:
        if name in columns and line_width(column.least for column in columns.values()) > room:
            del columns[name]
    _print_title(title)
    print()
    for line in lines(list(columns.values()), room, _rule()):
        _print_pieces(line)
    print()


def print_facts(facts: Mapping[str, object], *, title: str = "") -> None:
    """Names and values, one a line."""
    from tla_sim.tools.cli.table import Text, width, wrap

    _print_title(title)
    names = {name: _cell(name).text for name in facts}
    indent = max(map(width, names.values()), default=0) + 2
    for name, value in facts.items():
        cell = _cell(value)
        said = names[name]
        for line in wrap(cell.text, _room() - indent) or [""]:
            _print_pieces([Text(said, "dim"), Text(" " * (indent - width(said))), Text(line, cell.style)])
            said = ""


def _print_title(title: str) -> None:
    if title:
        print(_style(printable(localise(title)), "bold"))


def _print_pieces(pieces: Iterable[Text]) -> None:
    """One line; no blanks are left at its end."""
    shown = list(pieces)
    while shown and not shown[-1].text.strip():
        shown.pop()
    print("".join(_style(text, style) for text, style in shown))


def _style(text: str, style: str) -> str:
    """The text in a style, on a terminal that shows any."""
    if not style or not text or not _shows_styles():
        return text
    colour = style if style in _COLOURS else None
    return typer.style(text, fg=colour, bold=style == "bold" or None, dim=style == "dim" or None)


def _shows_styles() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def _room() -> int:
    """The width of standard output."""
    return typer.get_terminal_size().columns if sys.stdout.isatty() else PIPE_WIDTH


def _rule() -> str:
    return "─" if _speaks_unicode() else "-"


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "utf-8").lower().startswith("utf")


def _cell(value: Any) -> Text:
    from tla_sim.tools.cli.table import Text

    match value:
        case Text():
            return Text(localise(value.text), value.style)
        case None | "":
            return Text("-", "dim")
        case bool():
            return Text(localise(Sentence("yes") if value else Sentence("no")))
        case _:
            return Text("\n".join(printable(line) for line in localise(str(value)).splitlines()))
