"""The language of a whole process, settled before the command line is built, because typer reads some
texts early.
"""

from __future__ import annotations

import gettext
import os

from tla_sim.tools.language import Language, language_of_environment, speak

_OPTION = "--lang"


def settle(arguments: list[str]) -> None:
    """Speak the language of `--lang`, wherever it is given before `--`, otherwise that of the environment.

    A `--lang` after the verb is moved in front of it. A wrong value is left for the command line to refuse.
    """
    language = language_of_environment()
    given = _take_language(arguments)
    if given is not None:
        arguments[1:1] = [_OPTION, given]
        if given in list(Language):
            language = Language(given)
    speak(language)
    if language is Language.FR:
        from tla_sim.tools.language.french import DOMAIN, FOLDER

        os.environ["LANGUAGE"] = language
        gettext.bindtextdomain(DOMAIN, str(FOLDER))
        gettext.textdomain(DOMAIN)


def _take_language(arguments: list[str]) -> str | None:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for at in range(1, end):
        word = arguments[at]
        if word.startswith(f"{_OPTION}="):
            del arguments[at]
            return word.partition("=")[2]
        if word == _OPTION and at + 1 < end:
            given = arguments[at + 1]
            del arguments[at : at + 2]
            return given
    return None
