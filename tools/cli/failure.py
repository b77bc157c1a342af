"""The messages on standard error when something fails, and the exit codes.

0 done; 1 refused by the reader, a card or a rule; 2 wrong usage, or a file that cannot be used; 3 the link
failed or the outcome is uncertain; 70 an internal error; 130 stopped with Ctrl-C; 141 nobody reads standard
output any more.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from typer.exceptions import TyperException

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.printable import printable
from tla_sim.tools.cli.remedies import remedy
from tla_sim.tools.cli.usage import usage_sentence
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    import threading

REFUSED: Final = 1
UNUSABLE: Final = 2
LINK_FAILED: Final = 3
INTERNAL: Final = 70
STOPPED: Final = 130
UNHEARD: Final = 141


class UsageProblem(TlaError):
    """The arguments do not go together, or a given file is not what the verb needs."""

    category = Category.BAD_INPUT


_CODES: Final = {
    Category.REFUSED: REFUSED,
    Category.BAD_INPUT: UNUSABLE,
    Category.LINK: LINK_FAILED,
    Category.UNCERTAIN: LINK_FAILED,
}


def exit_code(error: TlaError | type[TlaError]) -> int:
    """Return the exit code of an error, or of every error of a class."""
    return _CODES[error.category]


def report(error: TlaError, as_json: bool = False) -> int:
    """Say on standard error what went wrong and what to do. Return the exit code."""
    import json

    code = exit_code(error)
    if as_json:
        said, action = localise(error.message), localise(remedy(error.action))
        told = {"code": error.code, "category": error.category.value, "error": said, "action": action}
        ssv = None if error.ssv is None else f"{error.ssv:04X}"
        _say(json.dumps(told | {"exit": code, "ssv": ssv}))
    else:
        technical = "" if error.ssv is None else f" (SSV {error.ssv:04X})"
        _say(f"{_sentences(error)}{technical}")
    return code


def _sentences(error: TlaError) -> str:
    said = localise(error.message)
    if type(error).told is not TlaError.told:
        # Such a message ends with the reader's screen, after which no full stop belongs.
        return f"{said}\n{localise(remedy(error.action))}".rstrip()
    sentences = f"{said}. {localise(remedy(error.action))}." if error.action else said
    return "\n".join((sentences, *map(localise, error.details)))


def report_file(error: OSError, as_json: bool = False) -> int:
    """Say which file or device could not be used, and why. Return the exit code."""
    reason = error.strerror or type(error).__name__
    where = f"{error.filename}: " if error.filename is not None else ""
    problem = UsageProblem(
        "{where}{reason}", "Correct that, then run the same command again", where=where, reason=reason
    )
    return report(problem, as_json)


def report_usage(error: TyperException, as_json: bool = False) -> int:
    """Say what is wrong with the arguments, or show the help of a command called without any. Return the
    exit code.
    """
    show = getattr(error, "show", None)
    if show is not None and type(error).__name__ == "NoArgsIsHelpError":
        show(sys.stdout)
        return UNUSABLE
    message = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "tla"
    problem = UsageProblem(usage_sentence(message), Sentence("Try: {command} --help", command=command))
    if as_json:
        return report(problem, as_json)
    said, advice = localise(problem.message), localise(problem.action)
    _say(f"{said}{'' if said.endswith('?') else '.'} {advice}")
    return UNUSABLE


def report_stop() -> int:
    """Say that Ctrl-C lost nothing. Return the exit code."""
    _say(localise("Stopped. Nothing is lost: run the same command again to continue from there."))
    return STOPPED


def report_unloaded(error: ImportError | MemoryError) -> int:
    """Say that the system could not provide memory or a part of this program. Return the exit code."""
    if isinstance(error, MemoryError):
        return report(UsageProblem("There is not enough memory", "Close other programs, then try again"))
    if isinstance(error, ModuleNotFoundError):
        return report_internal(error)
    # The loader's own message names the file.
    problem = UsageProblem(
        "A part of tla cannot be loaded: {reason}",
        "Check the disk and the memory of this machine, then run the same command again",
        reason=error.msg,
    )
    return report(problem)


def report_internal(error: Exception) -> int:
    """Report an internal error, with a traceback only if TLA_DEBUG=1. Return the exit code."""
    import traceback

    if os.environ.get("TLA_DEBUG") == "1":
        traceback.print_exception(error)
    name = type(error).__name__
    said = Sentence(
        "Internal error of tla ({name}). Please report it, with the output of TLA_DEBUG=1 tla ….", name=name
    )
    _say(localise(said))
    return INTERNAL


def report_thread(ended: threading.ExceptHookArgs) -> None:
    """Report an error that ended a thread, ours or a library's, like any internal error."""
    if isinstance(ended.exc_value, Exception):
        report_internal(ended.exc_value)


def _say(text: str) -> None:
    print("\n".join(printable(line) for line in text.splitlines()), file=sys.stderr)
