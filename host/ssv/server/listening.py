"""The server's socket: a thread for each connection, and the reader closed when nobody calls."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import select
import signal
import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.place import MAX_SOCKET_PATH
from tla_sim.host.ssv.server.connection import may_call, peer_of, serve, watch_hang_up
from tla_sim.host.ssv.server.conversation import Conversation
from tla_sim.host.ssv.server.memory import FrameMemory
from tla_sim.host.ssv.server.party import Observer, OnMistake, OnRefused, Welcoming
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.protocol.errors import Category, TlaError

_LOG: Final = logging.getLogger("tla_sim.ssv")

MAX_CONNECTIONS: Final = 64
"""Connections at once; one more is closed at once."""
_LEAVE_S: Final = 5.0
"""Seconds that calls in progress may take when the server ends."""
_REST_S: Final = 0.05
"""Seconds of rest after a connection that could not be accepted, which stays first in the queue."""
_PRIVATE: Final = 0o700
_LOCK: Final = ".lock"


class PlaceUnusable(TlaError):
    """The server's socket cannot be where it was to be."""

    category = Category.BAD_INPUT


class AlreadyServing(TlaError):
    """Another server is serving on this socket."""

    category = Category.BAD_INPUT


class Listener:
    """A server on a Unix socket, for programs of its own user and of root.

    `welcome` makes the party of each program, `held` is the reader to close when it is idle. `run` serves
    until `stop`, which any thread and a signal handler may call. A socket that a killed server left is
    replaced; that of a living one is not. Raises PlaceUnusable, AlreadyServing.
    """

    def __init__(
        self,
        path: Path,
        welcome: Welcoming,
        held: ReaderHeld,
        observer: Observer | None = None,
        on_mistake: OnMistake | None = None,
        on_refused: OnRefused | None = None,
        most: int = MAX_CONNECTIONS,
    ) -> None:
        self.path = path
        self._welcome = welcome
        self._held = held
        self._observer = observer
        self._on_mistake = on_mistake
        self._on_refused = on_refused
        self._most = most
        self._memory = FrameMemory()
        self._stopped = False
        self._guard = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock_handle = _own(path)
        try:
            self._listening = _listen(path)
        except BaseException:
            os.close(self._lock_handle)
            raise
        self._waker, self._woken = socket.socketpair()
        for each in (self._waker, self._woken, self._listening):
            each.setblocking(False)
        held.on_opened = self._wake

    def run(self) -> None:
        """Accept connections until `stop`, then let calls in progress end."""
        try:
            while not self._stopped:
                ready, _, _ = select.select(
                    [self._listening, self._woken], [], [], self._held.close_when_idle()
                )
                if self._woken in ready:
                    with contextlib.suppress(BlockingIOError):
                        self._woken.recv(4096)
                if self._listening in ready:
                    self._accept()
        finally:
            self._end_connections()

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopped = True
        self._wake()

    @contextlib.contextmanager
    def stop_on_signals(self) -> Iterator[None]:
        """Call `stop` at SIGINT and SIGTERM for the time of a block, which must be in the main thread."""
        taken = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(each, lambda _number, _frame: self.stop()) for each in taken]
        try:
            yield
        finally:
            for each, handler in zip(taken, before, strict=True):
                signal.signal(each, handler)

    def close(self) -> None:
        """Take the socket away, and close the reader."""
        self._listening.close()
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        os.close(self._lock_handle)
        self._waker.close()
        self._woken.close()
        with contextlib.suppress(CallRefused):
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def _accept(self) -> None:
        try:
            connected, _ = self._listening.accept()
        except OSError as error:
            # The program is gone already, or this process has no descriptor left.
            _LOG.info("a connection could not be accepted: %s", error.strerror)
            time.sleep(_REST_S)
            return
        process, user = peer_of(connected)
        with self._guard:
            full = len(self._open) >= self._most
        if full or not may_call(user):
            _LOG.warning(
                "process %d of user %d was refused: %s",
                process,
                user,
                "too many connections" if full else "another user",
            )
            connected.close()
            return
        connected.setblocking(True)
        conversation = Conversation(
            self._welcome,
            process=process,
            memory=self._memory,
            observer=self._observer,
            on_mistake=self._on_mistake,
            on_refused=self._on_refused,
            has_hung_up=watch_hang_up(connected),
        )
        thread = threading.Thread(
            target=self._serve, args=(connected, conversation), name=f"ssv {process}", daemon=True
        )
        with self._guard:
            self._open[connected] = thread
        try:
            thread.start()
        except (RuntimeError, MemoryError):
            # The system gives no further thread. The connections that there are go on.
            _LOG.warning("process %d was refused: no thread can be started", process)
            with self._guard:
                del self._open[connected]
            connected.close()

    def _serve(self, connected: socket.socket, conversation: Conversation) -> None:
        try:
            serve(connected, conversation)
        finally:
            with self._guard:
                self._open.pop(connected, None)

    def _end_connections(self) -> None:
        with self._guard:
            remaining = list(self._open.items())
        for connected, _ in remaining:
            # A call in progress still ends and is answered; after it, the thread reads the end.
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RD)
        until = time.monotonic() + _LEAVE_S
        for _, thread in remaining:
            thread.join(max(0.0, until - time.monotonic()))


def _own(path: Path) -> int:
    """Return a locked descriptor that makes this process the only server at a path."""
    if len(os.fsencode(path)) > MAX_SOCKET_PATH:
        raise PlaceUnusable(
            "{path} is too long for a socket: {most} bytes at most",
            "Name a shorter one",
            path=path,
            most=MAX_SOCKET_PATH,
        )
    _check_folder(path.parent)
    handle = os.open(
        path.with_name(path.name + _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
    )
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise AlreadyServing(
            "Another server is serving on {path}", "End it, or name another socket", path=path
        ) from None
    return handle


def _check_folder(folder: Path) -> None:
    """Make the socket's folder, or check that it is the user's own and nobody else's."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=_PRIVATE)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PlaceUnusable("{folder} is not a folder of your own", "Name another place", folder=folder)
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise PlaceUnusable(
            "Others may enter {folder}",
            "Protect it with: chmod 700 {folder}",
            folder=folder,
        )


def _listen(path: Path) -> socket.socket:
    """Return a listening socket at a path that this process owns; a socket left there is replaced."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise PlaceUnusable("{path} is there and is no socket", "Name another place", path=path)
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o177)
        try:
            listening.bind(os.fspath(path))
        finally:
            os.umask(before)
        listening.listen(MAX_CONNECTIONS)
    except BaseException:
        listening.close()
        raise
    return listening
