"""How a verb's module makes its `verb`."""

from __future__ import annotations

from typing import Any

import typer


def new_verb(help_of_group: str = "") -> typer.Typer:
    """A verb of its own (its one command has the help), or with a help text a group of commands."""
    verb = typer.Typer(
        no_args_is_help=bool(help_of_group), add_completion=False, pretty_exceptions_enable=False
    )
    if help_of_group:
        # With a callback a Typer is a group, even of one command.
        verb.callback(help=help_of_group)(lambda: None)
    return verb


def untyped(command: Any) -> Any:
    """The command, its help without the names of Python types: an option that is a switch takes no value,
    and what an argument is its help says."""
    asks_help = command.get_help_option(typer.Context(command))
    for parameter in (*command.params, *([] if asks_help is None else [asks_help])):
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = _nothing
        elif getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    if type(getattr(command, "commands", None)) is dict:
        for inner in command.commands.values():
            untyped(inner)
    return command


def _nothing(ctx: Any) -> None:
    """No type to display."""
