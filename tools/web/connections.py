"""HTTP connections of the server (uvicorn's, over h11), bounded in number and in how long they may idle."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST: Final = 256
FIRST_SECONDS: Final = 10.0
"""How long the head of a first request may take to arrive."""
_STUCK_MS: Final = 60_000
"""How long a peer may leave unread what was sent to it."""
_FULL: Final = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class BoundedConnection(H11Protocol):
    """A connection that is refused when there are too many, and closed when no request comes."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take the connection, or refuse it."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.write(_FULL)
            transport.close()
            return
        _set_options(transport.get_extra_info("socket"))
        self._waiting = self.loop.call_later(FIRST_SECONDS, self._close_unused)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _close_unused(self) -> None:
        if self.cycle is None:
            self.transport.close()


def _set_options(line: socket.socket) -> None:
    """Send each piece at once; where the system can, give up on a peer that takes nothing for too long."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STUCK_MS)
