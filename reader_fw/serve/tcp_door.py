"""A door on a TCP port."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final

from tla_sim.protocol.errors import PortUnavailable
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.links.port import LinkPort, Now
from tla_sim.reader_fw.serve.channel import Channel, Loop, SocketStream
from tla_sim.reader_fw.serve.door import Cables, Door, LinkMaker
from tla_sim.reader_fw.serve.log import LOG
from tla_sim.reader_fw.serve.spec import LinkSpec

_MOST_CLIENTS: Final = 8
_KEEPALIVE: Final = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


class TcpDoor(Door):
    """A TCP port. Each connection is a link of its own, so a second host is told that the reader is held.

    Connections beyond the eighth are closed at once. The listening socket counts as a cable in the reader.
    """

    def __init__(self, loop: Loop, reader: Cables, clock: Now, spec: LinkSpec, make_link: LinkMaker) -> None:
        super().__init__(loop, reader, clock, spec, make_link)
        self._clients: dict[int, tuple[Channel, LinkPort]] = {}
        self._cable: LinkPort | None = None
        host, port = spec.host_and_port()
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            self._listener = socket.create_server((host, port), family=family)
        except OSError as error:
            problem = Sentence(
                "{address} cannot be served: {reason}", address=spec.address, reason=error.strerror or error
            )
            raise PortUnavailable(problem, "Choose another port") from None
        self._listener.setblocking(False)
        loop.watch(self._listener.fileno(), self._accept)
        self.plug(True)

    @property
    def address(self) -> str:
        host, port = self._listener.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def wake_in(self) -> float | None:
        waits = [channel.wake_in for channel, _ in self._clients.values()]
        return min((wait for wait in waits if wait is not None), default=None)

    def tick(self) -> None:
        for channel, _ in tuple(self._clients.values()):
            channel.tick()

    def hang_up(self) -> None:
        for channel, _ in self._clients.values():
            channel.hang_up()

    def end_sessions(self) -> None:
        for fd in tuple(self._clients):
            self._drop(fd)

    def plug(self, plugged: bool) -> None:
        self._drop_all()
        if plugged:
            self._cable = self._reader.attach(self.name)

    def close(self) -> None:
        self._drop_all()
        self._loop.unwatch(self._listener.fileno())
        self._listener.close()

    def _accept(self) -> None:
        try:
            connection, peer = self._listener.accept()
        except OSError:
            return
        if self._cable is None or len(self._clients) >= _MOST_CLIENTS:
            LOG.debug("%s: %s:%d is turned away", self.name, *peer[:2])
            connection.close()
            return
        LOG.debug("%s: host %s:%d has come", self.name, *peer[:2])
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            with suppress(OSError, AttributeError):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        fd = connection.fileno()
        name = f"{self.name} from {peer[0]}:{peer[1]}"
        port = self._reader.attach(name)
        link = self._make_link(port, self._clock, self._spec)
        stream = SocketStream(connection)
        ear = self._loop.ear(self._spec, name=name)
        channel = Channel(self._loop, stream, link, None, lambda: self._drop(fd), ear=ear)
        self._clients[fd] = (channel, port)

    def _drop(self, fd: int) -> None:
        channel, port = self._clients.pop(fd)
        LOG.debug("%s: a host has gone", self.name)
        channel.close()
        port.detach()

    def _drop_all(self) -> None:
        self.end_sessions()
        if self._cable is not None:
            self._cable.detach()
            self._cable = None
