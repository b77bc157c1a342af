"""Name the cause of a failure, so that failures with the same cause count as one.

A broken rule raises Violation; any untyped exception from a target is a failure, too. The cause is the rule's
family and subject, or the exception with the innermost function of the project that raised it.
Project-defined.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final, NamedTuple

import tla_sim
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.judge.violation import Violation

_ROOT: Final = Path(tla_sim.__file__).parent
_OURS: Final = ("protocol/", "reader_fw/", "host/", "tools/")
_TOLD_FRAMES: Final = 6


def cause_of(error: BaseException) -> str:
    """Return the cause of a failure: one line, the same for all its cases."""
    if isinstance(error, Violation):
        return error.cause
    for frame in reversed(_frames(error)):
        if frame.place.startswith(_OURS):
            return Sentence(
                "untyped {error} in {place}:{function}",
                error=type(error).__name__,
                place=frame.place,
                function=frame.function,
            )
    return Sentence("untyped {error}", error=type(error).__name__)


def describe_failure(error: BaseException) -> str:
    """Return a failure as text for a person, the same on every machine: paths are relative to the project."""
    if isinstance(error, Violation):
        return error.told
    way = [f"  {each.place}:{each.line} in {each.function}" for each in _frames(error)[-_TOLD_FRAMES:]]
    said = "".join(traceback.format_exception_only(error)).strip()
    return "\n".join((said, *reversed(way)))


class _Frame(NamedTuple):
    place: str
    line: int
    function: str


def _frames(error: BaseException) -> list[_Frame]:
    found = []
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        place = path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name
        found.append(_Frame(place, frame.lineno or 0, frame.name))
    return found
