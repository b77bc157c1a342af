from __future__ import annotations

import pytest

from tests.tools.web.bench_kit import READER, TestClient

SNAPSHOTS = f"{READER}/snapshots"
FILE = {"Content-Type": "application/octet-stream"}


def test_a_moment_is_kept_gone_back_to_and_forgotten(client: TestClient) -> None:
    saved = client.post(SNAPSHOTS, json={"name": "début"})
    assert saved.status_code == 201
    assert saved.json()["revision"] == 1
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    screen = client.post(f"{SNAPSHOTS}/début/restore").json()
    assert screen["lines"] == saved.json()["lines"]
    assert client.delete(f"{SNAPSHOTS}/début").status_code == 204
    gone = client.post(f"{SNAPSHOTS}/début/restore")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown-snapshot")


def test_a_snapshot_travels_to_another_reader(client: TestClient) -> None:
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    client.post(SNAPSHOTS, json={"name": "loaded"})
    file = client.get(f"{SNAPSHOTS}/loaded")
    assert file.headers["content-type"] == "application/octet-stream"
    assert "loaded.snapshot" in file.headers["content-disposition"]
    client.post("/v1/readers", json={"name": "other", "seed": 2})
    put = client.put("/v1/readers/other/snapshots/mine", content=file.content, headers=FILE)
    assert put.status_code == 200, put.text
    screen = client.post("/v1/readers/other/snapshots/mine/restore").json()
    assert screen["lines"][0].startswith("MARTIN")


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 1000])
def test_what_is_no_snapshot_is_refused(client: TestClient, content: bytes) -> None:
    answer = client.put(f"{SNAPSHOTS}/x", content=content, headers=FILE)
    assert answer.status_code == 400
    assert client.get(SNAPSHOTS).json()["snapshots"] == []


@pytest.mark.parametrize("name", ["", "x" * 65, "../x", "\n"])
def test_a_name_that_a_snapshot_cannot_have_is_refused(client: TestClient, name: str) -> None:
    assert client.post(SNAPSHOTS, json={"name": name}).status_code == 400
