"""Standard input, output and error of a process that was started without them."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_NAMES: Final = ("stdin", "stdout", "stderr")
"""The streams by descriptor."""


_UNHEARD: Final = (errno.EPIPE, errno.EIO)
"""Why nothing can be written: the reader of the pipe is gone, or the terminal is closed."""


def fill_standard_streams() -> None:
    """Put the null device in place of each closed standard stream.

    Otherwise the first files that are opened get these descriptors, and what a child process prints goes into
    the ledger or to the reader. `sys.stdin` stays `None`: verbs ask for what they would have read from it.
    """
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free descriptor is this one: those below are filled already.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if number and getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))


@contextmanager
def for_whoever_listens() -> Iterator[None]:
    """Let a block print. When nobody hears it any more, it is cut short, and later ones print to nobody."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNHEARD:
            raise
        silence()


def silence() -> None:
    """Put the null device in place of standard output and error where these cannot be written any more.

    Otherwise the interpreter reports the same error again when it closes them.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
