"""A TCP connection as a line in real time."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from typing import Final

from tla_sim.protocol.errors import ConnectionLost, PortUnavailable
from tla_sim.protocol.sentence import Sentence

_CONNECT_SECONDS: Final = 5.0
_WRITE_SECONDS: Final = 10.0
_READ_SIZE: Final = 65_536
_REASONS: Final = {
    errno.ECONNREFUSED: (
        Sentence("refuses the connection"),
        Sentence("Check that the reader is served there"),
    ),
    errno.EHOSTUNREACH: (Sentence("cannot be reached"), Sentence("Check the address and the network")),
    errno.ENETUNREACH: (Sentence("cannot be reached"), Sentence("Check the address and the network")),
}


class SocketLine:
    """A connection to `host`:`port`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        self._arrivals = selectors.DefaultSelector()

    def open(self) -> None:
        """Connect within 5 s. Raises `PortUnavailable` saying why."""
        try:
            connection = socket.create_connection((self._host, self._port), timeout=_CONNECT_SECONDS)
        except TimeoutError:
            raise self._unavailable(
                Sentence("does not answer"), Sentence("Check the address and the network")
            ) from None
        except socket.gaierror:
            raise self._unavailable(Sentence("is not known"), Sentence("Check the name")) from None
        except (OSError, ValueError) as error:
            code = getattr(error, "errno", None) or 0
            raise self._unavailable(
                *_REASONS.get(code, (Sentence("cannot be opened"), "Check the address"))
            ) from None
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.settimeout(_WRITE_SECONDS)
        self._arrivals.register(connection, selectors.EVENT_READ)
        self._socket = connection

    def _unavailable(self, reason: str, action: str) -> PortUnavailable:
        return PortUnavailable(
            "The reader at {host}:{port} {reason}", action, host=self._host, port=self._port, reason=reason
        )

    def now_ms(self) -> int:
        """Return the milliseconds of a monotonic clock."""
        return time.monotonic_ns() // 1_000_000

    def write(self, data: bytes) -> None:
        """Send bytes. Raises `ConnectionLost`, also when the peer accepts none for 10 s."""
        try:
            self._held().sendall(data)
        except OSError:
            raise self._lost() from None

    def read(self, wait_ms: int) -> bytes:
        """Return the bytes that have arrived, waiting at most `wait_ms` for the first.

        Raises `ConnectionLost`.
        """
        connection = self._held()
        try:
            if not self._arrivals.select(wait_ms / 1000):
                return b""
            data = connection.recv(_READ_SIZE)
        except (OSError, ValueError):
            raise self._lost() from None
        if not data:
            raise self._lost()
        return data

    def close(self) -> None:
        """Close the connection."""
        connection, self._socket = self._socket, None
        if connection is not None:
            self._arrivals.unregister(connection)
            connection.close()

    def _held(self) -> socket.socket:
        if self._socket is None:
            raise self._lost()
        return self._socket

    def _lost(self) -> ConnectionLost:
        message = Sentence("The connection to {host}:{port} went away", host=self._host, port=self._port)
        return ConnectionLost(message, "Check the network, then start again")
