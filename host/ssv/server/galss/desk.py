"""What all programs share that call the GALSS: sessions, card slots, the reader, the table of resources."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.galss_functions import PORT_ROOM
from tla_sim.host.ssv.server.galss.blocks import Table, blocks_of
from tla_sim.host.ssv.server.galss.exclusivity import Wanted
from tla_sim.host.ssv.server.galss.messages import Messenger
from tla_sim.host.ssv.server.galss.resources import (
    ResourceInfo,
    port_name,
    resources_of,
    usual_resources,
)
from tla_sim.host.ssv.server.galss.sessions import Session, Sessions
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.protocol.lad import Lad


class GalssDesk:
    """The GALSS of one server. Any thread may call it; each program is the `owner` of what it opens.

    To the reader's turns all of these programs are one, which keeps out those that call SSV: among
    themselves, exclusivity decides.
    """

    def __init__(self, held: ReaderHeld, now: Callable[[], float] = time.monotonic) -> None:
        self.sessions: Final = Sessions()
        self._held = held
        self._now = now
        self._messenger = Messenger()
        self._guard = threading.Lock()

    def open(self, owner: object, application: str, resource: str) -> Session:
        """Open a session, and the reader with it.

        Raises CallRefused with 2000 for a resource that the reader does not have, and as `Sessions.open`;
        GalssUnreadable, UnknownResource, and LinkError when the port cannot be opened.
        """
        with self._held.turn(self) as reader:
            lad = reader.resources.get(resource.lower())
            if lad is None:
                raise CallRefused(
                    SsvCode.UNKNOWN_RESOURCE,
                    "The reader has no resource {resource}",
                    "Name one of those of galss.ini",
                    resource=resource,
                )
            session = self.sessions.open(owner, application, resource, lad)
            try:
                self._held.transport()
            except BaseException:
                self.sessions.close(owner, session.number)
                raise
            self._held.keep_open(owner)
            return session

    def close(self, owner: object, number: int) -> int:
        """Close a session; return the number of the exclusivity that ended with it. Raises CallRefused."""
        with self._guard:
            ended = self.sessions.close(owner, number)
            self._give_back()
        self._held.let_close(owner)
        return ended

    def leave(self, owner: object) -> None:
        """Close every session of a program that is gone."""
        with self._guard:
            closed = self.sessions.leave(owner)
            self._give_back()
        for _ in range(closed):
            self._held.let_close(owner)

    def begin(self, owner: object, wanted: tuple[Wanted, ...]) -> int:
        """Begin an exclusivity; return its number. Raises CallRefused."""
        with self._guard:
            number = self.sessions.begin(owner, wanted)
        try:
            with self._held.turn(self):
                self._held.turns.keep(self)
        except BaseException:
            self.end(owner, number)
            raise
        return number

    def end(self, owner: object, number: int) -> None:
        """End an exclusivity. Raises CallRefused with 1000."""
        with self._guard:
            self.sessions.end(owner, number)
            self._give_back()

    def exchange(self, owner: object, number: int, most_seconds: int, message: bytes) -> bytes:
        """Carry a message to the reader and return the answer.

        Raises CallRefused with 1000, 0004 while another program holds the resource, 0100 for an answer after
        more than `most_seconds` (0 for no limit), 4000 for what is no message; LinkError.
        """
        session = self.sessions.find(owner, number)
        self.sessions.check_free(owner, session.lad)
        with self._held.turn(self) as reader:
            # It may have been taken while this call waited.
            self.sessions.check_free(owner, session.lad)
            began = self._now()
            answer = self._messenger.answer(session, reader, message)
        if most_seconds and self._now() - began > most_seconds:
            raise CallRefused(
                SsvCode.TIME_OVER,
                "The exchange took longer than {most} seconds",
                "Look at the card's state before you repeat it",
                most=most_seconds,
            )
        return answer

    def resources(self) -> tuple[ResourceInfo, ...]:
        """Return the table of resources. Raises GalssUnreadable for a galss.ini with mistakes."""
        found = self._held.configuration()
        return usual_resources() if found is None else resources_of(found)

    def blocks(self, table: Table) -> list[bytes]:
        """Return the blocks of a table of `usDump`. Raises GalssUnreadable."""
        found = self._held.configuration()
        resources = usual_resources() if found is None else resources_of(found)
        ports = {} if found is None else {each.number: port_name(each) for each in found.channels}
        return blocks_of(
            table,
            resources,
            lambda channel: ports.get(channel, bytes(PORT_ROOM)),
            lambda lad: lad in list(Lad) and self.sessions.is_held(Lad(lad)),
        )

    def _give_back(self) -> None:
        if not self.sessions.anything_held:
            self._held.turns.give_back(self)
