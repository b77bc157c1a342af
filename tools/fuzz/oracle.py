"""What counts as a failure, and which failures are one and the same.

An oracle raises Violation. Any exception that a target lets out and that is not typed is one as well. The
cause is what deduplicates: the oracle's name with what it says of the subject, or the exception with the
innermost place in the project that raised it. Project-defined.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
_OURS: Final = ("protocol", "reader_fw", "host", "tools")


class Violation(AssertionError):
    """An oracle was not satisfied. `subject` names what failed, the same for all findings of one cause."""

    def __init__(self, oracle: str, subject: str, detail: str = "") -> None:
        super().__init__(f"{oracle}: {subject}" + (f" ({detail})" if detail else ""))
        self.oracle = oracle
        self.subject = subject
        self.detail = detail


def cause_of(error: BaseException) -> str:
    """The cause of a failure: one line, the same for all its cases."""
    if isinstance(error, Violation):
        return f"{error.oracle}: {error.subject}"
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _OURS:
            place = f"{path.relative_to(_ROOT)}:{frame.name}"
            return f"untyped {type(error).__name__} in {place}"
    return f"untyped {type(error).__name__}"


def told(error: BaseException) -> str:
    """What a person reads of a failure."""
    if isinstance(error, Violation):
        return str(error)
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return "".join(lines[-6:]).strip()
