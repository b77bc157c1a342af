"""The socket at which a running reader is asked and followed."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.capture.live.meeting_folder import (
    LONGEST_PATH,
    SUFFIX,
    UNFINISHED,
    locked,
    make_private,
    refuses,
)

_MOST_SOCKETS: Final = 1_000
"""Readers of one program, at most (Project-defined)."""
_LOCK_TRIES: Final = 50
_LOCK_PAUSE: Final = 0.01


def listen(folder: Path) -> tuple[socket.socket, Path]:
    """Return a socket that listens in the folder, and its path, `PID-N.sock`. Raises OSError."""
    make_private(folder)
    with _locked_soon(folder):
        for number in range(1, _MOST_SOCKETS):
            path = folder / f"{os.getpid()}-{number}{SUFFIX}"
            # What refuses is a leftover of a program that had this process number.
            if not os.path.lexists(path) or refuses(path):
                return _listen_at(path), path
    raise OSError(None, Sentence("it is full"), str(folder))


def _listen_at(path: Path) -> socket.socket:
    unfinished = path.with_name(UNFINISHED + path.name)
    if len(os.fsencode(unfinished)) > LONGEST_PATH:
        raise OSError(None, Sentence("its path is too long for a socket"), str(path.parent))
    with suppress(FileNotFoundError):
        unfinished.unlink()
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(unfinished))
        unfinished.chmod(0o600)
        listener.listen()
        # Only now: one that does not listen yet looks like one that nobody listens at any more.
        unfinished.rename(path)
    except OSError:
        listener.close()
        with suppress(OSError):
            unfinished.unlink()
        raise
    return listener


@contextmanager
def _locked_soon(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, or do without it if somebody keeps it: it guards against a rare race only."""
    for _ in range(_LOCK_TRIES):
        with locked(folder) as held:
            if held:
                yield
                return
        time.sleep(_LOCK_PAUSE)
    yield
