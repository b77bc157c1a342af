"""What a browser, or anybody here, may send: the server refuses or bounds it, and the reader goes on."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from tests.integration.serving import PATIENCE, wait_for
from tests.integration.web.server_thread import READER, Served, serving
from tla_sim.protocol.lad import Lad
from tla_sim.tools.simulator.control.event_ring import MAX_EVENTS
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.trace_ring import TracedExchange
from tla_sim.tools.web.connections import MOST
from tla_sim.tools.web.streams import MAX_STREAMS

MANY = 1_000


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as made:
        yield made


def untouched(served: Served) -> bool:
    """Return whether the reader is as it was made, and answers."""
    screen = served.ask("GET", f"{READER}/screen")
    return screen.status == 200 and screen.json()["revision"] == 1


def read_status(stream: socket.socket) -> int:
    """Return the status of the answer that comes on a connection, 0 when it is closed without one."""
    stream.settimeout(20)
    head = b""
    try:
        while b"\r\n" not in head:
            piece = stream.recv(4096)
            if not piece:
                return 0
            head += piece
    except (ConnectionResetError, TimeoutError):
        return 0
    return int(head.split()[1])


def get_status(served: Served) -> int:
    """Ask on a new connection, and return the status of the answer, 0 when there is none."""
    with served.begin("GET /v1/status HTTP/1.1") as stream:
        return read_status(stream)


def ask_on(served: Served, stream: socket.socket) -> int:
    """Ask on a connection, and return the status of the answer, which is read to its end."""
    stream.settimeout(PATIENCE)
    stream.sendall(f"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n\r\n".encode())
    with http.client.HTTPResponse(stream) as answer:
        answer.begin()
        answer.read()
        return answer.status


def test_a_name_that_points_here_and_a_page_elsewhere_reach_no_reader(served: Served) -> None:
    keys = {"keys": ["VAL"]}
    assert served.ask("POST", f"{READER}/keys", keys, Host=f"rebound.example:{served.port}").status == 421
    assert served.ask("POST", f"{READER}/keys", keys, Origin="http://evil.example").status == 403
    assert served.ask("DELETE", READER, Origin="null").status == 403
    assert served.ask("GET", f"{READER}/screen.png", **{"Sec-Fetch-Site": "cross-site"}).status == 403
    preflight = served.ask(
        "OPTIONS", f"{READER}/keys", Origin="http://evil.example", **{"Access-Control-Request-Method": "POST"}
    )
    assert preflight.status == 403
    assert not [name for name in preflight.headers if name.startswith("access-control")]
    assert untouched(served)


def test_a_thousand_streams_are_bounded_and_the_reader_answers(served: Served) -> None:
    streams = []
    try:
        for _ in range(MANY):
            streams.append(served.events())
            if len(streams) % 100 == 0:
                wait_for(lambda: len(served.server.server_state.connections) <= MOST + 1)
        wait_for(lambda: served.streams.count == MAX_STREAMS)
        statuses = [read_status(stream) for stream in streams]
        assert statuses.count(200) == MAX_STREAMS
        assert set(statuses) <= {200, 429, 0}
        assert statuses.count(429) > MANY - MAX_STREAMS - 50
        for stream in streams[MAX_STREAMS:]:
            stream.close()
        wait_for(lambda: len(served.server.server_state.connections) < MOST)
        assert untouched(served)
        assert served.ask("GET", f"{READER}/events").status == 429
    finally:
        for stream in streams:
            stream.close()
    wait_for(lambda: served.streams.count == 0)


def test_who_never_reads_its_events_costs_nothing_and_is_told_later(served: Served) -> None:
    ring = served.bench.running("reader-1").events
    stream = served.events()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wait_for(lambda: served.streams.count == 1)
    exchange = TracedExchange(1, 0, 0, "x", Lad.LOG_SV, bytes(5), bytes(20_000))
    for _ in range(10):
        for _ in range(2_000):
            ring.add(EventKind.EXCHANGE, exchange)
        assert untouched(served)
    held = max(connection.transport.get_write_buffer_size() for connection in served.unanswered)
    assert held < 8 * 1024 * 1024
    assert len(ring.after(0).events) == MAX_EVENTS
    stream.close()
    wait_for(lambda: served.streams.count == 0)
    late = served.ask("GET", f"{READER}/events?follow=false&after=e0-1")
    assert b"event: missed" in late.body


def test_a_body_that_does_not_end_is_refused_in_time(served: Served) -> None:
    head = (f"POST {READER}/keys HTTP/1.1", "Content-Type: application/json")
    for kind, then in (("Content-Length: 100", "{"), ("Transfer-Encoding: chunked", "1\r\n{\r\n")):
        with served.begin(*head, kind, then=then) as stream:
            assert read_status(stream) == 408
    assert untouched(served)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/readers HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/readers HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v1/readers HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET /%ff%fe%00 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"GET /v1/readers/%2e%2e%2f HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"GET /v1/readers?\xff HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"\r\n" * 10_000,
    ],
)
def test_what_is_no_request_is_refused(served: Served, raw: bytes) -> None:
    with served.connect() as stream:
        stream.sendall(raw.replace(b"PORT", str(served.port).encode()))
        stream.shutdown(socket.SHUT_WR)
        assert read_status(stream) in (0, 200, 400, 404, 413, 421, 431)
    assert untouched(served)


@pytest.mark.parametrize("asked_before", [False, True], ids=["silent", "answered"])
def test_connections_without_a_request_do_not_keep_others_out(served: Served, asked_before: bool) -> None:
    idle = []
    try:
        for _ in range(MOST + 50):
            idle.append(served.connect())
            if asked_before:
                assert ask_on(served, idle[-1]) == 200
        wait_for(lambda: get_status(served) == 200)
        idle[0].settimeout(PATIENCE)
        while idle[0].recv(4096):
            pass  # The oldest was closed.
        if asked_before:
            assert ask_on(served, idle[-1]) == 200
    finally:
        for stream in idle:
            stream.close()


def test_a_request_that_is_being_answered_is_never_closed_for_another() -> None:
    body = ("Content-Type: application/json", "Content-Length: 10")
    with serving(body_seconds=PATIENCE) as served:
        busy = [
            *(
                served.begin(f"GET {READER}/screen?after=1&timeout=600000 HTTP/1.1")
                for _ in range(MAX_STREAMS)
            ),
            *(
                served.begin(f"POST {READER}/keys HTTP/1.1", *body, then="{")
                for _ in range(MOST - MAX_STREAMS)
            ),
        ]
        try:
            wait_for(lambda: len(served.unanswered) == MOST)
            with served.connect() as late:
                assert read_status(late) == 429
            assert len(served.unanswered) == MOST
        finally:
            for stream in busy:
                stream.close()


def test_every_stream_ends_with_the_server() -> None:
    with serving() as served:
        streams = [served.events() for _ in range(8)]
        waiting = served.begin(f"GET {READER}/screen?after=1&timeout=600000 HTTP/1.1")
        wait_for(lambda: served.streams.count == 9)
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    for stream in (*streams, waiting):
        stream.settimeout(5)
        while stream.recv(65_536):
            pass
        stream.close()


def test_no_answer_waits_for_the_client_to_confirm_a_part_of_it(served: Served) -> None:
    with served.begin("GET /v1/status HTTP/1.1") as stream:
        assert read_status(stream) == 200
        (connection,) = served.server.server_state.connections
        line = connection.transport.get_extra_info("socket")
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
