"""The bench's HTTP API: a key to its settled screen, commands that are followed, the start of `tla web`."""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from tla_sim.tools.bench.report import Figure

_PRESSES: Final = 400
_KEY_MS: Final = 5
_START_SECONDS: Final = 1.5
_STARTS: Final = 5
_RATE: Final = 5_000
_SECONDS: Final = 4
_READER: Final = "/v1/readers/reader-1"


def measure() -> list[Figure]:
    """Time keys by HTTP beside a route that asks no reader, and count commands while events are followed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.bench.page_subject"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as subject:
        assert subject.stdin is not None
        assert subject.stdout is not None
        place = urlsplit(subject.stdout.readline().strip())
        connection = http.client.HTTPConnection(place.hostname or "", place.port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain = _median_ms(lambda _: _ask(connection, "GET", "/v1/status", None))
        key = _median_ms(lambda turn: _ask(connection, "POST", f"{_READER}/keys", _key(turn)))
        follower = _Follower(place.hostname or "", place.port or 0)
        print(_RATE, _SECONDS, file=subject.stdin, flush=True)
        busy = _median_ms(lambda turn: _ask(connection, "POST", f"{_READER}/keys", _key(turn)))
        rate, _ = map(int, subject.stdout.readline().split())
        follower.stop()
        connection.close()
        subject.stdin.close()
    limit = f"a limit of {_KEY_MS} ms"
    return [
        Figure("key to settled screen by HTTP", key, "ms", limit, _KEY_MS, 1, True),
        Figure("the same, beside a route that asks no reader", key, "ms", "GET /v1/status", plain, 3, True),
        Figure(f"a key while {_RATE:,} APDUs pass a second", busy, "ms", "a key at rest", key, 10, True),
        Figure(
            "APDUs a second while events are followed", rate, "1/s", "the rate asked for", _RATE, 0.95, False
        ),
        Figure("start of tla web", _start_seconds(), "s", "the limit", _START_SECONDS, 1, True),
    ]


def _key(turn: int) -> dict[str, list[str]]:
    return {"keys": ["COR" if turn % 2 else "1"]}


def _ask(connection: http.client.HTTPConnection, method: str, path: str, body: object) -> None:
    raw = None if body is None else json.dumps(body).encode()
    connection.request(method, path, raw, {"Content-Type": "application/json"} if raw else {})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status


def _median_ms(ask: Callable[[int], None]) -> float:
    taken = []
    for turn in range(_PRESSES):
        start = time.perf_counter()
        ask(turn)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e3


class _Follower:
    """Somebody who reads the events of the reader as they come."""

    def __init__(self, host: str, port: int) -> None:
        self._stream = socket.create_connection((host, port))
        self._stream.sendall(f"GET {_READER}/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while self._stream.recv(65_536):
            pass

    def stop(self) -> None:
        """Stop to read."""
        self._stream.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._stream.close()


def _start_seconds() -> float:
    """Return the median time until `tla web` says that it serves."""
    taken = []
    for _ in range(_STARTS):
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "tla_sim.tools.cli.entry", "web", "--json"],
            stdout=subprocess.PIPE,
            text=True,
        ) as served:
            assert served.stdout is not None
            told = served.stdout.readline()
            taken.append(time.perf_counter() - start)
            served.terminate()
        assert '"serving"' in told, told
    return statistics.median(taken)
