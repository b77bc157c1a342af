from __future__ import annotations

from tests.tools.web.bench_kit import READER, TestClient
from tla_sim.tools.faults.kinds import KINDS, Where


def test_every_kind_that_can_strike_a_reader_is_told_in_both_languages(client: TestClient) -> None:
    kinds = client.get("/v1/faults").json()["kinds"]
    assert [kind["name"] for kind in kinds] == [
        kind.name for kind in KINDS.values() if kind.where is not Where.HOST
    ]
    french = client.get("/v1/faults", headers={"Accept-Language": "fr"}).json()["kinds"]
    assert all(here["text"] != there["text"] for here, there in zip(kinds, french, strict=True))


def test_the_values_that_a_kind_takes_are_told_with_words(client: TestClient) -> None:
    told = {kind["name"]: kind for kind in client.get("/v1/faults").json()["kinds"]}
    assert {name: [each["value"] for each in kind["values"]] for name, kind in told.items()} == {
        name: list(KINDS[name].choices) for name in told
    }
    french = client.get("/v1/faults", headers={"Accept-Language": "fr"}).json()["kinds"]
    for kind in french:
        for here, there in zip(told[kind["name"]]["values"], kind["values"], strict=True):
            assert here["text"] != there["text"]


def test_a_fault_is_pending_until_it_strikes(client: TestClient) -> None:
    told = client.post(f"{READER}/faults", json={"plan": "reader.reset@1"}).json()
    assert ([each.partition("@")[0] for each in told["pending"]], told["struck"]) == (["reader.reset"], [])
    for _ in range(2):
        client.post(f"{READER}/keys", json={"keys": ["VAL"]})
    told = client.get(f"{READER}/faults").json()
    assert (told["pending"], len(told["struck"])) == ([], 1)


def test_faults_are_taken_back(client: TestClient) -> None:
    client.post(f"{READER}/faults", json={"plan": "ps.pull@5"})
    assert client.delete(f"{READER}/faults").status_code == 204
    assert client.get(f"{READER}/faults").json()["pending"] == []


def test_a_plan_that_cannot_be_read_is_refused(client: TestClient) -> None:
    for plan in ("no.such@1", "ps.pull@", "host.kill@1"):
        assert client.post(f"{READER}/faults", json={"plan": plan}).status_code == 400, plan
