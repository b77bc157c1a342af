"""The reader as the server holds it: opened at the first call, closed soon after the last one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from tla_sim.host.ssv.server.reader_place import FindReader, ReaderPlace
from tla_sim.host.ssv.server.turns import Turns
from tla_sim.host.transport.base import Transport
from tla_sim.host.transport.galss.resources import Configuration
from tla_sim.protocol.errors import LinkError
from tla_sim.protocol.lad import Lad

_LOG: Final = logging.getLogger("tla_sim.ssv")

IDLE_S: Final = 2.0
"""Seconds after the last call at which the reader is closed, so that other programs can have it."""


class ReaderHeld:
    """The reader of a server, and whose turn it is.

    `find` finds it and `open_url` opens it, at the first exchange of a turn; after a failed exchange it is
    closed, and opened anew in a later turn. `now` is a clock in seconds, `turns` the turns at it.
    """

    def __init__(
        self,
        find: FindReader,
        open_url: Callable[[str], Transport],
        now: Callable[[], float] = time.monotonic,
        turns: Turns | None = None,
    ) -> None:
        self._find = find
        self._open_url = open_url
        self._now = now
        self.turns = turns or Turns()
        self.on_opened: Callable[[], None] = lambda: None
        self._place: ReaderPlace | None = None
        self._transport: Transport | None = None
        self._used = 0.0
        self._keepers: list[object] = []

    @property
    def is_open(self) -> bool:
        """Whether the reader is open, so that another program cannot have it."""
        return self._transport is not None

    @contextmanager
    def turn(self, program: object) -> Iterator[HeldReader]:
        """Hold the turn, and with it the reader, for the time of a block.

        Raises CallRefused with 0004 as `Turns.begin`.
        """
        self.turns.begin(program)
        try:
            held = HeldReader(self)
            try:
                yield held
            finally:
                if held.failed:
                    self._close()
                self._used = self._now()
        finally:
            self.turns.end()

    def place(self) -> ReaderPlace:
        """Return where the reader is: as found when it was opened, and anew while it is closed.

        Raises GalssUnreadable, UnknownResource. Only for who has the turn.
        """
        if self._place is None or self._transport is None:
            self._place = self._find()
        return self._place

    def check(self) -> None:
        """Check that the reader is found, which says nothing of whether it answers. Raises as `place`."""
        self._find()

    def configuration(self) -> Configuration | None:
        """Return what galss.ini says now, `None` without such a file. Raises GalssUnreadable."""
        return self._find.configuration()

    def transport(self) -> Transport:
        """Return the open reader. Raises as `place` and `open_url`. Only for who has the turn."""
        if self._transport is None:
            place = self.place()
            self._transport = self._open_url(place.url)
            self._used = self._now()
            _LOG.debug("%s: opened", place.url)
            self.on_opened()
        return self._transport

    def keep_open(self, program: object) -> None:
        """Keep the reader open between calls, once for each time that this is called."""
        self._keepers.append(program)

    def let_close(self, program: object) -> None:
        """Undo one call of `keep_open` by this program, if there was one."""
        for place, each in enumerate(self._keepers):
            if each is program:
                del self._keepers[place]
                self._used = self._now()
                return

    def close_when_idle(self) -> float | None:
        """Close the reader if the last call is long ago and nothing keeps it open.

        Return the seconds after which to ask again, `None` while it is closed.
        """
        with self.turns.turn_if_free() as free:
            if self._transport is None:
                return None
            rest = self._used + IDLE_S - self._now()
            if self._keepers or not free:
                return IDLE_S
            if rest > 0:
                return rest
            self._close()
            return None

    def forget(self, program: object) -> None:
        """Undo what a program that leaves had asked for: the reader alone, and open between calls."""
        self.turns.give_back(program)
        while program in self._keepers:
            self.let_close(program)

    def close(self) -> None:
        """Close the reader when the call in progress has ended. Raises CallRefused when that takes long."""
        with self.turns.last_turn():
            self._close()

    def _close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            _LOG.debug("%s: closed", transport.url)


class HeldReader(Transport):
    """The reader for the time of one turn: opened at the first exchange, and watched for failures."""

    def __init__(self, held: ReaderHeld) -> None:
        self._held = held
        self.failed = False

    @property
    def resources(self) -> Mapping[str, Lad]:
        """The places in the reader by name. Raises as `ReaderHeld.place`."""
        return self._held.place().resources

    @property
    def url(self) -> str:
        """The reader's URL. Raises as `ReaderHeld.place`."""
        return self._held.place().url

    @property
    def baud(self) -> int | None:
        """The speed of the line, which opens it."""
        return self._held.transport().baud

    def watch(self, moved: Callable[[int], None]) -> None:
        """Call `moved` as bytes cross the line."""
        self._held.transport().watch(moved)

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU. Raises what the transport raises, and as it is opened."""
        try:
            return self._held.transport().transmit(apdu, lad)
        except LinkError:
            self.failed = True
            raise

    def close(self) -> None:
        """Do nothing: the reader is closed when it is idle."""
