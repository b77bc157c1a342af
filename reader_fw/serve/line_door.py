"""Doors on a terminal line: a pseudo-terminal of our own, or a real serial device."""

from __future__ import annotations

import errno
import os
import pty
import termios
import tty
from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import PortUnavailable
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.links.port import Link, LinkPort, Now
from tla_sim.reader_fw.serve.channel import Channel, FdStream, Loop
from tla_sim.reader_fw.serve.door import Cables, Door, LinkMaker
from tla_sim.reader_fw.serve.log import LOG
from tla_sim.reader_fw.serve.spec import BadLink, LinkSpec
from tla_sim.reader_fw.serve.stable_link import StableLink

_REOPEN_SECONDS: Final = 1.0


class _LineDoor(Door):
    """A door with one stream, one link and one cable for as long as it is open."""

    def __init__(self, loop: Loop, reader: Cables, clock: Now, spec: LinkSpec, make_link: LinkMaker) -> None:
        super().__init__(loop, reader, clock, spec, make_link)
        self._ports: list[LinkPort] = []
        self._channel: Channel | None = None

    @property
    def wake_in(self) -> float | None:
        return None if self._channel is None else self._channel.wake_in

    def tick(self) -> None:
        if self._channel is not None:
            self._channel.tick()

    def hang_up(self) -> None:
        if self._channel is not None:
            self._channel.hang_up()

    def plug(self, plugged: bool) -> None:
        self._unplug()
        if plugged:
            stream = self._stream()
            link = self._attach()
            self._channel = self._open(stream, link)

    def _open(self, stream: FdStream, link: Link) -> Channel:
        ear = self._loop.ear(self._spec)
        return Channel(self._loop, stream, link, self._pace, self._lose_host, ear=ear)

    def _attach(self) -> Link:
        """Plug the cable into the reader, and return the link on it."""
        port = self._reader.attach(self.name)
        self._ports = [port]
        return self._make_link(port, self._clock, self._spec)

    def _unplug(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._detach()

    def _detach(self) -> None:
        ports, self._ports = self._ports, []
        for port in ports:
            port.detach()

    @property
    def _pace(self) -> int | None:
        return None

    @abstractmethod
    def _stream(self) -> FdStream:
        """Return the open line."""

    @abstractmethod
    def _lose_host(self) -> None:
        """Take note that the other side of the line is gone."""


def path_of(spec: LinkSpec) -> Path:
    """Return the absolute path at which a pseudo-terminal is served. Raises BadLink."""
    try:
        return Path(spec.address).expanduser().absolute()
    except RuntimeError:
        raise BadLink(
            "'{text}' begins with a user who has no home directory", "Write the whole path", text=spec.text
        ) from None


class PtyDoor(_LineDoor):
    """A pseudo-terminal with a stable name: a symbolic link at the path of the spec.

    Hosts may come and go. While there is none, a descriptor of our own keeps the terminal from reporting the
    missing host over and over. From a host's first byte on it is closed, so that the host's leaving is seen:
    `on_leaving` is called then.
    """

    def __init__(self, loop: Loop, reader: Cables, clock: Now, spec: LinkSpec, make_link: LinkMaker) -> None:
        super().__init__(loop, reader, clock, spec, make_link)
        self.on_leaving: Callable[[], None] = lambda: None
        self._path = path_of(spec)
        self._master, self._keeper = open_pty()
        self._terminal = os.ttyname(self._keeper)
        self._end: _MasterStream | None = None
        try:
            self._link = StableLink(self._path, self._terminal)
        except BaseException:
            os.close(self._master)
            os.close(self._keeper)
            raise
        self.plug(True)

    @property
    def address(self) -> str:
        return str(self._path)

    def close(self) -> None:
        self._unplug()
        os.close(self._master)
        self._drop_keeper()
        self._link.remove()

    @property
    def _pace(self) -> int | None:
        return self._spec.baud

    def _stream(self) -> FdStream:
        stream = self._end = _MasterStream(self._master, self._drop_keeper)
        with suppress(OSError):
            while stream.read():  # what the host sent while the cable was out never reached the reader
                pass
        return stream

    def _lose_host(self) -> None:
        if self._channel is not None:
            self._channel.hang_up()
        LOG.debug("%s: the host has gone", self.name)
        if self._keeper < 0:
            self._keeper = os.open(self._terminal, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self._keeper)
        if self._end is not None:
            self._end.wait_for_host()
        # Or the next host would receive what the last one did not read.
        termios.tcflush(self._keeper, termios.TCIOFLUSH)
        self.on_leaving()

    def _drop_keeper(self) -> None:
        if self._keeper >= 0:
            LOG.debug("%s: a host speaks", self.name)
            os.close(self._keeper)
            self._keeper = -1


class _MasterStream(FdStream):
    """Our end of the pseudo-terminal, which outlives its channels and reports a host's first byte."""

    def __init__(self, master: int, host_speaks: Callable[[], None]) -> None:
        super().__init__(master, lambda: None)
        self._host_speaks = host_speaks
        self._heard = False

    def read(self) -> bytes:
        data = super().read()
        if not self._heard:
            self._heard = True
            self._host_speaks()
        return data

    def wait_for_host(self) -> None:
        """Report the first byte of the next host, too."""
        self._heard = False


class SerialDoor(_LineDoor):
    """A serial device, for this process alone; when it disappears it is tried again every second."""

    def __init__(self, loop: Loop, reader: Cables, clock: Now, spec: LinkSpec, make_link: LinkMaker) -> None:
        super().__init__(loop, reader, clock, spec, make_link)
        self._retry_at: float | None = None
        self.plug(True)

    @property
    def address(self) -> str:
        return self._spec.address

    @property
    def wake_in(self) -> float | None:
        return super().wake_in if self._retry_at is None else self._retry_at - self._loop.now

    def tick(self) -> None:
        if self._retry_at is not None and self._loop.now >= self._retry_at:
            try:
                self.plug(True)
            except PortUnavailable:
                self._lose_host()
        super().tick()

    def close(self) -> None:
        self._unplug()

    def plug(self, plugged: bool) -> None:
        self._retry_at = None
        super().plug(plugged)

    def _stream(self) -> FdStream:
        import serial

        try:
            port = serial.Serial(self._spec.address, self._spec.baud or 9600, timeout=0, exclusive=True)
            port.reset_input_buffer()
        except Exception as error:  # pyserial also lets errors of termios through
            raise PortUnavailable(*_explain(self._spec.address, error)) from None
        return FdStream(port.fileno(), port.close)

    def _lose_host(self) -> None:
        self._unplug()
        self._retry_at = self._loop.now + _REOPEN_SECONDS


def open_pty() -> tuple[int, int]:
    """Return both sides of a new pseudo-terminal, which carries bytes as they are. Raises PortUnavailable."""
    try:
        master, slave = pty.openpty()
    except OSError as error:
        raise PortUnavailable(
            "No pseudo-terminal can be had: {reason}", "Close some", reason=error.strerror
        ) from None
    tty.setraw(slave)
    return master, slave


def _explain(device: str, error: Exception) -> tuple[str, str]:
    """Return message and action for a serial device that cannot be opened."""
    code = getattr(error, "errno", None)
    if code in (errno.EAGAIN, errno.EBUSY):
        return Sentence("The port {device} is in use by another program", device=device), Sentence(
            "Close the other program"
        )
    if code in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return Sentence("The port {device} does not exist", device=device), Sentence(
            "Check the cable and the port's name"
        )
    if code in (errno.EACCES, errno.EPERM):
        return Sentence("The port {device} may not be opened by this user", device=device), Sentence(
            "Ask for access to serial ports"
        )
    return Sentence("The port {device} cannot be opened", device=device), Sentence(
        "Check its name and its cable"
    )
