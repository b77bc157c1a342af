from __future__ import annotations

import pytest

from tests.tools.web.bench_kit import BASE, READER, TestClient, new_client
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.gate import COOKIE, Gate
from tla_sim.tools.web.guard import MAX_BODY


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:8000", ""],
)
def test_a_name_that_was_made_to_point_here_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/v1/status", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.json()["code"] == "wrong-host"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
def test_this_machine_is_answered_under_each_of_its_names(client: TestClient, host: str) -> None:
    assert client.get("/v1/status", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Origin": "http://localhost:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_what_a_page_of_another_site_sends_is_refused_and_does_nothing(
    client: TestClient, bench: Bench, headers: dict[str, str], method: str
) -> None:
    path = f"{READER}/keys" if method == "POST" else READER
    answer = client.request(method, path, headers=headers, json={"keys": ["VAL"]})
    assert answer.status_code == 403
    assert answer.json()["code"] == "foreign-origin"
    assert "access-control-allow-origin" not in answer.headers
    assert bench.running("reader-1").events.last == 1


def test_the_page_itself_may_be_opened_from_a_link_elsewhere(client: TestClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_our_own_page_is_answered(client: TestClient) -> None:
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    assert client.post(f"{READER}/keys", json={"keys": ["VAL"]}, headers=headers).status_code == 200


def test_every_answer_forbids_what_a_browser_might_do_by_itself(client: TestClient) -> None:
    for path in ("/", "/v1/status", "/nothing", f"{READER}/screen.svg"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "named", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_body_that_a_form_can_send_is_refused(client: TestClient, named: str) -> None:
    answer = client.post(f"{READER}/keys", content=b'{"keys":["VAL"]}', headers={"Content-Type": named})
    assert answer.status_code == 415
    assert client.get(f"{READER}/screen").json()["revision"] == 1


def test_a_file_where_json_is_wanted_is_refused_as_such(client: TestClient) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    answer = client.post(f"{READER}/keys", content=b'{"keys":["VAL"]}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "wrong-media-type")


def test_a_body_that_is_too_long_is_refused_by_its_length_and_by_its_bytes(client: TestClient) -> None:
    long = b" " * (MAX_BODY + 1)
    headers = {"Content-Type": "application/json"}
    assert client.post(f"{READER}/keys", content=long, headers=headers).status_code == 413
    pieces = (b" " * 65_536 for _ in range(17))
    assert client.post(f"{READER}/keys", content=pieces, headers=headers).status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b'{"keys":', b"\xff\xfe", b"nul", b"NaN", b'"\\ud800"', b'{"keys":[1e999]}'],
)
def test_a_body_that_is_no_json_document_of_the_api_is_a_problem(client: TestClient, body: bytes) -> None:
    answer = client.post(f"{READER}/keys", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_server_that_other_machines_reach_wants_its_token(bench: Bench) -> None:
    gate = Gate.at("0.0.0.0", 8000)
    with new_client(bench, gate) as client:
        refused = client.get("/v1/status")
        assert (refused.status_code, refused.json()["code"]) == (403, "token-needed")
        assert client.get("/v1/status?token=guess").status_code == 403
        headers = {"Authorization": f"Bearer {gate.token}"}
        assert client.get("/v1/status", headers=headers).status_code == 200
        opened = client.get(f"/?x=1&token={gate.token}", follow_redirects=False)
        assert (opened.status_code, opened.headers["location"]) == (303, "/?x=1")
        cookie = opened.headers["set-cookie"]
        assert cookie.startswith(COOKIE)
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert client.get("/v1/status").status_code == 200


def test_a_server_for_this_machine_wants_no_token() -> None:
    assert Gate.at("127.0.0.1", 8000).token is None
    assert Gate.at("::1", 8000).token is None
    assert Gate.at("192.0.2.1", 8000).token is not None
