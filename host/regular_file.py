"""Opening regular files only, so that nothing put in a file's place can block a program.

A named pipe, a device, a socket or a directory in place of a file is refused before any byte is read. A file
given by the user may also be a pipe with a writer, as shells make of `<(…)`.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from errno import EAGAIN, EFBIG, EINVAL, EISDIR, ENXIO
from pathlib import Path
from typing import BinaryIO, Final

from tla_sim.protocol.sentence import Sentence

_KINDS: Final = {
    stat.S_IFIFO: Sentence("It is a pipe, not a file"),
    stat.S_IFSOCK: Sentence("It is a socket, not a file"),
    stat.S_IFCHR: Sentence("It is a device, not a file"),
    stat.S_IFBLK: Sentence("It is a device, not a file"),
}
_PIECE: Final = 1024 * 1024


class NotAFile(OSError):
    """The path does not lead to a regular file."""


def open_regular(path: str | os.PathLike[str], flags: int = os.O_RDONLY, *, pipes: bool = False) -> int:
    """Return a descriptor of a regular file opened with `flags`; with `pipes`, also of a pipe that has a
    writer. A file that it makes is private (mode 0600).

    Nothing else is opened at all: merely opening a device may have effects. Raises `OSError` naming the file,
    `NotAFile` for anything but a regular file.
    """
    name = os.fspath(path)
    try:
        _check(Path(name).stat(), name, pipes)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    except ValueError as error:  # a name that no file can have
        raise OSError(EINVAL, str(error).capitalize(), name) from None
    try:
        # Something else may have taken its place since; opening a pipe must not wait for its other end.
        handle = os.open(name, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, 0o600)
    except OSError as error:
        if error.errno == ENXIO:
            raise NotAFile(EINVAL, _KINDS[stat.S_IFSOCK], name) from None
        raise
    try:
        _check(os.fstat(handle), name, pipes)
    except BaseException:
        os.close(handle)
        raise
    return handle


def check_regular(path: str | os.PathLike[str]) -> None:
    """Check that a file is regular, without opening it. Raises `OSError` naming it, `NotAFile`."""
    _check(Path(path).stat(), os.fspath(path), pipes=False)


def make_regular(path: str | os.PathLike[str]) -> None:
    """Make sure that a regular file is there, without opening one that is. A new one is private (mode 0600).

    Raises `OSError` naming it, `NotAFile` for anything but a regular file.
    """
    name = os.fspath(path)
    try:
        check_regular(name)
    except FileNotFoundError:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with suppress(FileExistsError):  # Another program was faster.
            os.close(os.open(os.path.realpath(name), flags, 0o600))
        check_regular(name)
    except ValueError as error:  # a name that no file can have
        raise OSError(EINVAL, str(error).capitalize(), name) from None


def _check(found: os.stat_result, name: str, pipes: bool) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind == stat.S_IFREG or (pipes and kind == stat.S_IFIFO):
        return
    if kind == stat.S_IFDIR:
        raise NotAFile(EISDIR, os.strerror(EISDIR), name)
    raise NotAFile(EINVAL, _KINDS.get(kind, Sentence("It is not a file")), name)


def read_regular(path: str | os.PathLike[str], limit: int, *, pipes: bool = False) -> bytes:
    """Return all bytes of a regular file of at most `limit`.

    Raises `OSError` naming it, EFBIG if it is larger.
    """
    content = read_beginning(path, limit + 1, pipes=pipes, whole=True)
    if len(content) > limit:
        raise OSError(EFBIG, os.strerror(EFBIG), os.fspath(path))
    return content


def read_beginning(
    path: str | os.PathLike[str], most: int, *, pipes: bool = False, whole: bool = False
) -> bytes:
    """Return the first `most` bytes of a regular file; with `whole`, refuse a larger one.

    Raises `OSError` naming it.
    """
    name = os.fspath(path)
    handle = open_regular(name, pipes=pipes)
    try:
        found = os.fstat(handle)
        if stat.S_ISFIFO(found.st_mode):
            return _read_pipe(handle, most, name)
        if whole and found.st_size > most:
            raise OSError(EFBIG, os.strerror(EFBIG), name)
        return _read_all(handle, most)
    except OSError as error:
        if error.filename is None:
            raise OSError(error.errno, error.strerror or str(error), name) from None
        raise
    finally:
        os.close(handle)


def open_input(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file given by the user, a regular file or a pipe, and return its stream.

    Raises `OSError` naming it.
    """
    handle = open_regular(path, pipes=True)
    os.set_blocking(handle, True)
    return os.fdopen(handle, "rb")


def _read_pipe(handle: int, most: int, name: str) -> bytes:
    """Return the bytes that come through a pipe, waiting as long as it has a writer."""
    first = b""
    try:
        first = os.read(handle, min(most, _PIECE))
    except OSError as error:
        if error.errno != EAGAIN:
            raise
        os.set_blocking(handle, True)
        first = os.read(handle, min(most, _PIECE))
    if not first:
        raise NotAFile(EINVAL, Sentence("It is a pipe that nobody writes into"), name)
    os.set_blocking(handle, True)
    return first + _read_all(handle, most - len(first))


def _read_all(handle: int, most: int) -> bytes:
    pieces = []
    while most > 0:
        piece = os.read(handle, min(most, _PIECE))
        if not piece:
            break
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)
