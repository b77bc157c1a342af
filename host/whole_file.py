"""Writing files that exist whole or not at all, and reading files from the user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EEXIST, EFBIG, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR
from pathlib import Path
from typing import BinaryIO, Final

from tla_sim.host.part_file import Part, sweep
from tla_sim.host.regular_file import NotAFile, read_beginning, read_regular
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence

OWNER_ONLY: Final = 0o600
EVERYBODY: Final = 0o644
"""The modes of a written file: readable by its owner only, or by everybody."""

_MIB: Final = 1024 * 1024
_MISNAMED: Final = (ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EINVAL)


class FileUnusable(TlaError):
    """A file cannot be read as expected: it is absent, not a file, or too large."""

    category = Category.BAD_INPUT


@contextmanager
def written_part(path: Path, content: bytes, mode: int = OWNER_ONLY) -> Iterator[Part]:
    """Write the content into a part beside `path`, synced to the disk, and yield it.

    At the end it is deleted unless it was given its name or left. Raises `OSError` naming the file.
    """
    part = None
    try:
        part = Part.beside(path)
        part.write(content, mode)
        yield part
    except OSError as error:
        raise with_path(error, path) from None
    finally:
        if part is not None:
            part.discard()
            part.let_go()


def write_whole(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file by part, fsync and rename.

    Raises `OSError` naming it, which is then old or new, never mixed.

    Its name is only safe on the disk after `sync_directory`.
    """
    with written_part(path, content, mode) as part:
        part.give(path)


def replace_file(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file as `write_whole` does, with its name safe on the disk too. A link's target is written.

    What killed programs left in the folder is deleted first. Raises `OSError` naming `path` and leaves
    nothing behind; anything but a regular file is never replaced.
    """
    with replacing_file(path, mode) as stream:
        stream.write(content)


@contextmanager
def replacing_file(path: Path, mode: int = OWNER_ONLY) -> Iterator[BinaryIO]:
    """Yield a stream whose content replaces a file at the end, as `replace_file` does it.

    Whatever is raised before leaves the file as it was. Raises `OSError` naming `path`.
    """
    target = Path(os.path.realpath(path))
    if os.path.lexists(target) and not target.is_file():
        raise FileExistsError(EEXIST, Sentence("is not a regular file; name another"), str(path))
    sweep(target.parent)
    try:
        part = Part.beside(target)
    except OSError as error:
        raise with_path(error, path) from None
    try:
        with part.writing(mode) as stream:
            yield stream
        part.give(target)
        sync_directory(target.parent)
    except OSError as error:
        if error.filename not in (None, str(target), str(target.parent), str(part.path)):
            raise
        raise with_path(error, path) from None
    finally:
        part.discard()
        part.let_go()


def sync_directory(directory: Path) -> None:
    """Sync the names of all files in a directory to the disk. Raises `OSError` naming it."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        raise with_path(error, directory) from None
    finally:
        os.close(handle)


def with_path(error: OSError, path: Path) -> OSError:
    """Return the same error about the file that the user knows."""
    return OSError(error.errno, error.strerror or str(error), str(path))


def read_whole(path: Path, limit: int) -> bytes:
    """Return the bytes of a file of at most `limit` bytes, or of a pipe with a writer.

    Raises `FileUnusable`.
    """
    try:
        return read_regular(path, limit, pipes=True)
    except OSError as error:
        if error.errno != EFBIG:
            raise unusable(error, path) from None
        most = (
            Sentence("{most} MiB", most=limit // _MIB)
            if limit >= _MIB
            else Sentence("{most} bytes", most=limit)
        )
        raise FileUnusable(
            "{path} is larger than {most}", "Give a smaller file", path=path, most=most
        ) from None


def read_start(path: Path, most: int) -> bytes:
    """Return the first `most` bytes of a file, or of a pipe with a writer. Raises `FileUnusable`."""
    try:
        return read_beginning(path, most, pipes=True)
    except OSError as error:
        raise unusable(error, path) from None


def unusable(error: OSError, path: Path) -> FileUnusable:
    """Return the error for a file that cannot be read."""
    reason = (error.strerror or str(error)).lower()
    return FileUnusable("{path} cannot be read: {reason}", _remedy(error), path=path, reason=reason)


def _remedy(error: OSError) -> str:
    if isinstance(error, NotAFile):
        return Sentence("Name a file")
    return (
        Sentence("Check the name")
        if error.errno in _MISNAMED
        else Sentence("Check its permissions and its disk")
    )
