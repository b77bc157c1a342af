from __future__ import annotations

import pytest

from tests.tools.web.bench_kit import READER, TestClient


@pytest.mark.parametrize(("kind", "word"), [("visit", "insert"), ("http", "curl"), ("pytest", "def test")])
def test_a_session_is_told_as_text_to_paste(client: TestClient, kind: str, word: str) -> None:
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    answer = client.get(f"{READER}/session?as={kind}")
    assert answer.headers["content-type"].startswith("text/plain")
    assert word in answer.text


@pytest.mark.parametrize("query", ["", "?as=", "?as=perl"])
def test_a_session_is_told_as_nothing_else(client: TestClient, query: str) -> None:
    assert client.get(f"{READER}/session{query}").status_code == 400


def test_the_file_that_a_session_begins_with_is_there_to_download(client: TestClient) -> None:
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    assert "-start.snapshot" not in client.get(f"{READER}/session?as=visit").text
    client.post(f"{READER}/snapshots", json={"name": "there"})
    client.post(f"{READER}/snapshots/there/restore")
    client.put(f"{READER}/slots/ps", json={"card": "TOUBIB"})
    text = client.get(f"{READER}/session?as=visit").text
    start = client.get(f"{READER}/session/start")
    assert start.headers["content-type"] == "application/octet-stream"
    name = start.headers["content-disposition"].partition('filename="')[2].rstrip('"')
    assert f"restore {name}" in text.splitlines()
    put = client.put(
        f"{READER}/snapshots/again",
        content=start.content,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert put.json()["lines"][0].startswith("MARTIN")
