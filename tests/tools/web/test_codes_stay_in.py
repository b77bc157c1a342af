"""A code porteur that comes in by the API, whichever way, comes out nowhere."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

import pytest

from tests.tools.web.bench_kit import EPOCH, READER, new_client
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.web.bench import Bench

PLANTED = "80617394"
"""A code that nothing else looks like."""
WRONG = "59382716"


KNOWN_OF_EVENTS = ("follow", "after")
PLACES = {
    "reader": "reader-1",
    "name": "kept",
    "number": "2",
    "revision": "1",
    "owner": "75629690",
    "chosen": "1",
    "digest": "0" * 64,
    "page": "1",
    "identity": "0" * 16,
}


def fill(path: str) -> str:
    return path.format(**PLACES)


def padded(code: str) -> str:
    return code.encode().hex().upper().ljust(16, "F")


def test_a_planted_code_is_in_no_answer_header_event_trace_snapshot_or_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    heard: list[bytes] = []
    with new_client(bench) as client:

        def ask(method: str, path: str, body: object = None, status: int | None = None) -> None:
            answer = client.request(method, path, json=body)
            heard.extend((answer.content, str(answer.headers).encode()))
            assert status is None or answer.status_code == status, answer.text

        ask("PUT", f"{READER}/cable", {"plugged": True})
        ask("PUT", f"{READER}/slots/ps", {"card": "PIQURE2969"})
        change = f"0024000110{padded(CODE)}{padded(PLANTED)}"
        ask("POST", f"{READER}/apdu", {"device": "ps", "command": "00A4040C00"})
        ask("POST", f"{READER}/apdu", {"device": "ps", "command": change}, 200)
        ask("POST", f"{READER}/verify", {"code": PLANTED}, 200)
        ask("POST", f"{READER}/verify", {"code": WRONG}, 409)
        ask("POST", f"{READER}/verify", {"code": PLANTED, "kode": WRONG}, 400)
        ask("POST", f"{READER}/verify", {"kode": PLANTED}, 400)
        ask("POST", f"{READER}/verify", {"code": f"{PLANTED}x"}, 400)
        ask("POST", f"{READER}/rules", {"text": "CODE", "keys": [PLANTED, "VAL"]}, 201)
        ask("POST", f"{READER}/apdu", {"device": "ps", "command": f"0020000108{padded(WRONG)}"}, 200)
        ask("POST", f"{READER}/apdu", {"device": "log_sv", "command": f"0020000108{padded(WRONG)}"})
        ask("PUT", f"{READER}/cable", {"plugged": False})
        ask("POST", f"{READER}/keys", {"keys": [PLANTED, "VAL", WRONG]})
        ask("POST", f"{READER}/snapshots", {"name": "kept"}, 201)
        ask("POST", f"{READER}/rewind", {"revision": 1})
        ask("POST", f"{READER}/snapshots/kept/restore")
        for path, operations in client.get("/openapi.json").json()["paths"].items():
            if "get" in operations:
                kinds = ("visit", "http", "pytest") if path.endswith("session") else ("",)
                for kind in kinds:
                    query = {"as": kind, "follow": "false", "after": f"{EPOCH}-0"}
                    known = KNOWN_OF_EVENTS if path.endswith("events") else ("as",)
                    ask("GET", f"{fill(path)}?{urlencode({name: query[name] for name in known})}")
    heard.append(caplog.text.encode())
    everything = b"\n".join(heard)
    for code in (PLANTED, WRONG):
        for form in (code, padded(code), padded(code).lower()):
            assert form.encode() not in everything
    assert b"verify_code" in everything
