from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.web.bench_kit import READER, TestClient
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.tools.simulator.kept_reader import KeptReader

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


def test_a_snapshot_of_a_state_directory_opens_in_a_reader_in_memory(
    client: TestClient, tmp_path: Path
) -> None:
    home, file = tmp_path / "reader", tmp_path / "kept.snapshot"
    with KeptReader.open(home, seed=5, profile=find_profile("1.31")) as kept:
        kept.power_on()
        serial = kept.reader.app.serial_number
    assert tla("snapshot", "save", file, "--state", home).exit_code == 0
    put = client.put(f"{SNAPSHOTS}/kept", content=file.read_bytes(), headers=FILE)
    assert put.status_code == 200, put.text
    assert (put.json()["seed"], put.json()["profile"]) == (None, "1.31")
    assert client.post(f"{SNAPSHOTS}/kept/restore").status_code == 200
    client.put(f"{READER}/power", json={"on": True})
    told = client.get(READER).json()
    assert (told["serial"], told["release"], told["seed"]) == (serial, "1.31", None)
    assert client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"}).status_code == 200


def test_the_seed_shown_is_that_of_the_reader_in_the_snapshot(client: TestClient) -> None:
    client.post(SNAPSHOTS, json={"name": "first"})
    clock = client.get(f"{READER}/clock").json()["now"]
    file = client.get(f"{SNAPSHOTS}/first").content
    client.post("/v1/readers", json={"name": "other", "seed": 41})
    other = "/v1/readers/other"
    told = client.put(f"{other}/snapshots/mine", content=file, headers=FILE).json()
    assert (told["seed"], told["profile"]) == (1, "1.40")
    assert client.get(other).json()["seed"] == 41
    client.post(f"{other}/clock/advance", json={"ms": 3_600_000})
    screen = client.post(f"{other}/snapshots/mine/restore").json()
    assert screen["clock"] == told["clock"] <= clock
    assert client.get(other).json()["seed"] == 1
    (kept,) = (each for each in client.get(f"{other}/snapshots").json()["snapshots"] if each["automatic"])
    assert kept["seed"] == 41
    client.post(f"{other}/snapshots/{kept['name']}/restore")
    assert client.get(other).json()["seed"] == 41


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 1000])
def test_what_is_no_snapshot_is_refused(client: TestClient, content: bytes) -> None:
    answer = client.put(f"{SNAPSHOTS}/x", content=content, headers=FILE)
    assert answer.status_code == 400
    assert client.get(SNAPSHOTS).json()["snapshots"] == []


@pytest.mark.parametrize("name", ["", "x" * 65, "../x", "\n"])
def test_a_name_that_a_snapshot_cannot_have_is_refused(client: TestClient, name: str) -> None:
    assert client.post(SNAPSHOTS, json={"name": name}).status_code == 400
