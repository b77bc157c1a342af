"""Loading on the practice's screens: what would go in, whose comes along, what was cut and goes on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.web.bench_kit import TestClient
from tests.tools.web.surgery.bench_kit import NURSE, PRACTICE, certify, insert_ps, plug
from tla_sim.protocol.lad import Lad
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.surgery.cable import SurgeryCable

DOCTOR = "75112040"
PHYSIO = "75712040"
COMMIT_LOAD = 0x34


def plan(client: TestClient, name: str = "reader-1", **wanted: object) -> Any:
    answer = client.get("/v1/practice/load", params={"reader": name, **wanted})
    assert answer.status_code == 200, answer.text
    return answer.json()


def on_reader(client: TestClient, **wanted: object) -> Any:
    return client.get("/v1/practice/on-reader", params={"reader": "reader-1", **wanted}).json()


def load(client: TestClient, owner: str, *others: str, name: str = "reader-1") -> Any:
    return client.post("/v1/surgery/load", json={"reader": name, "owners": [owner], "others": list(others)})


def waiting(told: Any) -> dict[str, tuple[int, int]]:
    """By owner: invoices that wait, and those on the reader."""
    return {each["owner"]: (each["invoices"], each["loaded"]) for each in told["owners"]}


def test_what_is_prepared_is_told_by_owner_without_a_reader_that_answers(client: TestClient) -> None:
    told = plan(client)
    assert waiting(told) == {NURSE: (5, 0), DOCTOR: (3, 0), PHYSIO: (2, 0)}
    assert (told["owners"][0]["name"], told["owners"][0]["patients"]) == ("PIQURE2969 MAYA", 3)
    assert (told["problem"]["code"], told["cannot"]["code"], told["version"]) == (
        "cable-out",
        "cable-out",
        "",
    )


def test_one_owners_invoices_in_windows(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    told = plan(client, owner=NURSE, start=1, limit=2)
    assert (told["count"], told["start"], len(told["lines"])) == (5, 1, 2)
    assert told["lines"][0] == {
        "number": "190304017",
        "patient": "LANTIER ROSE",
        "date": "2019-03-04",
        "total": 565,
        "kinds": ["fse"],
        "degraded": False,
        "place": "waits",
        "reader": "",
        "problem": None,
    }
    assert (told["on_board"], told["most"] > 1000, told["cannot"]) == (0, True, None)


def test_others_of_the_same_patients_come_along_where_they_are_named(
    client: TestClient, reader: RunningReader
) -> None:
    plug(reader)
    told = plan(client, owner=NURSE)
    assert (told["version"], told["several_owners"], told["others_why"]) == ("1.40", True, None)
    assert [(each["name"], each["invoices"], each["patients"]) for each in told["others"]] == [
        ("TOUBIB PAUL", 3, 2),
        ("MASSEUR3107 LUC", 2, 2),
    ]
    loaded = load(client, NURSE, PHYSIO).json()
    assert [(each["name"], each["loaded"]) for each in loaded["owners"]] == [
        ("PIQURE2969 MAYA", 5),
        ("MASSEUR3107 LUC", 2),
    ]
    assert waiting(plan(client)) == {NURSE: (0, 5), DOCTOR: (3, 0), PHYSIO: (0, 2)}
    assert plan(client, owner=PHYSIO)["lines"][0]["place"] == "loaded"


def test_others_come_along_with_the_same_patients_alone(client: TestClient, reader: RunningReader) -> None:
    """The nurse's patient without invoices of the physiotherapist's stays here."""
    plug(reader)
    others = {each["owner"]: each["invoices"] for each in plan(client, owner=PHYSIO)["others"]}
    assert others == {NURSE: 4, DOCTOR: 3}
    assert [each["loaded"] for each in load(client, PHYSIO, NURSE).json()["owners"]] == [2, 4]
    rest = [each for each in plan(client, owner=NURSE)["lines"] if each["place"] == "waits"]
    assert [each["patient"] for each in rest] == ["LANTIER ROSE"]
    assert load(client, NURSE).json()["owners"][0]["loaded"] == 1


def test_an_older_reader_says_why_it_takes_one_owner_and_loads_that_one(
    client: TestClient, bench: Bench
) -> None:
    bench.add("other", ReaderControl.in_memory(PRACTICE, seed=2, name="other", profile="1.31"))
    plug(bench.running("other"))
    told = plan(client, "other", owner=NURSE)
    assert (told["version"], told["several_owners"]) == ("1.31", False)
    assert told["others_why"]["detail"] == "This reader (version 1.31) takes one owner's invoices at a time"
    assert len(told["others"]) == 2
    refused = load(client, NURSE, DOCTOR, name="other")
    assert refused.status_code == 409
    assert load(client, NURSE, name="other").json()["owners"][0]["loaded"] == 5


def test_what_cannot_be_loaded_says_why(client: TestClient, bench: Bench, reader: RunningReader) -> None:
    plug(reader)
    client.put(
        f"/v1/practice/invoices/{NURSE}/190305028/choices", json={"degraded": True, "to_load": False}
    ).raise_for_status()
    places = {each["number"]: each["place"] for each in plan(client, owner=NURSE)["lines"]}
    assert (places["190305028"], places["190221022"]) == ("desk", "waits")
    load(client, DOCTOR)
    bench.add("second", ReaderControl.in_memory(PRACTICE, seed=2, name="second"))
    plug(bench.running("second"))
    client.get("/v1/readers")
    told = plan(client, "second", owner=DOCTOR)
    assert {(each["place"], each["reader"]) for each in told["lines"]} == {("elsewhere", "reader-1")}
    assert told["cannot"]["detail"] == "Nothing of TOUBIB PAUL is left to load"


def test_a_cable_pulled_in_the_middle_leaves_what_is_in_and_the_same_order_goes_on(
    client: TestClient, reader: RunningReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(reader)
    pull_before_commit(monkeypatch, reader, owners=2)
    refused = load(client, NURSE, DOCTOR, PHYSIO)
    assert (refused.status_code, refused.json()["code"], refused.json()["category"]) == (
        409,
        "cable-out",
        "link",
    )
    plug(reader)
    assert waiting(plan(client)) == {NURSE: (0, 5), DOCTOR: (3, 0), PHYSIO: (2, 0)}
    assert plan(client, owner=NURSE)["cannot"] is None, "the others' can still be loaded"
    done = load(client, NURSE, DOCTOR, PHYSIO).json()["owners"]
    assert [(each["loaded"], each["already"]) for each in done] == [(0, 5), (3, 0), (2, 0)]
    assert done[1]["bytes_resumed"] > 0 == done[1]["bytes_sent"]


def test_what_is_on_the_reader_is_told_by_patient_and_state(
    client: TestClient, reader: RunningReader
) -> None:
    assert on_reader(client)["cannot"]["detail"] == "Nothing is on reader-1"
    plug(reader)
    load(client, NURSE, DOCTOR, PHYSIO)
    told = on_reader(client, limit=1)
    assert (told["count"], told["states"]["loaded"]) == (10, 10)
    assert told["documents"][0]["patient"] == "DESMAUX NATHALIE"
    certify(reader, "MARTIN")
    told = on_reader(client)
    assert told["states"] == {"loaded": 5, "partial": 2, "complete": 3, "cancelled": 0}
    states = {each["number"]: each["state"] for each in told["documents"]}
    assert (states["190305028"], states["190305101"], states["190304017"]) == (
        "complete",
        "partial",
        "loaded",
    )
    plug(reader, False)
    told = on_reader(client)
    assert (told["count"], told["states"], told["cannot"]["code"]) == (10, None, "cable-out")
    assert {each["state"] for each in told["documents"]} == {"unknown"}
    assert {each["place"] for each in plan(client, owner=NURSE)["lines"]} == {"loaded"}


def test_what_waits_for_a_final_signature_is_told_with_its_total(
    client: TestClient, reader: RunningReader
) -> None:
    plug(reader)
    load(client, NURSE, DOCTOR, PHYSIO)
    certify(reader, "MARTIN")
    client.post("/v1/surgery/unload", json={"reader": "reader-1", "code": CODE}).raise_for_status()
    due = client.get("/v1/practice/home").json()["to_sign"]
    assert [(each["name"], each["count"], each["total"]) for each in due] == [
        ("TOUBIB PAUL", 1, 3300),
        ("MASSEUR3107 LUC", 1, 5589),
    ]
    told = signatures_due(client)
    assert (told["due"], told["cannot"]["action"]) == (
        due,
        "Insert one after the other the CPS of: TOUBIB PAUL, MASSEUR3107 LUC",
    )
    to_sign = client.get(f"/v1/practice/signatures-due/{DOCTOR}").json()
    (one,) = to_sign["documents"]
    assert (to_sign["count"], one["patient"], one["total"]) == (1, "MARTIN PAUL", 3300)
    insert_ps(reader, "TOUBIB")
    assert signatures_due(client)["cannot"] is None
    signed = client.post("/v1/surgery/sign", json={"reader": "reader-1", "code": CODE}).json()
    assert (signed["holder"], signed["signed"], signed["elsewhere"]) == ("TOUBIB PAUL", 1, 1)


def signatures_due(client: TestClient) -> Any:
    return client.get("/v1/practice/signatures-due", params={"reader": "reader-1"}).json()


def pull_before_commit(monkeypatch: pytest.MonkeyPatch, reader: RunningReader, owners: int) -> None:
    """Pull the cable once, before the load of so many owners is committed."""
    left = [owners]
    sent = SurgeryCable.transmit

    def transmit(cable: SurgeryCable, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        if apdu[1] == COMMIT_LOAD:
            left[0] -= 1
            if left[0] == 0:
                plug(reader, False)
        return sent(cable, apdu, lad)

    monkeypatch.setattr(SurgeryCable, "transmit", transmit)
