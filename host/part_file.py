"""Parts: files that do not have their final name yet, and those that a killed program left behind.

A file is written beside its final name, as `.NAME.xxxxxxxx.tla-part`, and stays locked (flock) until it gets
that name or is given up. The system releases the lock when the program ends, however it ends: a part that can
be locked is a leftover, and one that cannot is being written. On a file system without locks, parts are
written all the same, and none is taken for a leftover.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Self

from tla_sim.host.regular_file import open_regular

SUFFIX: Final = ".tla-part"
_RANDOM: Final = 8
_LONGEST: Final = 200
"""The most bytes of a name that a part carries: a directory's entry has at most 255."""


class Part:
    """A part that is being written, and its lock."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle
        self._stays = False

    @classmethod
    def beside(cls, path: Path) -> Self:
        """Create an empty part for the file at `path`, mode 0600, and return it. Raises `OSError`."""
        stem = os.fsdecode(os.fsencode(path.name)[:_LONGEST])
        while True:
            handle, name = tempfile.mkstemp(prefix=f".{stem}.", suffix=SUFFIX, dir=path.parent)
            if _locked(handle) is not False and _is_at(handle, name):
                return cls(Path(name), handle)
            # Another program's sweep deleted the part between its creation and the lock.
            os.close(handle)

    def write(self, content: bytes, mode: int) -> None:
        """Write the content and sync it to the disk. Raises `OSError`."""
        with self.writing(mode) as stream:
            stream.write(content)

    @contextlib.contextmanager
    def writing(self, mode: int) -> Iterator[BinaryIO]:
        """Yield the stream of the content, which is synced to the disk at the end. Raises `OSError`."""
        with os.fdopen(self._handle, "wb", closefd=False) as file:
            os.fchmod(self._handle, mode)
            yield file
            file.flush()
            os.fsync(self._handle)

    def give(self, path: Path) -> None:
        """Give the part its final name, replacing any file of that name. Raises `OSError`."""
        self.path.replace(path)
        self._stays = True

    def leave(self) -> None:
        """Keep the part for a later start, which may know better what it is for."""
        self._stays = True

    def discard(self) -> None:
        """Delete the part, unless it has its name or was left."""
        if self._stays:
            return
        with contextlib.suppress(OSError):
            self.path.unlink()

    def let_go(self) -> None:
        """Unlock the part. If it has no final name yet, it is a leftover from now on."""
        with contextlib.suppress(OSError):
            os.close(self._handle)


def leftovers(directory: Path) -> Iterator[Part]:
    """Yield the parts in a directory that no program writes any more, each locked meanwhile."""
    try:
        with os.scandir(directory) as entries:
            names = sorted(each.name for each in entries if _is_part(each.name))
    except OSError:
        return
    for name in names:
        part = _free(directory / name)
        if part is not None:
            try:
                yield part
            finally:
                part.let_go()


def sweep(directory: Path) -> None:
    """Delete the parts that killed programs left in a directory; those being written stay."""
    for part in leftovers(directory):
        part.discard()


def intended_name(part: Part) -> str:
    """Return the final name that a part was made for."""
    return part.path.name[1 : -len(SUFFIX) - _RANDOM - 1]


def _is_part(name: str) -> bool:
    return name.startswith(".") and name.endswith(SUFFIX) and len(name) > len(SUFFIX) + _RANDOM + 2


def _free(path: Path) -> Part | None:
    """Lock and return a part that no program holds; `None` for one that is held or gone."""
    try:
        handle = open_regular(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return None
    if _locked(handle) and _is_at(handle, path):
        return Part(path, handle)
    os.close(handle)
    return None


def _locked(handle: int) -> bool | None:
    """Return whether the lock was obtained; `None` where there are no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_at(handle: int, path: str | os.PathLike[str]) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except OSError:
        return False
