"""The help of a command in the language spoken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import typer

from tla_sim.tools.language import localise

_KEPT: Final = "tla_said_in_english"
_PARTS: Final = ("help", "short_help", "epilog", "subcommand_metavar")


def translate_help(command: Any) -> Any:
    """The command, its help and that of its options and sub-commands in the language spoken now.

    Each paragraph becomes one line, so that a terminal of any width breaks it where it ends. What the help
    says in English is kept beside it, so that another language can follow in one process.
    """
    for part, name, english in _english_texts(command):
        setattr(part, name, "\n\n".join(localise(each) for each in _paragraphs(english)))
    return command


def texts(command: Any) -> Iterator[str]:
    """Return the paragraphs, in English, of what the help of a command says."""
    for _, _, english in _english_texts(command):
        yield from _paragraphs(english)


def _english_texts(command: Any) -> Iterator[tuple[Any, str, str]]:
    """What the help is made of: parts, and the English of each of their texts."""
    asks_help = command.get_help_option(typer.Context(command))
    options = (*command.params, *([] if asks_help is None else [asks_help]))
    for part, names in ((command, _PARTS), *((option, ("help", "metavar")) for option in options)):
        kept = getattr(part, _KEPT, None)
        if kept is None:
            kept = {name: getattr(part, name, None) for name in names}
            setattr(part, _KEPT, kept)
        yield from ((part, name, english) for name, english in kept.items() if english)
    if type(getattr(command, "commands", None)) is dict:
        for inner in command.commands.values():
            yield from _english_texts(inner)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(each.split()) for each in text.split("\n\n")]
