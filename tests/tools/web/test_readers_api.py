from __future__ import annotations

import pytest

import tla_sim
from tests.tools.web.bench_kit import EPOCH, READER, TestClient
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.reader_fw.app.software.profiles import PROFILES
from tla_sim.tools.web.bench import MAX_READERS, Bench


def test_the_server_says_who_it_is(client: TestClient) -> None:
    assert client.get("/v1/status").json() == {
        "version": tla_sim.__version__,
        "epoch": EPOCH,
        "readers": ["reader-1"],
    }


def test_every_profile_is_listed_and_makes_a_reader(client: TestClient) -> None:
    named = [each["name"] for each in client.get("/v1/profiles").json()["profiles"]]
    assert named == [profile.name for profile in PROFILES]
    for profile in named:
        made = client.post("/v1/readers", json={"profile": profile})
        assert made.status_code == 201, made.text
        assert client.delete(made.headers["location"]).status_code == 204


def test_every_command_is_listed_by_the_name_that_a_wait_takes(client: TestClient) -> None:
    commands = client.get("/v1/commands").json()["commands"]
    french = client.get("/v1/commands", headers={"Accept-Language": "fr"}).json()["commands"]
    assert [each["name"] for each in commands] == [each.name for each in COMMANDS]
    for here, there in zip(commands, french, strict=True):
        assert here["text"] != there["text"]
        for name in (here["name"], here["instruction"]):
            waited = client.post(f"{READER}/wait", json={"exchange": name, "timeout": 0})
            assert waited.json()["code"] == "wait-timed-out", name


def test_a_problem_says_the_same_in_each_language(client: TestClient) -> None:
    for language in ("en", "fr"):
        told = client.get("/v1/readers/nobody", headers={"Accept-Language": language}).json()
        assert told["translations"][language] == {"detail": told["detail"], "action": told["action"]}
        assert told["translations"]["en"] != told["translations"]["fr"]


def test_a_reader_of_the_same_seed_is_the_same_reader(client: TestClient) -> None:
    first, second, other = (
        client.post("/v1/readers", json={"name": name, "seed": seed}).json()
        for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert first["serial"] == second["serial"] != other["serial"]
    assert [each["name"] for each in client.get("/v1/readers").json()["readers"]] == [
        "reader-1",
        "a",
        "b",
        "c",
    ]


def test_a_reader_without_a_seed_is_another_one(client: TestClient) -> None:
    serials = [client.get(READER).json()["serial"]]
    client.post("/v1/readers", json={"name": "chosen", "seed": 2})
    for profile in ("1.40", "1.31"):
        serials.append(client.post("/v1/readers", json={"profile": profile}).json()["serial"])
        assert client.delete("/v1/readers/reader-2").status_code == 204
    serials.append(client.get("/v1/readers/chosen").json()["serial"])
    assert len(set(serials)) == 4


def test_a_reader_that_is_removed_is_gone(client: TestClient) -> None:
    assert client.delete(READER).status_code == 204
    answer = client.get(READER)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-reader")
    assert answer.json()["action"] == "Make one"
    assert client.post("/v1/readers", json={}).json()["name"] == "reader-1"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "reader-1"}, 409),
        ({"name": "Reader"}, 400),
        ({"name": "../x"}, 400),
        ({"name": ""}, 400),
        ({"profile": "9.99"}, 400),
        ({"seed": -1}, 400),
        ({"seed": 1.5}, 400),
        ({"seed": True}, 400),
        ({"state": "/etc"}, 400),
    ],
)
def test_a_reader_that_cannot_be_made_is_refused(
    client: TestClient, body: dict[str, object], status: int
) -> None:
    assert client.post("/v1/readers", json=body).status_code == status
    assert len(client.get("/v1/readers").json()["readers"]) == 1


def test_the_bench_takes_a_bounded_number_of_readers(client: TestClient, bench: Bench) -> None:
    made = [client.post("/v1/readers", json={}).status_code for _ in range(MAX_READERS)]
    assert made == [201] * (MAX_READERS - 1) + [409]
    assert len(bench.readers) == MAX_READERS


def test_the_same_failure_is_said_in_both_languages(client: TestClient) -> None:
    said = {
        language: client.get("/v1/readers/x", headers={"Accept-Language": language})
        for language in ("en", "fr-FR,fr;q=0.9,en;q=0.5")
    }
    english, french = said.values()
    assert (english.json()["detail"], french.json()["detail"]) == (
        "There is no reader x",
        "Il n'y a pas de lecteur x",
    )
    assert french.headers["content-language"] == "fr"
    assert english.json()["code"] == french.json()["code"] == "unknown-reader"


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/", "/v1/readers/", "/assets/../app.py", "/docs"])
def test_an_address_that_leads_nowhere_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_an_address_does_not_take_is_a_problem(client: TestClient) -> None:
    answer = client.patch("/v1/status", json={})
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
