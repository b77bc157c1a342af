"""The help of a command in the language spoken."""

from __future__ import annotations

from typing import Any, Final

import typer

from tla_sim.tools.language import translated

_KEPT: Final = "tla_said_in_english"
_PARTS: Final = ("help", "short_help", "epilog", "subcommand_metavar")


def worded(command: Any) -> Any:
    """The command, its help and that of its options and sub-commands in the language spoken now.

    Each paragraph becomes one line, so that a terminal of any width breaks it where it ends. What the help
    says in English is kept beside it, so that another language can follow in one process.
    """
    _word(command, _PARTS)
    asks_help = command.get_help_option(typer.Context(command))
    for parameter in (*command.params, *([] if asks_help is None else [asks_help])):
        _word(parameter, ("help", "metavar"))
    if type(getattr(command, "commands", None)) is dict:
        for inner in command.commands.values():
            worded(inner)
    return command


def _word(part: Any, names: tuple[str, ...]) -> None:
    kept = getattr(part, _KEPT, None)
    if kept is None:
        kept = {name: getattr(part, name, None) for name in names}
        setattr(part, _KEPT, kept)
    for name, english in kept.items():
        if english:
            paragraphs = [" ".join(each.split()) for each in english.split("\n\n")]
            setattr(part, name, "\n\n".join(translated(each) for each in paragraphs))
