"""Whose turn it is at the reader: one command at a time, and one program alone if it asks for that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused

PATIENCE_S: Final = 2.0
"""Seconds that a call waits for its turn."""


class Turns:
    """The turns at the reader, each given to one program for the time of one call.

    A program may keep the reader to itself over several calls; others are then refused at once. `patience` is
    how long a call waits in seconds.
    """

    def __init__(self, patience: float = PATIENCE_S) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._alone: object | None = None

    @contextmanager
    def turn(self, program: object) -> Iterator[None]:
        """Hold the turn for the time of a block. Raises as `begin`."""
        self.begin(program)
        try:
            yield
        finally:
            self.end()

    def begin(self, program: object) -> None:
        """Take the turn, which `end` gives back.

        Raises CallRefused with 0004 when another program has the reader to itself, and when the turn does not
        come in time.
        """
        self._check(program)
        if not self._lock.acquire(timeout=self._patience):
            raise _held()
        try:
            # It may have been given away while this call waited.
            self._check(program)
        except CallRefused:
            self._lock.release()
            raise

    def end(self) -> None:
        """Give the turn back."""
        self._lock.release()

    @contextmanager
    def last_turn(self) -> Iterator[None]:
        """Hold the turn for the time of a block, whoever has the reader alone: the server ends.

        Raises CallRefused when the call in progress does not end in time.
        """
        if not self._lock.acquire(timeout=self._patience):
            raise _held()
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def turn_if_free(self) -> Iterator[bool]:
        """Hold the turn for the time of a block if nobody has it; yield whether that is so."""
        got = self._lock.acquire(blocking=False)
        try:
            yield got
        finally:
            if got:
                self._lock.release()

    def keep(self, program: object) -> None:
        """Give the reader to one program alone, which must have the turn now. Twice is as once."""
        self._alone = program

    def give_back(self, program: object) -> None:
        """End what `keep` began, if it was this program's."""
        if self._alone is program:
            self._alone = None

    def is_alone(self, program: object) -> bool:
        """Whether this program has the reader to itself."""
        return self._alone is program

    def _check(self, program: object) -> None:
        if self._alone is not None and self._alone is not program:
            raise _held()


def _held() -> CallRefused:
    return CallRefused(SsvCode.HELD, "Another program holds the reader", "Wait, then call again")
