"""A door to pcscd's vpcd driver: one TCP connection per slot, while there is a card in it."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Sequence
from typing import Final

from tla_sim.protocol.errors import PortUnavailable
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.links.port import Now, SlotPort
from tla_sim.reader_fw.links.vpcd_link import VpcdLink
from tla_sim.reader_fw.serve.channel import Channel, Loop, SocketStream
from tla_sim.reader_fw.serve.door import Cables, Door, LinkMaker
from tla_sim.reader_fw.serve.spec import LinkSpec

_RETRY_SECONDS: Final = 0.5
_AWAY_SECONDS: Final = 1.0
"""How long a slot that hung up stays empty. pcscd looks every 0.4 s, and never shows a card again that was
taken out and put back between two looks while a program used it."""
_READ_SIZE: Final = 4096
_LENGTH_SIZE: Final = 2
_REST_WAIT: Final = struct.pack("ll", 0, 2_000)
_QUICKACK: Final = getattr(socket, "TCP_QUICKACK", None)


class VpcdDoor(Door):
    """Connects the slots to PORT, PORT + 1 and so on, again whenever the driver was not there or went away.

    A slot hangs up when its card is taken out: that is how vpcd sees an empty slot. It also hangs up on a
    driver that waits for what will not come, which sees the card leave and come back.
    """

    def __init__(self, loop: Loop, reader: Cables, clock: Now, spec: LinkSpec, make_link: LinkMaker) -> None:
        super().__init__(loop, reader, clock, spec, make_link)
        host, port = spec.host_and_port()
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise PortUnavailable(
                "{host} cannot be found: {reason}", "Check the host's name", host=host, reason=reason
            ) from None
        self._hosts = [(family, str(address[0])) for family, _, _, _, address in found]
        self._first = port
        self._where = f"{host}:{port}"
        self._ports: list[SlotPort] = []
        self._slots: list[_Slot] = []
        self._away_until = 0.0
        self.plug(True)

    @property
    def address(self) -> str:
        return self._where

    @property
    def wake_in(self) -> float | None:
        waits = [wait for slot in self._slots if (wait := slot.wake_in) is not None]
        return min(waits, default=None)

    def tick(self) -> None:
        for slot in self._slots:
            slot.tick()

    def hang_up(self) -> None:
        for slot in self._slots:
            slot.drop()

    def plug(self, plugged: bool) -> None:
        self.hang_up()
        self._away_until = max((slot.retry_at for slot in self._slots), default=self._away_until)
        for port in self._ports:
            port.detach()
        self._ports, self._slots = [], []
        if plugged:
            cards, software = self._reader.attach(self.name), self._reader.attach(self.name)
            self._ports = [cards, software]
            for offset, lad in enumerate(self._spec.slots):
                port = software if lad is Lad.LOG_SV else cards
                number = self._first + offset
                slot = _Slot(self._loop, self._clock, port, lad, self._hosts, number, self._spec)
                slot.retry_at = self._away_until
                self._slots.append(slot)

    def close(self) -> None:
        self.plug(False)


class _Slot:
    """One slot and its connection, which is not made before `retry_at`, in the loop's seconds."""

    def __init__(
        self,
        loop: Loop,
        clock: Now,
        port: SlotPort,
        lad: Lad,
        hosts: Sequence[tuple[socket.AddressFamily, str]],
        number: int,
        spec: LinkSpec,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._port = port
        self._lad = lad
        self._hosts = hosts
        self._number = number
        self._spec = spec
        self._turn = 0
        self._insertion = 0
        self._calling: socket.socket | None = None
        self._link: VpcdLink | None = None
        self._channel: Channel | None = None
        self.retry_at = 0.0

    @property
    def wake_in(self) -> float | None:
        if self._channel is not None:
            return self._channel.wake_in
        if self._calling is not None or not self._port.insertion(self._lad):
            return None
        return self.retry_at - self._loop.now

    def tick(self) -> None:
        present = self._port.insertion(self._lad) if self._loop.awake else 0
        if present != self._insertion:
            self.drop()
            self._insertion = present
        if self._channel is not None:
            self._channel.tick()
            if self._link is not None and self._link.stuck:
                self.drop()
        elif present and self._calling is None and self._loop.now >= self.retry_at:
            self._call()

    def drop(self) -> None:
        """Hang up, and do not call again before the next tick."""
        self._insertion = 0
        if self._calling is not None:
            self._loop.unwatch(self._calling.fileno())
            self._calling.close()
            self._calling = None
        if self._channel is not None:
            self._channel.close()
            self._channel = None
            self.retry_at = self._loop.now + _AWAY_SECONDS

    def _call(self) -> None:
        self.retry_at = self._loop.now + _RETRY_SECONDS
        family, host = self._hosts[self._turn % len(self._hosts)]
        self._turn += 1
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            result = connection.connect_ex((host, self._number))
        except (OSError, OverflowError):
            connection.close()
            return
        self._calling = connection
        if result == errno.EINPROGRESS:
            self._loop.watch(connection.fileno(), self._finish_call, self._finish_call)
        else:
            self._finish_call()

    def _finish_call(self) -> None:
        connection, self._calling = self._calling, None
        if connection is None:
            return
        self._loop.unwatch(connection.fileno())
        try:
            failed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            connection.getpeername()
        except OSError:
            failed = errno.ECONNREFUSED
        if failed:
            connection.close()
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._link = VpcdLink(self._port, self._clock, self._lad)
        stream = _VpcdStream(connection)
        ear = self._loop.ear(self._spec, self._lad)
        self._channel = Channel(self._loop, stream, self._link, None, self._lose_driver, ear=ear)

    def _lose_driver(self) -> None:
        self.retry_at = self._loop.now + _RETRY_SECONDS
        if self._channel is not None:
            self._channel.close()
            self._channel = None


class _VpcdStream(SocketStream):
    """A connection whose other end sends the length of a message and its data separately.

    It sends the data only once the length is acknowledged, which the system delays by some 40 ms unless told
    otherwise. The data then follow at once, so waiting for them, at most 2 ms, saves a turn of the loop.
    """

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        connection.setblocking(True)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _REST_WAIT)
        self._socket = connection
        self._acknowledge()

    def read(self) -> bytes:
        receive = self._socket.recv
        data = receive(_READ_SIZE)
        if len(data) == _LENGTH_SIZE:
            try:
                data += receive(_READ_SIZE)
            except BlockingIOError:
                self._acknowledge()
        return data

    def write(self, data: bytes) -> int:
        count = self._socket.send(data, socket.MSG_DONTWAIT)
        # Sending is what makes the system delay its next acknowledgements.
        self._acknowledge()
        return count

    def _acknowledge(self) -> None:
        if _QUICKACK is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
