"""Sessions on resources: whose they are, what they hold, and the contexts stored with them."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.galss_functions import MAX_CONTEXT_BYTES
from tla_sim.host.ssv.server.galss.exclusivity import Area, Exclusivities, Wanted
from tla_sim.host.ssv.server.galss.numbers import Draw, draw_number
from tla_sim.protocol.lad import Lad

MAX_SESSIONS: Final = 128
MAX_SESSIONS_OF_ONE: Final = 32
"""Sessions at once, of all programs and of one. Project-defined."""


class Place(IntEnum):
    """Where a context is stored."""

    SESSION = 1
    RESOURCE = 2


@dataclass
class Session:
    """A session: its number, its program, the names it was opened with, and the resource's place.

    `context` is what the program stored with it; `boots` the reader's start at its last exchange.
    """

    number: int
    owner: object = field(repr=False)
    application: str
    resource: str
    lad: Lad
    context: bytes | None = field(default=None, repr=False)
    boots: int | None = None


class Sessions:
    """All sessions of all programs, their exclusivities and contexts. Any thread may call it.

    A session is known to its own program only: to all others its number does not exist. `draw` gives the
    numbers.
    """

    def __init__(self, draw: Draw = secrets.randbelow) -> None:
        self._draw = draw
        self._lock = threading.Lock()
        self._open: dict[int, Session] = {}
        self._exclusivities = Exclusivities(draw)
        self._contexts: dict[Lad, bytes] = {}

    @property
    def anything_held(self) -> bool:
        """Whether any program holds an exclusivity."""
        with self._lock:
            return bool(self._exclusivities)

    def is_held(self, lad: int) -> bool:
        """Whether any program holds the resource at this place."""
        with self._lock:
            return self._exclusivities.is_held(lad)

    def open(self, owner: object, application: str, resource: str, lad: Lad) -> Session:
        """Open a session.

        Raises CallRefused with 0800 when the application has one on this resource already, in whatever
        program, and with 0002 when there are too many.
        """
        with self._lock:
            sessions = self._open.values()
            if any(each.application == application and each.lad is lad for each in sessions):
                raise CallRefused(
                    SsvCode.OPEN_ALREADY,
                    "The application {application} has a session on {resource} already",
                    "Close it, or take another name",
                    application=application,
                    resource=resource,
                )
            if (
                len(self._open) >= MAX_SESSIONS
                or sum(each.owner is owner for each in sessions) >= MAX_SESSIONS_OF_ONE
            ):
                raise CallRefused(SsvCode.SESSIONS, "There are too many sessions", "Close some")
            number = draw_number(self._open, self._draw)
            session = self._open[number] = Session(number, owner, application, resource, lad)
            return session

    def find(self, owner: object, number: int) -> Session:
        """Return a program's session. Raises CallRefused with 1000."""
        with self._lock:
            return self._find(owner, number)

    def close(self, owner: object, number: int) -> int:
        """Close a session; return the number of the exclusivity that ended with it, 0 for none.

        Raises CallRefused with 1000.
        """
        with self._lock:
            session = self._find(owner, number)
            del self._open[session.number]
            return self._exclusivities.end_of_session(session.number)

    def leave(self, owner: object) -> int:
        """Close every session of a program whose connection has ended; return how many there were."""
        with self._lock:
            left = [each for each in self._open.values() if each.owner is owner]
            for session in left:
                del self._open[session.number]
                self._exclusivities.end_of_session(session.number)
            return len(left)

    def begin(self, owner: object, wanted: tuple[Wanted, ...]) -> int:
        """Begin an exclusivity; return its number.

        Raises CallRefused with 1000 for a session that is not the program's, HeldByAnother.
        """
        with self._lock:
            areas = []
            for each in wanted:
                session = self._find(owner, each.session)
                names = session.application, session.resource
                areas.append(Area(owner, session.number, *names, session.lad, each.level))
            return self._exclusivities.begin(areas)

    def end(self, owner: object, number: int) -> None:
        """End an exclusivity. Raises CallRefused with 1000."""
        with self._lock:
            self._exclusivities.end(owner, number)

    def check_free(self, owner: object, lad: Lad) -> None:
        """Check that no other program holds a resource. Raises HeldByAnother with 0004."""
        with self._lock:
            self._exclusivities.check(owner, lad)

    def write_context(self, owner: object, place: int, number: int, context: bytes) -> None:
        """Store a context.

        Raises CallRefused with 0010 for more than 1,076 bytes, 4000 for an unknown place, 1000, and
        HeldByAnother while another program holds the resource.
        """
        with self._lock:
            session = self._find(owner, number)
            where = _place(place)
            if len(context) > MAX_CONTEXT_BYTES:
                raise CallRefused(
                    SsvCode.CONTEXT,
                    "A context takes at most {most} bytes",
                    "Store less",
                    most=MAX_CONTEXT_BYTES,
                )
            if where is Place.SESSION:
                session.context = context
            else:
                self._exclusivities.check(owner, session.lad)
                self._contexts[session.lad] = context

    def read_context(self, owner: object, place: int, number: int) -> bytes:
        """Return a context. Raises CallRefused with 0020 when there is none, and as `write_context`."""
        with self._lock:
            session = self._find(owner, number)
            if _place(place) is Place.SESSION:
                found = session.context
            else:
                self._exclusivities.check(owner, session.lad)
                found = self._contexts.get(session.lad)
            if found is None:
                raise CallRefused(SsvCode.NO_CONTEXT, "There is no context", "Write one first")
            return found

    def _find(self, owner: object, number: int) -> Session:
        session = self._open.get(number)
        if session is None or session.owner is not owner:
            raise CallRefused(
                SsvCode.UNKNOWN_NUMBER, "There is no session {number}", "Open one", number=number
            )
        return session


def _place(number: int) -> Place:
    try:
        return Place(number)
    except ValueError:
        raise CallRefused(
            SsvCode.PARAMETER, "There is no place {number} for contexts", "Name 1 or 2", number=number
        ) from None
