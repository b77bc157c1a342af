"""The server is stopped while requests wait: each is told so, and none fails."""

from __future__ import annotations

import http.client
import json
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.serving import PATIENCE, wait_for
from tests.integration.web.server_thread import READER, Served, serving
from tla_sim.tools.web.surgery.work import Stage

LONG = 600_000
WAIT = (f"{READER}/wait", {"text": "never shown", "timeout": LONG})
KEYPAD = (f"{READER}/apdu", {"device": "log_sv", "command": "8024000003000000", "timeout": LONG})
UNLOAD = ("/v1/surgery/unload", {"reader": "reader-1", "code_at_reader": True})
UPLOAD = (f"{READER}/keys", {"keys": ["VAL"]})


class Failures(logging.Handler):
    """Keeps what the server's log has of exceptions."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record that has an exception."""
        if record.exc_info:
            self.records.append(record)


@pytest.fixture
def failures() -> Iterator[Failures]:
    log, found = logging.getLogger("uvicorn.error"), Failures()
    log.addHandler(found)
    yield found
    log.removeHandler(found)


def post(served: Served, path: str, body: object, sent: int | None = None) -> socket.socket:
    """Return a connection on which a request was sent, or the first bytes of its body."""
    text = json.dumps(body)
    head = (f"POST {path} HTTP/1.1", "Content-Type: application/json", f"Content-Length: {len(text)}")
    return served.begin(*head, then=text[:sent])


def answer(stream: socket.socket) -> tuple[int, Any]:
    """Return the status of the answer on a connection, and its JSON if it has any."""
    stream.settimeout(PATIENCE)
    with stream, http.client.HTTPResponse(stream) as response:
        response.begin()
        body = response.read()
        return response.status, json.loads(body) if body else None


def begin_code_entry(served: Served) -> None:
    """Plug the cable in and put the nurse's card into the slot."""
    assert served.ask("PUT", f"{READER}/cable", {"plugged": True}).status == 200
    assert served.ask("PUT", f"{READER}/slots/ps", {"card": "PIQURE2969"}).status == 200


def waits(served: Served) -> bool:
    """Return whether somebody waits for something of the reader."""
    return served.bench.running("reader-1").call(lambda control: control.waiting).result(PATIENCE)


def asks_for_code(served: Served) -> bool:
    """Return whether work of the practice waits for a code."""
    return [each.stage for each in served.bench.surgery.work.now] == [Stage.CODE]


@pytest.mark.parametrize(
    ("request_of", "begun"),
    [(WAIT, waits), (KEYPAD, waits), (UNLOAD, asks_for_code)],
    ids=["wait", "apdu", "surgery"],
)
def test_who_waits_is_told_that_the_bench_was_stopped(
    request_of: tuple[str, dict[str, object]], begun: Callable[[Served], bool], failures: Failures
) -> None:
    with serving() as served:
        begin_code_entry(served)
        stream = post(served, *request_of)
        wait_for(lambda: begun(served))
    status, told = answer(stream)
    assert (status, told["code"], told["category"]) == (503, "bench-stopped", "link")
    assert (told["detail"], told["action"]) == ("The bench was stopped", "Start it again, then ask again")
    assert failures.records == []


def test_a_request_that_does_not_end_in_time_is_told_the_same(failures: Failures) -> None:
    with serving(body_seconds=PATIENCE) as served:
        stream = post(served, *UPLOAD, sent=1)
        wait_for(lambda: len(served.unanswered) == 1)
    status, told = answer(stream)
    assert (status, told["code"]) == (503, "bench-stopped")
    assert failures.records == []


def test_who_waits_for_a_newer_screen_is_told_that_there_is_none(failures: Failures) -> None:
    with serving() as served:
        stream = served.begin(f"GET {READER}/screen?after=1&timeout={LONG} HTTP/1.1")
        wait_for(lambda: served.streams.count == 1)
    assert answer(stream) == (204, None)
    assert failures.records == []
