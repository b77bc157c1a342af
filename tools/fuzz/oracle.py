"""What counts as a failure, and which failures are one and the same.

A rule that does not hold raises Violation. Any exception that a target lets out and that is not typed is one
as well. The cause is what deduplicates: the rule's family with what it says of the subject, or the exception
with the innermost place in the project that raised it. Project-defined.
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
    """The cause of a failure: one line, the same for all its cases."""
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


def told(error: BaseException) -> str:
    """What a person reads of a failure. The same on every machine: places are relative to the project."""
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
