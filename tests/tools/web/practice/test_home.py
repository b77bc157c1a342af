"""The home screen: who is at the reader, what waits, and trying a card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tools.web.bench_kit import TestClient, new_client
from tests.tools.web.surgery.bench_kit import (
    NURSE,
    PATIENCE,
    PRACTICE,
    at_once,
    certify,
    do,
    insert_ps,
    plug,
    press,
    wait_for_code,
)
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, WRONG_CODE
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.bench import Bench

HOME = "/v1/practice/home"
CARD = "/v1/practice/card"


def home(client: TestClient, name: str = "reader-1", **headers: str) -> Any:
    return client.get(HOME, params={"reader": name}, headers=headers).json()


def at_reader(client: TestClient) -> Any:
    return home(client)["reader"]


def test_a_reader_that_cannot_be_asked_says_why(client: TestClient, reader: RunningReader) -> None:
    told = at_reader(client)
    assert (told["asked"], told["problem"]["code"], told["ps"], told["version"]) == (
        True,
        "cable-out",
        None,
        "",
    )
    plug(reader)
    assert at_reader(client)["problem"] is None
    do(reader, lambda control: control.power(False))
    french = home(client, **{"Accept-Language": "fr"})["reader"]["problem"]
    assert french["detail"] == "Le lecteur est éteint"


def test_a_reader_whose_case_was_opened_answers_and_says_so(
    client: TestClient, reader: RunningReader
) -> None:
    plug(reader)
    assert at_reader(client)["opened"] is None
    client.post("/v1/readers/reader-1/tamper")
    told = home(client, **{"Accept-Language": "fr"})["reader"]
    assert (told["problem"], told["version"]) == (None, "1.40")
    assert told["opened"]["detail"] == "Le lecteur a été ouvert"


@pytest.mark.parametrize(("profile", "version", "several"), [("1.40", "1.40", True), ("1.31", "1.31", False)])
def test_the_reader_says_its_version_and_whether_it_takes_several_owners(
    client: TestClient, bench: Bench, profile: str, version: str, several: bool
) -> None:
    bench.add("other", ReaderControl.in_memory(PRACTICE, seed=2, name="other", profile=profile))
    plug(bench.running("other"))
    told = home(client, "other")["reader"]
    assert (told["name"], told["version"], told["several_owners"]) == ("other", version, several)
    assert told["serial"].startswith("TLA")


@pytest.mark.parametrize(
    ("name", "card", "role", "owns"),
    [
        ("PIQURE2969", "cps", "owner", [NURSE]),
        ("ACCUEIL4242", "cpe", "employee", []),
    ],
)
def test_whose_card_is_in_the_slot(
    client: TestClient, reader: RunningReader, name: str, card: str, role: str, owns: list[str]
) -> None:
    plug(reader)
    assert at_reader(client)["ps"] is None
    insert_ps(reader, name)
    told = at_reader(client)["ps"]
    assert told["holder"].startswith(name)
    assert (told["card"], told["role"], told["owns"], told["tries_left"]) == (card, role, owns, 3)
    assert not told["verified"]


def test_a_vitale_is_seen_and_what_it_says_takes_the_code(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    insert_ps(reader, "PIQURE2969")
    assert client.post(CARD, json={"reader": "reader-1", "code": CODE}).json()["vitale"] is None
    do(reader, lambda control: control.insert(Slot.VITALE, "MARTIN"))
    assert at_reader(client)["vitale"]
    tried = client.post(CARD, json={"reader": "reader-1", "code": CODE}).json()
    assert (tried["ps"]["holder"], tried["ps"]["verified"]) == ("PIQURE2969 MAYA", True)
    assert tried["vitale"] == {"beneficiaries": ["MARTIN PAUL", "MARTIN ZOE"], "with_rights": 2}
    assert not at_reader(client)["ps"]["verified"], "the code is forgotten with the answer"


def test_a_wrong_code_costs_a_try_and_a_card_in_the_wrong_slot_is_no_ps_card(
    client: TestClient, reader: RunningReader
) -> None:
    plug(reader)
    insert_ps(reader, "PIQURE2969")
    refused = client.post(CARD, json={"reader": "reader-1", "code": WRONG_CODE})
    assert refused.status_code == 409
    assert "2" in refused.json()["detail"]
    assert WRONG_CODE not in refused.text
    assert at_reader(client)["ps"]["tries_left"] == 2
    do(reader, lambda control: control.remove(Slot.PS))
    do(reader, lambda control: control.insert(Slot.PS, "MARTIN"))
    told = at_reader(client)
    assert told["ps"] is None
    assert told["ps_problem"]["detail"]


def test_a_code_typed_at_the_reader_is_waited_for(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    insert_ps(reader, "ACCUEIL4242")
    seq = reader.events.last
    trying = at_once(lambda: client.post(CARD, json={"reader": "reader-1", "code_at_reader": True}))
    assert wait_for_code(reader.events, seq).startswith("ACCUEIL4242")
    now = home(client)
    assert (now["reader"]["asked"], now["reader"]["problem"]) == (False, None)
    assert [(each["action"], each["stage"]) for each in now["work"]] == [("card", "code")]
    press(reader, CODE, "VAL")
    assert trying.result(PATIENCE).json()["ps"]["verified"]
    assert home(client)["work"] == []


def test_what_waits_is_counted_through_a_round(client: TestClient, reader: RunningReader) -> None:
    def counts() -> tuple[int, list[int], list[tuple[str, int]]]:
        now = home(client)
        signers = [(each["name"], each["count"]) for each in now["to_sign"]]
        return now["prepared"]["count"], [each["count"] for each in now["lists"]], signers

    prepared = home(client)["prepared"]
    assert prepared == {"count": 10, "total": sum(each["total"] for each in _owners(client))}
    assert counts() == (10, [0, 0, 0, 0, 0], [])
    plug(reader)
    client.post("/v1/surgery/load", json={"reader": "reader-1"})
    assert counts() == (0, [10, 0, 0, 0, 0], [])
    certify(reader, "MARTIN")
    client.post("/v1/surgery/unload", json={"reader": "reader-1", "code": CODE})
    signers = [("TOUBIB PAUL", 1), ("MASSEUR3107 LUC", 1)]
    left, lists, waiting = counts()
    assert (left, sum(lists), lists[2] > 0) == (0, 10, True)
    assert [name for name, _ in waiting] == [name for name, _ in signers]


def _owners(client: TestClient) -> list[dict[str, Any]]:
    owners: list[dict[str, Any]] = client.get("/v1/surgery").json()["owners"]
    return owners


def test_without_a_reader_what_waits_is_still_told(client: TestClient) -> None:
    client.delete("/v1/readers/reader-1")
    told = client.get(HOME).json()
    assert (told["reader"], told["prepared"]["count"], told["practice"]) == (None, 10, PRACTICE.name)
    assert client.get(HOME, params={"reader": "nobody"}).status_code == 404


def test_a_reader_that_cannot_be_told_from_another_is_not_asked(client: TestClient, bench: Bench) -> None:
    bench.add("twin", ReaderControl.in_memory(PRACTICE, seed=1, name="twin"))
    for each in bench.readers:
        plug(each.running)
    assert client.get("/v1/readers").status_code == 200, "the server knows their serial numbers by now"
    assert at_reader(client)["problem"]["code"] == "twin-readers"


def test_a_ledger_of_its_own_is_named(tmp_path: Path) -> None:
    bench = Bench(PRACTICE, ledger=tmp_path / "book.db")
    try:
        with new_client(bench) as client:
            assert client.get(HOME).json()["ledger"] == str(tmp_path / "book.db")
            assert client.get(HOME).json()["send_folder"] == {"path": str(tmp_path), "what": "ledger"}
            outbox = tmp_path / "book-outbox"
            outbox.mkdir()
            assert client.get(HOME).json()["send_folder"] == {"path": str(outbox), "what": "outbox"}
    finally:
        bench.close()
