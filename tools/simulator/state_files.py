"""The small files of a reader's state directory: JSON objects with a format number.

Anything but a regular file of bounded size is refused. Project-defined.
"""

from __future__ import annotations

import json
import os
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
CARDS: Final = "cards.json"
STATE: Final = "state.json"
LOCK: Final = "lock"
_PARTS: Final = frozenset((FLASH, CHECK, KEY, SLOTS, CARDS, STATE, LOCK))
_MAX_JSON: Final = 65_536


class StateError(TlaError):
    """The state directory cannot be used; nothing in it was changed."""

    category = Category.BAD_INPUT


class StateNewer(StateError):
    """The directory was written by a later version of this program."""


class StateDamaged(StateError):
    """A part of the directory is missing, or disagrees with the others."""


class NotAStateDirectory(StateError):
    """The path is not a reader's state directory."""


class StateUnreachable(StateError):
    """The operating system refuses to read or write the directory."""


def refuse_part(path: Path) -> None:
    """Refuse to write something else in place of a part of a state directory, there at the moment or not.

    Raises ForeignFile.
    """
    meant = Path(os.path.realpath(path))
    if meant.name in _PARTS and (meant.parent / FLASH).exists():
        # Every reader in a directory loads this module, and traces load the whole protocol.
        from tla_sim.tools.capture.trace_file import ForeignFile

        raise ForeignFile("{path} is a part of a reader", "Name a file outside of its directory", path=path)


def read_part(path: Path, limit: int, action: str) -> bytes | None:
    """Return the bytes of a part of the directory, `None` if it does not exist.

    Raises StateDamaged when it is not a regular file or longer than `limit` bytes, and StateUnreachable.
    """
    try:
        return read_regular(path, limit)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refusal(error, path, action) from None


def refusal(error: OSError, path: Path, action: str) -> StateError:
    """Return the error for a part that the operating system refuses to open."""
    reason = Sentence("it is larger than it can be") if error.errno == EFBIG else error.strerror or str(error)
    if isinstance(error, NotAFile) or error.errno in (EFBIG, ELOOP):
        return damage(path, reason.lower(), action)
    return StateUnreachable(
        "{path}: {reason}", "Check its permissions and its disk", path=path, reason=reason
    )


def read_json(path: Path, action: str) -> dict[str, Any] | None:
    """Return the JSON object in a part, `None` if it does not exist.

    Raises StateDamaged, StateNewer, StateUnreachable.
    """
    raw = read_part(path, _MAX_JSON, action)
    if raw is None:
        return None
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or type(data.get("format")) is not int or data["format"] < 1:
        raise damage(path, Sentence("it cannot be understood"), action)
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
    """Write a JSON object atomically. Raises StateUnreachable."""
    try:
        replace_file(path, json.dumps({"format": FORMAT, **data}, indent=2).encode() + b"\n")
    except OSError as error:
        raise StateUnreachable(
            "{path}: {reason}",
            "Check the directory's permissions and its disk's space",
            path=path,
            reason=error.strerror or error,
        ) from None


def damage(path: Path, problem: str, action: str) -> StateDamaged:
    """Return the error for a part that is not as it should be."""
    return StateDamaged("{path} is damaged: {problem}", action, path=path, problem=problem)
