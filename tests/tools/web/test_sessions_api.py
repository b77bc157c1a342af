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
