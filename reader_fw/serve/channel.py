"""One link on one open stream: reads, lets the link answer, and writes, at the speed of the line."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.links.port import Link
from tla_sim.reader_fw.serve.pacing import Pacer
from tla_sim.reader_fw.serve.spec import LinkSpec

_READ_SIZE: Final = 4096
_MOST_UNSENT: Final = 65_536


class Stream(Protocol):
    """A stream that never blocks: `read` and `write` raise BlockingIOError when they would have to wait."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""

    def read(self) -> bytes:
        """Return the bytes that have arrived, empty when the other side is gone. Raises OSError."""

    def write(self, data: bytes) -> int:
        """Send as much as possible, and return how many bytes that was. Raises OSError."""

    def close(self) -> None:
        """Close the stream."""


class FdStream:
    """The file descriptor of a terminal, set not to block."""

    def __init__(self, fd: int, close: Callable[[], None] | None = None) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._close = close

    def fileno(self) -> int:
        return self._fd

    def read(self) -> bytes:
        return os.read(self._fd, _READ_SIZE)

    def write(self, data: bytes) -> int:
        return os.write(self._fd, data)

    def close(self) -> None:
        with suppress(OSError):
            if self._close is None:
                os.close(self._fd)
            else:
                self._close()


class SocketStream:
    """A connected socket, set not to block."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection

    def fileno(self) -> int:
        return self._connection.fileno()

    def read(self) -> bytes:
        return self._connection.recv(_READ_SIZE)

    def write(self, data: bytes) -> int:
        return self._connection.send(data)

    def close(self) -> None:
        self._connection.close()


class Ear(Protocol):
    """Hears all bytes of a channel, as they are: they may hold codes in clear. Raises nothing."""

    def heard(self, from_reader: bool, data: bytes) -> None:
        """Take bytes that came, or that the reader sent."""

    def gone(self) -> None:
        """Take note that the channel has ended."""


class Loop(Protocol):
    """The services of the serving loop to channels and doors."""

    @property
    def now(self) -> float:
        """Seconds of a clock that never goes back."""

    def seconds_until(self, clock_ms: int) -> float:
        """Return the seconds until a moment of the reader's clock."""

    def watch(
        self, fd: int, reading: Callable[[], object], writing: Callable[[], object] | None = None
    ) -> None:
        """Call `reading` when there is something to read, or, if given, only `writing` when there is room.

        One that returns `True` says that nothing else became due by it.
        """

    def unwatch(self, fd: int) -> None:
        """Stop watching a descriptor."""

    @property
    def awake(self) -> bool:
        """Whether the reader is switched on, without which it hears nothing."""

    @property
    def stopped(self) -> bool:
        """Whether serving is to end."""

    def ear(self, spec: LinkSpec, lad: Lad | None = None, name: str = "") -> Ear | None:
        """Return who listens to a new channel of a link, at the slot for `lad` if it has slots; `None` if
        nobody. `name` tells the channels of one link apart."""


class Channel:
    """Serves `link` on `stream` until the other side is gone, and then calls `gone` once.

    A link that is `mains_powered` speaks even while the reader is off. `ear` hears all that goes over it.
    """

    def __init__(
        self,
        loop: Loop,
        stream: Stream,
        link: Link,
        baud: int | None,
        gone: Callable[[], None],
        *,
        mains_powered: bool = False,
        ear: Ear | None = None,
    ) -> None:
        self._loop = loop
        self._stream = stream
        self._link = link
        self._gone = gone
        self._mains_powered = mains_powered
        self._ear = ear
        self._paced = baud is not None
        self._heard = Pacer(baud)
        self._said = Pacer(baud)
        self._unsent = b""
        self._waiting_for_room = False
        loop.watch(stream.fileno(), self.receive)

    @property
    def wake_in(self) -> float | None:
        """The seconds until `tick` has something to do, `None` while only bytes matter."""
        wake_at = self._link.wake_at if self._awake else None
        waits = [] if wake_at is None else [self._loop.seconds_until(wake_at)]
        if self._paced:
            now = self._loop.now
            waits += [due - now for due in (self._heard.due, self._said.due) if due is not None]
        return min(waits, default=None)

    @property
    def _awake(self) -> bool:
        return self._mains_powered or self._loop.awake

    def tick(self) -> None:
        """Do what is due now."""
        if not self._paced:
            if self._link.wake_at is not None and self._awake:
                self._write(self._link.tick())
            return
        now = self._loop.now
        heard = self._heard.take(now)
        if heard and self._awake:
            self._said.put(self._link.receive(heard), now)
        if self._awake and self._link.wake_at is not None:
            self._said.put(self._link.tick(), now)
        self._write(self._said.take(now))

    def receive(self) -> bool:
        """Take what has arrived, and return whether all is done that follows from it."""
        try:
            data = self._stream.read()
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._gone()
            return False
        if self._ear is not None:
            self._ear.heard(False, data)
        if self._paced:
            self._heard.put(data, self._loop.now)
            self.tick()
            return False
        if self._mains_powered or self._loop.awake:
            out = self._link.receive(data)
            if out:
                self._write(out)
            return self._link.wake_at is None
        # What reaches a reader that is off was read all the same, and is lost, as on a real line.
        return False

    def hang_up(self) -> None:
        """Forget what is on the line, and end the session: the host is gone, or the reader is off."""
        self._heard.clear()
        self._said.clear()
        self._unsent = b""
        self._link.hang_up()

    def close(self) -> None:
        """End the session and close the stream."""
        self._loop.unwatch(self._stream.fileno())
        self.hang_up()
        self._stream.close()
        if self._ear is not None:
            self._ear.gone()

    def _write(self, data: bytes) -> None:
        if data and self._ear is not None:
            self._ear.heard(True, data)
        if not self._unsent:
            try:
                count = self._stream.write(data) if data else 0
            except BlockingIOError:
                count = 0
            except OSError:
                count = len(data)
            if count == len(data) and not self._waiting_for_room:
                return
            data = data[count:]
        # What a host does not read is kept up to a bound; a real line would not have kept it either.
        self._unsent = (self._unsent + data)[:_MOST_UNSENT]
        while self._unsent:
            try:
                self._unsent = self._unsent[self._stream.write(self._unsent) :]
            except BlockingIOError:
                break
            except OSError:
                self._unsent = b""
        if self._waiting_for_room != bool(self._unsent):
            self._waiting_for_room = bool(self._unsent)
            writing = self._send_rest if self._waiting_for_room else None
            self._loop.watch(self._stream.fileno(), self.receive, writing)

    def _send_rest(self) -> None:
        self._write(b"")
        if self._waiting_for_room:
            # That a host is gone is reported as room to write, too, and shows only when reading.
            self.receive()
