"""Standard output: tables for people, JSON for programs. All text is translated here."""

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
"""Width of a table that does not go to a terminal, in characters."""

_COLOURS: Final = ("green", "red")

JsonOption = Annotated[
    bool, typer.Option("--json", metavar="", help="Print JSON on standard output instead of tables.")
]


def print_json(document: object) -> None:
    """Print one JSON document, with its keys in the given order."""
    import json

    print_json_text(json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n")


def print_json_text(text: str) -> None:
    """Print JSON that is text already, with a line feed at its end.

    What does not show, or what standard output cannot say, is escaped, so that nothing steers the terminal.
    """
    import json
    import re

    unicode = _speaks_unicode()

    def escape(match: re.Match[str]) -> str:
        return match[0] if unicode and match[0].isprintable() else json.dumps(match[0])[1:-1]

    print(re.sub("[^\n -~]", escape, text), end="")


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def console() -> Console:
    """Return standard output as a rich console, for what moves on a terminal."""
    from rich.console import Console

    return Console(width=_room(), highlight=False, markup=False, emoji=False)


def note(text: str) -> None:
    """Print a remark on standard error, where it never mixes with data."""
    print(printable(localise(text)), file=sys.stderr)


def print_line(text: str, code: str = "") -> None:
    """Print one line of text, followed by `code`, which is the same in every language."""
    print(printable(f"{localise(text)}{code}"))


def print_as_it_is(text: str) -> None:
    """Print one line without translating it, such as what a user typed or a reader shows."""
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
    """Print a table. `right` names the right-aligned columns; `footer` is a last line with one cell per
    column.

    On a terminal too narrow for whole words, the `optional` columns are dropped, in the given order; names
    that are not headings are ignored.
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
    """Print names and values, one pair per line."""
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
    """Print one line, without blanks at its end."""
    shown = list(pieces)
    while shown and not shown[-1].text.strip():
        shown.pop()
    print("".join(_style(text, style) for text, style in shown))


def _style(text: str, style: str) -> str:
    """Return the text in a style, plain on a terminal without styles."""
    if not style or not text or not _shows_styles():
        return text
    colour = style if style in _COLOURS else None
    return typer.style(text, fg=colour, bold=style == "bold" or None, dim=style == "dim" or None)


def _shows_styles() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def _room() -> int:
    """Return the width of standard output in characters."""
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
