"""Standard input, output and error of a process that was started without them."""

from __future__ import annotations

import os
import sys
from typing import Final

_NAMES: Final = ("stdin", "stdout", "stderr")
"""The streams by descriptor."""


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
