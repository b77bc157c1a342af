"""The folder in which running readers have their sockets: the user's own, and nobody else's."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tla_sim.protocol.sentence import Sentence

APPLICATION: Final = "tla-sim"
SUFFIX: Final = ".sock"
UNFINISHED: Final = "."
"""How the name of a socket begins that is bound, but does not listen yet."""
LONGEST_PATH: Final = 100
"""Bytes of a socket's path (Project-defined): sockaddr_un has 104 on BSD and 108 on Linux."""
_LOCK: Final = ".lock"


def meeting_folder() -> Path:
    """Return the path of the folder. It need not exist. Raises OSError."""
    import platformdirs

    with warnings.catch_warnings():
        # It says when the session has no folder of its own and another one is taken, which is all right here.
        warnings.simplefilter("ignore")
        return Path(platformdirs.user_runtime_path(APPLICATION))


def make_private(folder: Path) -> None:
    """Make the folder if it is missing, and check that nobody else can write in it. Raises OSError."""
    parent = folder.parent
    parent.mkdir(mode=0o700, exist_ok=True)
    found = parent.stat()
    open_to_all = found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX
    if found.st_uid not in (0, os.getuid()) or open_to_all:
        raise PermissionError(None, Sentence("others can write in it"), str(parent))
    folder.mkdir(mode=0o700, exist_ok=True)
    check_private(folder)


def check_private(folder: Path) -> None:
    """Check that an existing folder is this user's own, and no link. Raises OSError."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(None, Sentence("it is not a folder"), str(folder))
    if found.st_uid != os.getuid():
        raise PermissionError(None, Sentence("it belongs to another user"), str(folder))
    if found.st_mode & 0o077:
        raise PermissionError(None, Sentence("others can look into it"), str(folder))


def sockets(folder: Path) -> list[Path]:
    """Return the sockets in the folder, the lowest process number first. Empty if there is no such folder.

    Raises OSError for a folder that is not the user's own.
    """
    try:
        check_private(folder)
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    found = [name for name in names if name.endswith(SUFFIX) and not name.startswith(UNFINISHED)]
    return [folder / name for name in sorted(found, key=_order)]


def _order(name: str) -> tuple[int, int, str]:
    pid, _, number = name.removesuffix(SUFFIX).partition("-")
    if pid.isdecimal() and number.isdecimal():
        return int(pid), int(number), name
    return 0, 0, name


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock during the block, if nobody else has it; tell whether it is held."""
    held = False
    lock = -1
    with suppress(OSError):
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
    try:
        yield held
    finally:
        if lock >= 0:
            os.close(lock)


def sweep(folder: Path) -> None:
    """Remove the sockets of programs that are gone. One that listens is never removed."""
    # Without the lock, a new program could take the name between the look and the removal.
    with locked(folder) as held:
        if not held:
            return
        for path in tuple(folder.iterdir()):
            # A socket under its unfinished name is a leftover, too: whoever makes one holds the lock.
            if path.name.endswith(SUFFIX) and refuses(path):
                with suppress(OSError):
                    path.unlink()


def refuses(path: Path) -> bool:
    """Whether nobody listens at a socket any more."""
    with socket.socket(socket.AF_UNIX) as tried:
        tried.setblocking(False)
        try:
            tried.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False
