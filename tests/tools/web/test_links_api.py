from __future__ import annotations

import pytest

from tests.tools.web.bench_kit import READER, TestClient


def test_a_link_is_served_until_it_is_closed(client: TestClient) -> None:
    opened = client.post(f"{READER}/links", json={"link": "tcp:0"})
    assert opened.status_code == 201
    link = opened.json()
    assert link["url"].startswith("socket://127.0.0.1:")
    assert client.get(f"{READER}/links").json()["links"] == [link] == client.get(READER).json()["links"]
    assert client.delete(f"{READER}/links/{link['id']}").status_code == 204
    assert client.get(f"{READER}/links").json()["links"] == []
    assert client.delete(f"{READER}/links/{link['id']}").status_code == 404


@pytest.mark.parametrize(
    "link",
    [
        "pigeon:grey",
        "tcp:",
        "tcp:99999",
        "pty:",
        "serial:/dev/null/x",
        "\0",
        "tcp:é",
        "pty:\0",
        "pty:%00",
        "ccid:\0",
        "serial:\0",
        "tcp:\0:1",
        "pty:" + "a" * 390,
        "pty:~nobody-of-this-name/x",
    ],
)
def test_a_link_that_cannot_be_served_is_refused(client: TestClient, link: str) -> None:
    answer = client.post(f"{READER}/links", json={"link": link})
    assert answer.status_code in (400, 409), answer.text
    assert client.get(f"{READER}/links").json()["links"] == []
