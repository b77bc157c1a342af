"""Serving the app by uvicorn, until a signal: every stream ends first, so that nothing hangs."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn
from fastapi import FastAPI

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.web.connections import BoundedConnection
from tla_sim.tools.web.gate import PARAMETER, Gate
from tla_sim.tools.web.streams import Streams

_GRACE_SECONDS: Final = 2
_KEEP_ALIVE_SECONDS: Final = 30
_BACKLOG: Final = 512
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AddressTaken(TlaError):
    """The address to serve at is in use, or not one of this machine."""

    category = Category.BAD_INPUT


class BadAddress(TlaError):
    """The text is not an IP address to serve at."""

    category = Category.BAD_INPUT


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an IP address; port 0 picks a free one.

    Raises AddressTaken, BadAddress.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise BadAddress("{host!r} is not an IP address", "Give one such as 127.0.0.1", host=host) from None
    listener = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(
                "Port {port} of {host} is in use",
                "Choose another one, or 0 for any free one",
                port=port,
                host=host,
            ) from None
        raise AddressTaken(
            "Port {port} of {host} cannot be served: {reason}",
            "Choose another address or port",
            port=port,
            host=host,
            reason=(error.strerror or str(error)).lower(),
        ) from None
    return listener


def url_of(listener: socket.socket, gate: Gate) -> str:
    """Return the URL to open, with the token if one is wanted."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        host = socket.gethostname()
    spelt = f"[{host}]" if address.version == 6 and not address.is_unspecified else host
    return f"http://{spelt}:{port}/" + (f"?{PARAMETER}={gate.token}" if gate.token else "")


class WebServer(uvicorn.Server):
    """Serves an app on a socket until `stop`, or in the main thread until SIGINT, SIGTERM or SIGHUP."""

    def __init__(self, app: FastAPI, streams: Streams, on_serving: Callable[[], None] | None = None) -> None:
        _silence()
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedConnection,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._streams = streams
        self._on_serving = on_serving

    def stop(self) -> None:
        """End soon. May be called from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and say so."""
        await super().startup(sockets)
        if self._on_serving is not None:
            self._on_serving()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End every stream, then the server."""
        self._streams.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let signals end the serving. They are not raised again, as uvicorn does: the end is a clean one."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        wanted = [each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
        before = {each: signal.signal(each, self.handle_exit) for each in wanted}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _silence() -> None:
    """Keep uvicorn's own log lines off standard error: what a client sends wrong is no news."""
    log = logging.getLogger("uvicorn")
    log.addHandler(logging.NullHandler())
    log.propagate = False
