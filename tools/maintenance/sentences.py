"""Collect the sentences that users read: from the sources, the page's scripts, the declarations of what
travels, the verbs' help, and foreign words.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer
from babel.messages.extract import extract_python

import tla_sim
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Joined, Quantity, Sentence, sentences
from tla_sim.tools.cli.app import VERBS, app
from tla_sim.tools.judge.violation import Violation
from tla_sim.tools.language.help import texts
from tla_sim.tools.maintenance.foreign import FOREIGN
from tla_sim.tools.maintenance.page_sentences import SCRIPTS, page_sentences
from tla_sim.tools.maintenance.wire_sentences import wire_sentences

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("protocol", "host", "reader_fw", "tools")
SAID: Final = ("localise", "note", "print_line", "confirm")
"""Functions whose first argument is text for users."""

Message = str | tuple[str, str]
"""A sentence, or its singular and plural."""


def collect_sentences() -> dict[Message, str]:
    """Return each sentence with the first place that uses it."""
    found: dict[Message, str] = {}
    for place, message in (
        *_foreign(),
        *_of_the_sources(),
        *_of_the_page(),
        *wire_sentences(),
        *_of_the_help(),
    ):
        if message and message != ("", ""):
            found.setdefault(message, place)
    return found


def error_names() -> frozenset[str]:
    """Return the names of all error classes, and `__init__`, by which a class calls its base.

    A call of any of them takes two templates, message and action.
    """
    for module in pkgutil.walk_packages(tla_sim.__path__, "tla_sim."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    return frozenset(("__init__", *(each.__name__ for each in _errors(TlaError))))


def _of_the_sources() -> Iterator[tuple[str, Message]]:
    errors = error_names()
    words = {Sentence.__name__, Joined.__name__, Quantity.__name__, sentences.__name__, Violation.__name__}
    words |= {*SAID, *errors}
    keywords = dict.fromkeys(words, (1,))
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            with path.open("rb") as file:
                for _, function, told, _ in extract_python(file, keywords, (), {}):
                    given = (told,) if isinstance(told, str) else tuple(told or ())
                    for message in _messages(str(function), given, function in errors):
                        yield name, message


def _messages(function: str, given: tuple[str | None, ...], is_error: bool) -> Iterator[Message]:
    """Yield the sentences among the arguments of a call."""
    if function == Quantity.__name__:
        one, several = (*given[1:], None, None)[:2]
        if one:
            yield f"{{count:,}} {one}", f"{{count:,}} {several or one + 's'}"
        return
    has_several = is_error or function == Violation.__name__
    last = len(given) if function == sentences.__name__ else 3 if has_several else 1
    yield from (text for text in given[:last] if text)


def _errors(base: type[TlaError]) -> Iterator[type[TlaError]]:
    yield base
    for each in base.__subclasses__():
        yield from _errors(each)


def _of_the_page() -> Iterator[tuple[str, Message]]:
    for path in sorted(SCRIPTS.rglob("*.js")):
        name = path.relative_to(SCRIPTS).as_posix()
        for message in page_sentences(path.read_text("utf-8"), name):
            yield f"tools/web/pages/js/{name}", message


def _of_the_help() -> Iterator[tuple[str, Message]]:
    for text in texts(typer.main.get_command(app)):
        yield "tools/cli/app.py", text
    for name in VERBS:
        module = importlib.import_module(f"tla_sim.tools.cli.{name}")
        for text in texts(typer.main.get_command(module.verb)):
            yield f"tools/cli/{name}.py", text


def _foreign() -> Iterator[tuple[str, Message]]:
    for place, words in FOREIGN.items():
        for text in words:
            yield place, text
