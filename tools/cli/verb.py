"""Making the `verb` of a verb's module, and plain help for it."""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

from tla_sim.tools.cli.values import take_plainly

_WIDEST: Final = 1_000
"""Widest help, in characters: in effect the terminal decides, not typer's limit of 80."""
_UNBROKEN: Final = "\u2011"
"""A non-breaking hyphen: textwrap does not end a line at it."""


_PlainFormatter: Any = typer.Context.formatter_class


class _Formatter(_PlainFormatter):  # type: ignore[misc]
    """A help formatter that breaks no line inside a name such as `tla-sim/reader` or `--need-tls`."""

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        super().write_text(text.replace("-", _UNBROKEN))

    def write_dl(self, rows: Sequence[tuple[str, str]], *widths: int, **named_widths: int) -> None:
        """Write a list of names, each with its description."""
        kept = [(name, text.replace("-", _UNBROKEN)) for name, text in rows]
        super().write_dl(kept, *widths, **named_widths)

    def getvalue(self) -> str:
        """Return the help so far."""
        return str(super().getvalue()).replace(_UNBROKEN, "-")


class _Context(typer.Context):
    formatter_class = _Formatter


class Group(TyperGroup):
    """A group of commands whose help lists each with the whole of its first paragraph."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        write_commands(
            formatter, ((name, first_paragraph(self.commands[name])) for name in self.list_commands(ctx))
        )


def first_paragraph(command: Any) -> str:
    """Return the first paragraph of a command's help, which lists of commands show beside its name."""
    return str(command.help or "").partition("\n\n")[0]


def write_commands(formatter: Any, rows: Iterable[tuple[str, str]]) -> None:
    """Write a list of commands, each with its description."""
    with formatter.section(gettext.gettext("Commands")):
        formatter.write_dl(list(rows))


def new_verb(help_of_group: str = "") -> typer.Typer:
    """Return a new verb: a group of commands with this help, or without one a single command, which has
    its own.
    """
    verb = typer.Typer(
        cls=Group,
        no_args_is_help=bool(help_of_group),
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    if help_of_group:
        # A Typer with a callback is a group, even if it has only one command.
        verb.callback(help=help_of_group)(lambda: None)
    return verb


def simplify(command: Any) -> Any:
    """Simplify a command, in place, and return it: its help shows no Python types and fills the terminal,
    and simple values are converted without pydantic. Do the same for its sub-commands.
    """
    command.context_class = _Context
    command.context_settings.setdefault("help_option_names", ["-h", "--help"])
    command.context_settings.setdefault("max_content_width", _WIDEST)
    asks_help = command.get_help_option(typer.Context(command, **command.context_settings))
    for parameter in (*command.params, *([] if asks_help is None else [asks_help])):
        take_plainly(parameter)
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = _nothing
        elif getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    if type(getattr(command, "commands", None)) is dict:
        for inner in command.commands.values():
            simplify(inner)
    return command


def _nothing(ctx: Any) -> None:
    """Return no type to display."""
