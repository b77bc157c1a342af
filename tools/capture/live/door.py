"""The door of a running reader for those who follow it: a socket in the user's runtime folder."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.live.announcement import DESCRIBE, LONGEST_QUESTION, Announcement, Question
from tla_sim.tools.capture.live.feed import LiveFeed
from tla_sim.tools.capture.live.follower import Follower, FollowerGone
from tla_sim.tools.capture.live.listening import listen
from tla_sim.tools.capture.live.meeting_folder import meeting_folder

MOST_CLIENTS: Final = 64
"""Those who ask and those who follow, together (Project-defined); more are turned away."""
_LAST_WORDS_SECONDS: Final = 0.5


class NotFollowable(TlaError):
    """The reader cannot announce itself to those who would follow it."""

    category = Category.LINK


class Watching(Protocol):
    """The part of the serving loop that the door needs."""

    def watch(
        self, fd: int, reading: Callable[[], object], writing: Callable[[], object] | None = None
    ) -> None:
        """Call `reading` when there is something to read, or, if given, only `writing` when there is room."""

    def unwatch(self, fd: int) -> None:
        """Stop watching a descriptor."""


class LiveDoor:
    """The door of one reader, until `close`. Not for several threads: it lives in the serving loop's.

    `describe` is asked each time somebody wants to know about the reader. Raises NotFollowable.
    """

    def __init__(
        self,
        loop: Watching,
        feed: LiveFeed,
        describe: Callable[[], Announcement],
        folder: Path | None = None,
    ) -> None:
        self._loop = loop
        self._feed = feed
        self._describe = describe
        self._clients: dict[int, _Client] = {}
        try:
            self._listener, self.path = listen(folder or meeting_folder())
        except OSError as error:
            where = f"{error.filename}: " if error.filename is not None else ""
            raise NotFollowable(
                "This reader cannot be followed: {where}{reason}",
                where=where,
                reason=error.strerror or error,
            ) from None
        self._listener.setblocking(False)
        loop.watch(self._listener.fileno(), self._accept)

    @property
    def clients(self) -> int:
        """How many programs are connected."""
        return len(self._clients)

    def close(self) -> None:
        """Let everybody go, and take the socket away. Whoever follows gets what happened until now."""
        with suppress(OSError):
            self.path.unlink()
        self._loop.unwatch(self._listener.fileno())
        self._listener.close()
        self._pass_on_rest()
        for client in tuple(self._clients.values()):
            client.go()

    def _pass_on_rest(self) -> None:
        """Pass on what waits, as far as it is taken soon."""
        deadline = time.monotonic() + _LAST_WORDS_SECONDS
        poll = select.poll()
        for fd, client in self._clients.items():
            if client.waiting:
                poll.register(fd, select.POLLOUT)
        while any(client.waiting for client in self._clients.values()):
            left = deadline - time.monotonic()
            ready = poll.poll(max(left, 0) * 1_000)
            if not ready:
                return
            for fd, _ in ready:
                self._clients[fd].write()
                if fd not in self._clients or not self._clients[fd].waiting:
                    poll.unregister(fd)

    def _accept(self) -> bool:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return True
        if len(self._clients) >= MOST_CLIENTS:
            connection.close()
            return True
        connection.setblocking(False)
        fd = connection.fileno()
        self._clients[fd] = _Client(
            self._loop, connection, self._feed, self._describe, lambda: self._clients.pop(fd, None)
        )
        return True


class _Client:
    """Somebody who asks, and then follows or goes."""

    def __init__(
        self,
        loop: Watching,
        connection: socket.socket,
        feed: LiveFeed,
        describe: Callable[[], Announcement],
        gone: Callable[[], object],
    ) -> None:
        self._loop = loop
        self._connection = connection
        self._feed = feed
        self._describe = describe
        self._gone = gone
        self._asked = b""
        self._follower: Follower | None = None
        self._described = False
        loop.watch(connection.fileno(), self._read)

    @property
    def waiting(self) -> int:
        """The bytes that were not passed on yet."""
        return 0 if self._follower is None else self._follower.waiting

    def write(self) -> bool:
        """Pass on what there is room for."""
        assert self._follower is not None
        try:
            self._follower.send()
        except FollowerGone:
            self.go()
            return True
        if self._follower.waiting:
            return True
        if self._described:
            self.go()
        else:
            self._loop.watch(self._connection.fileno(), self._read)
        return True

    def go(self) -> None:
        """Follow no more."""
        if self._follower is not None:
            self._feed.remove(self._follower)
        self._loop.unwatch(self._connection.fileno())
        self._connection.close()
        self._gone()

    def _read(self) -> bool:
        try:
            data = self._connection.recv(LONGEST_QUESTION)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        if not data:
            self.go()
        elif self._follower is None:
            self._asked += data
            if b"\n" in self._asked or len(self._asked) >= LONGEST_QUESTION:
                self._answer(self._asked.partition(b"\n")[0])
        return True

    def _answer(self, line: bytes) -> None:
        try:
            question = Question.parse(line)
            levels = frozenset(Level(each) for each in question.levels)
        except (CodecError, ValueError):
            self.go()
            return
        self._follower = Follower(self._connection, self._wait_for_room)
        if question.ask == DESCRIBE:
            self._described = True
            self._follower.write(self._describe().line())
        else:
            self._feed.add(self._follower, levels)

    def _wait_for_room(self) -> None:
        self._loop.watch(self._connection.fileno(), self._read, self.write)
