"""How a verb's module makes its `verb`."""

from __future__ import annotations

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
