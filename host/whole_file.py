"""Files that are there whole or not at all, and reading that no pipe, device or giant file can hurt."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from errno import EEXIST
from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import Category, TlaError

OWNER_ONLY: Final = 0o600
EVERYBODY: Final = 0o644
"""Who may read a file that is written."""


class FileUnusable(TlaError):
    """A file cannot be read as what it should be: absent, no regular file, too large."""

    category = Category.BAD_INPUT


def write_whole(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file by temporary file, fsync and rename. Raises OSError; it is old or new then.

    Its name is only safe on the disk after `sync_directory`.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def replace_file(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """The same, its name safe on the disk as well; a link stays one, what it leads to is written.

    Raises OSError naming `path`, and leaves nothing behind then; what is no regular file is never replaced.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise FileExistsError(EEXIST, "is no regular file; name another", str(path))
    try:
        write_whole(target, content, mode)
        sync_directory(target.parent)
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or 0), str(path)) from None


def sync_directory(directory: Path) -> None:
    """Have the names of all files in it reach the disk. Raises OSError."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_whole(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes. Raises FileUnusable."""
    content = read_start(path, limit + 1)
    if len(content) > limit:
        raise FileUnusable(f"{path} is larger than {limit // (1024 * 1024)} MiB", "Give a smaller file")
    return content


def read_start(path: Path, most: int) -> bytes:
    """The first `most` bytes of a regular file. Raises FileUnusable before reading any other."""
    try:
        # A pipe must not block the opening before it is seen to be one.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise FileUnusable(f"{path} cannot be read: {str(reason).lower()}", "Check the name") from None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise FileUnusable(f"{path} is no regular file", "Name a file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(most)
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {str(error.strerror).lower()}", "Check it") from None
    finally:
        os.close(handle)
