"""The help of a command in the language spoken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import typer

from tla_sim.tools.language import localise

_KEPT: Final = "tla_said_in_english"
_PARTS: Final = ("help", "short_help", "epilog", "subcommand_metavar")


def translate_help(command: Any) -> Any:
    """Translate the help of a command, its options and sub-commands in place, and return the command.

    Each paragraph becomes one line, so that it can be wrapped to any width. The English text is kept as well,
    because another language may be spoken later in the same process.
    """
    for part, name, english in _english_texts(command):
        setattr(part, name, "\n\n".join(localise(each) for each in _paragraphs(english)))
    return command


def texts(command: Any) -> Iterator[str]:
    """Return the paragraphs of a command's help, in English."""
    for _, _, english in _english_texts(command):
        yield from _paragraphs(english)


def _english_texts(command: Any) -> Iterator[tuple[Any, str, str]]:
    """Yield the parts of the help that have text: the object, the attribute, and its English text."""
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
