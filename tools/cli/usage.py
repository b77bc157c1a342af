"""typer's messages about wrong usage, parsed back into sentences: typer only gives finished English text."""

from __future__ import annotations

import re
from string import Formatter
from typing import Final

from tla_sim.protocol.sentence import Sentence, sentences

_FORMS: Final = sentences(
    "{said}. Did you mean {name}?",
    "{said} (Possible options: {names})",
    "Invalid value for {name}: {said}",
    "No such option: {name}",
    "No such command '{name}'",
    "Missing argument '{name}'",
    "Missing option '{name}'",
    "Missing command",
    "{name} is not one of {names}",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be greater than or equal to {least}",
    "Input should be less than or equal to {most}",
    "Got unexpected extra argument(s) ({arguments})",
    "Option '{name}' requires an argument",
    "Option '{name}' does not take a value",
)


def usage_sentence(text: str) -> str:
    """Return a message of typer as a sentence, or unchanged if its form is unknown."""
    bare = text.removeprefix("Value error, ").rstrip(".")
    for form in _FORMS:
        match = re.fullmatch(_pattern(form), bare)
        if match is not None:
            values = match.groupdict()
            return Sentence(
                form, **values | {"said": usage_sentence(values["said"])} if "said" in values else values
            )
    return bare


def _pattern(form: str) -> str:
    parts = ((re.escape(text), name) for text, name, _, _ in Formatter().parse(form))
    return "".join(text if name is None else f"{text}(?P<{name}>.*?)" for text, name in parts)
