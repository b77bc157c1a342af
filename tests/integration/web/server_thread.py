"""The bench's server in a thread of this process, so that a test sees what its readers went through."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.integration.serving import PATIENCE, wait_for
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.web.app import make_app
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.connections import BoundedConnection
from tla_sim.tools.web.gate import Gate
from tla_sim.tools.web.serving import WebServer, listen
from tla_sim.tools.web.streams import Streams

READER = "/v1/readers/reader-1"


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, parsed."""
        return json.loads(self.body)


@dataclass
class Served:
    """A server under test, with its bench."""

    bench: Bench
    streams: Streams
    server: WebServer
    port: int

    def connect(self) -> socket.socket:
        """Return a plain connection to the server."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Ask on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            raw = None if body is None else json.dumps(body).encode()
            sent = {"Content-Type": "application/json"} if raw is not None else {}
            connection.request(method, path, raw, {**sent, **headers})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def events(self, since: str = "") -> socket.socket:
        """Return a connection on which the events of the reader come."""
        return self.begin(f"GET {READER}/events HTTP/1.1", f"Last-Event-ID: {since}")

    def begin(self, *lines: str, then: str = "") -> socket.socket:
        """Return a connection on which a request was sent, with what comes `then` after its head."""
        stream = self.connect()
        head = "\r\n".join((lines[0], f"Host: 127.0.0.1:{self.port}", *lines[1:]))
        stream.sendall(f"{head}\r\n\r\n{then}".encode())
        return stream

    @property
    def unanswered(self) -> list[BoundedConnection]:
        """The connections whose answer has begun and not ended."""
        connections = [
            each for each in self.server.server_state.connections if isinstance(each, BoundedConnection)
        ]
        return [each for each in connections if each.cycle is not None and not each.cycle.response_complete]


@contextmanager
def serving(body_seconds: float = 1.0) -> Iterator[Served]:
    """Serve a bench with the reader `reader-1` on a free port."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        bench, streams = Bench(demo_practice(), "e0"), Streams()
        try:
            bench.add("reader-1", ReaderControl.in_memory(bench.practice, seed=1))
            server = WebServer(
                make_app(bench, Gate.at("127.0.0.1", port), streams, body_seconds=body_seconds), streams
            )
            thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
            thread.start()
            try:
                wait_for(lambda: server.started)
                yield Served(bench, streams, server, port)
            finally:
                server.stop()
                thread.join(PATIENCE)
                assert not thread.is_alive(), "the server does not end"
        finally:
            bench.close()
