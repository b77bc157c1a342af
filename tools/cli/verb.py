"""How a verb's module makes its `verb`."""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

from tla_sim.tools.cli.values import take_plainly

_WIDEST: Final = 1_000
_UNBROKEN: Final = "\u2011"
"""A hyphen at which no line ends."""


_PlainFormatter: Any = typer.Context.formatter_class


class _Formatter(_PlainFormatter):  # type: ignore[misc]
    """Help in which no line ends inside a name: `tla-sim/reader`, `--need-tls`."""

    def write_text(self, text: str) -> None:
        """A paragraph."""
        super().write_text(text.replace("-", _UNBROKEN))

    def write_dl(self, rows: Sequence[tuple[str, str]], *widths: int, **named_widths: int) -> None:
        """Names, and beside each what it is."""
        kept = [(name, text.replace("-", _UNBROKEN)) for name, text in rows]
        super().write_dl(kept, *widths, **named_widths)

    def getvalue(self) -> str:
        """The help so far."""
        return str(super().getvalue()).replace(_UNBROKEN, "-")


class _Context(typer.Context):
    formatter_class = _Formatter


class Group(TyperGroup):
    """A group of commands that are listed each with the whole of its first paragraph."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in the help."""
        write_commands(
            formatter, ((name, first_paragraph(self.commands[name])) for name in self.list_commands(ctx))
        )


def first_paragraph(command: Any) -> str:
    """What a command's help says first, and a list of commands beside its name."""
    return str(command.help or "").partition("\n\n")[0]


def write_commands(formatter: Any, rows: Iterable[tuple[str, str]]) -> None:
    """List commands with what each does."""
    with formatter.section(gettext.gettext("Commands")):
        formatter.write_dl(list(rows))


def new_verb(help_of_group: str = "") -> typer.Typer:
    """A verb of its own (its one command has the help), or with a help text a group of commands."""
    verb = typer.Typer(
        cls=Group,
        no_args_is_help=bool(help_of_group),
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    if help_of_group:
        # With a callback a Typer is a group, even of one command.
        verb.callback(help=help_of_group)(lambda: None)
    return verb


def simplify(command: Any) -> Any:
    """The command, its help without the names of Python types: an option that is a switch takes no value,
    and what an argument is its help says. Lines of its help end where the terminal does, and plain values are
    taken without pydantic.
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
    """No type to display."""
