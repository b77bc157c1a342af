"""The small files of a reader's state directory: JSON objects with the number of their format.

They are regular files of a bounded size, or refused. Project-defined.
"""

from __future__ import annotations

import json
from errno import EFBIG, ELOOP
from pathlib import Path
from typing import Any, Final

from tla_sim.host.regular_file import NotAFile, read_regular
from tla_sim.host.whole_file import replace_file
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence

FORMAT: Final = 1
FLASH: Final = "flash.bin"
CHECK: Final = "flash.check"
KEY: Final = "device.key"
SLOTS: Final = "slots.json"
STATE: Final = "state.json"
LOCK: Final = "lock"
_MAX_JSON: Final = 65_536


class StateError(TlaError):
    """The state directory cannot be used; nothing in it was changed."""

    category = Category.BAD_INPUT


class StateNewer(StateError):
    """A later version of this program made it."""


class StateDamaged(StateError):
    """A part is missing, or is not what the others say it is."""


class NotAStateDirectory(StateError):
    """The path is something else."""


class StateUnreachable(StateError):
    """The system refuses to read or write it."""


def read_part(path: Path, limit: int, action: str) -> bytes | None:
    """The bytes of a part of the directory, `None` where there is none.

    Raises StateDamaged for what is not a file, or has more bytes than it can have; StateUnreachable.
    """
    try:
        return read_regular(path, limit)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refusal(error, path, action) from None


def refusal(error: OSError, path: Path, action: str) -> StateError:
    """Why a part cannot be used, by what the system says of it."""
    reason = Sentence("it is larger than it can be") if error.errno == EFBIG else error.strerror or str(error)
    if isinstance(error, NotAFile) or error.errno in (EFBIG, ELOOP):
        return damaged(path, reason.lower(), action)
    return StateUnreachable(
        "{path}: {reason}", "Check its permissions and its disk", path=path, reason=reason
    )


def read_json(path: Path, action: str) -> dict[str, Any] | None:
    """The object in a part, `None` where there is none. Raises StateDamaged, StateNewer, StateUnreachable."""
    raw = read_part(path, _MAX_JSON, action)
    if raw is None:
        return None
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or type(data.get("format")) is not int or data["format"] < 1:
        raise damaged(path, Sentence("it cannot be understood"), action)
    if data["format"] > FORMAT:
        raise StateNewer(
            "{path} has format {found}, this version knows {known}",
            "Update tla-sim, or name a new directory",
            path=path,
            found=data["format"],
            known=FORMAT,
        )
    return data


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write an object, whole. Raises StateUnreachable."""
    try:
        replace_file(path, json.dumps({"format": FORMAT, **data}, indent=2).encode() + b"\n")
    except OSError as error:
        raise StateUnreachable(
            "{path}: {reason}",
            "Check the directory's permissions and its disk's space",
            path=path,
            reason=error.strerror or error,
        ) from None


def damaged(path: Path, problem: str, action: str) -> StateDamaged:
    """A part that is not what it should be."""
    return StateDamaged("{path} is damaged: {problem}", action, path=path, problem=problem)
