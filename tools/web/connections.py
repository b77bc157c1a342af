"""HTTP connections of the server (uvicorn's, over h11), bounded in number and in how long they may idle.

Those that have no request under way make room for new ones, the one that was idle longest first.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST: Final = 256
FIRST_SECONDS: Final = 10.0
"""How long the head of a first request may take to arrive."""
_NEW_SECONDS: Final = 1.0
"""How long a connection without any request yet stays whoever comes: its first may be on the way."""
_STUCK_MS: Final = 60_000
"""How long a peer may leave unread what was sent to it."""
_FULL: Final = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class BoundedConnection(H11Protocol):
    """A connection that is closed when no request comes, or refused when too many others have one."""

    _waiting: asyncio.TimerHandle | None = None
    _heard: float = 0.0

    def connection_made(self, transport: Any) -> None:
        """Take the connection, or refuse it."""
        super().connection_made(transport)
        if not self._find_room():
            transport.write(_FULL)
            transport.close()
            return
        _set_options(transport.get_extra_info("socket"))
        self._heard = self.loop.time()
        self._waiting = self.loop.call_later(FIRST_SECONDS, self._close_unused)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._heard = self.loop.time()
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._heard = self.loop.time()
        super().on_response_complete()

    def _find_room(self) -> bool:
        """Return whether there is room for this connection, after closing an idle one for it if need be."""
        others = [
            each
            for each in self.connections
            if isinstance(each, BoundedConnection) and each is not self and not each.transport.is_closing()
        ]
        if len(others) < MOST:
            return True
        now = self.loop.time()
        idle = min(
            (each for each in others if each._is_idle(now)), key=lambda each: each._heard, default=None
        )
        if idle is None:
            return False
        idle.transport.close()
        return True

    def _is_idle(self, now: float) -> bool:
        """Return whether no request is under way, and all that was answered has left."""
        if self.cycle is None:
            return now - self._heard >= _NEW_SECONDS
        return self.cycle.response_complete and self.transport.get_write_buffer_size() == 0

    def _close_unused(self) -> None:
        if self.cycle is None:
            self.transport.close()


def _set_options(line: socket.socket) -> None:
    """Send each piece at once; where the system can, give up on a peer that takes nothing for too long."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STUCK_MS)
