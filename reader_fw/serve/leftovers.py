"""What a process leaves on the disk when it is killed, removed at the next start of any.

A link to a terminal must not stay: the system gives the terminal to another program. So each link, file or
folder is noted before it is made, in a folder of the user's own, and the note is locked by the process that
made it. A note that is not locked is one of a process that is gone.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

_LONGEST_NOTE: Final = 65_536
_UNFINISHED: Final = "."


class Made(StrEnum):
    """What a note is about. A link has its target as content, a file its text, a folder nothing."""

    LINK = "link"
    FILE = "file"
    FOLDER = "folder"


class Note:
    """The note that this process made something at `path`, until `withdraw` or until the process is gone.

    Where notes cannot be kept, nothing happens.
    """

    def __init__(self, made: Made, path: Path, content: str = "") -> None:
        self._file: Path | None = None
        self._lock = -1
        with suppress(OSError):
            self._lock, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=_open_home())
            self._file = Path(name)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            os.write(self._lock, json.dumps([made, str(path), content]).encode())
            finished = self._file.with_name(self._file.name.removeprefix(_UNFINISHED))
            self._file = self._file.rename(finished)

    def withdraw(self) -> None:
        """Forget what was noted: it was removed, or belongs to somebody else now."""
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink()
            self._file = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def remove_leftovers() -> None:
    """Remove what processes of this user that are gone left behind, unless somebody changed it since."""
    with suppress(OSError):
        for note in _open_home().iterdir():
            if not note.name.startswith(_UNFINISHED):
                _remove_if_left(note)


def _remove_if_left(note: Path) -> None:
    with suppress(OSError, ValueError):
        lock = os.open(note, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            made, path, content = json.loads(os.read(lock, _LONGEST_NOTE))
            with suppress(OSError):
                _remove(Made(made), Path(path), content)
            note.unlink()
        finally:
            os.close(lock)


def _remove(made: Made, path: Path, content: str) -> None:
    match made:
        case Made.LINK:
            if str(path.readlink()) == content:
                path.unlink()
        case Made.FILE:
            if path.read_text("utf-8") == content:
                path.unlink()
        case Made.FOLDER:
            shutil.rmtree(path, ignore_errors=True)


def _open_home() -> Path:
    """Return the folder of the notes, which nobody else can write. Raises OSError."""
    home = Path(tempfile.gettempdir()) / f"tla-made-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(str(home))
    return home
