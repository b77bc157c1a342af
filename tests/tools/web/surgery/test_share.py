"""What the practice has on one reader of several, and what it cannot do with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.tools.web.surgery.bench_kit import NURSE, PRACTICE, certify, do, insert_ps, plug
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import ReaderGone, RunningReader
from tla_sim.tools.web.app import make_app
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.gate import Gate
from tla_sim.tools.web.surgery.work import Action

ROOT = "/v1/surgery"
WORK = ("load", "unload", "sign", "transmit")


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(PRACTICE)
    bench.add("reader-1", ReaderControl.in_memory(PRACTICE, name="reader-1"))
    yield bench
    bench.close()


@pytest.fixture
def reader(bench: Bench) -> RunningReader:
    return bench.running("reader-1")


@pytest.fixture
def client(bench: Bench) -> TestClient:
    app = make_app(bench, Gate.at("127.0.0.1", 80))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def post(client: TestClient, what: str, **more: Any) -> None:
    answer = client.post(f"{ROOT}/{what}", json={"reader": "reader-1", **more})
    assert answer.status_code == 200, answer.text


def at(client: TestClient, name: str = "reader-1") -> Any:
    """What the practice has on a reader; the bench's readers are looked at before, as the page does."""
    client.get("/v1/readers")
    return client.get(f"{ROOT}/readers/{name}").json()


def cannot(client: TestClient, name: str = "reader-1") -> dict[str, str]:
    """Why things cannot be done, by what they are."""
    told = at(client, name)["cannot"]
    return {work: told[work]["detail"] for work in WORK if told[work] is not None}


def test_each_moment_of_a_round_says_what_cannot_be_done(client: TestClient, reader: RunningReader) -> None:
    no_cable, no_card = "No cable is plugged into the reader", "No PS card in the reader"
    to_sign, to_send = "Nothing waits for a final signature", "Nothing is ready to send"
    nothing = "Nothing is on reader-1"
    assert cannot(client) == {"load": no_cable, "unload": nothing, "sign": to_sign, "transmit": to_send}
    plug(reader)
    assert cannot(client) == {"unload": nothing, "sign": to_sign, "transmit": to_send}
    post(client, "load")
    assert cannot(client) == {
        "load": "Everything is on reader-1 already",
        "unload": "No invoice on reader-1 is certified",
        "sign": to_sign,
        "transmit": to_send,
    }
    plug(reader, False)
    assert [cannot(client)[each] for each in ("load", "unload")] == [no_cable, no_cable]
    certify(reader, "MARTIN")
    assert cannot(client)["sign"] == to_sign
    assert "unload" not in cannot(client)
    do(reader, lambda control: control.power(False))
    assert cannot(client)["unload"] == "The reader is switched off"
    do(reader, lambda control: control.power(True))
    post(client, "unload", code=CODE)
    assert cannot(client)["sign"] == "Nothing waits for the signature of PIQURE2969 MAYA"
    assert "transmit" not in cannot(client)
    do(reader, lambda control: control.remove(Slot.PS))
    assert cannot(client)["sign"] == no_card
    insert_ps(reader, "TOUBIB")
    assert "sign" not in cannot(client)
    post(client, "sign", code=CODE)
    post(client, "transmit")
    assert cannot(client)["transmit"] == to_send


def test_what_cannot_be_done_is_refused_for_the_same_reason(
    client: TestClient, reader: RunningReader
) -> None:
    assert _refused(client, "load") == cannot(client)["load"]
    plug(reader)
    post(client, "load")
    certify(reader, "MARTIN")
    do(reader, lambda control: control.remove(Slot.PS))
    assert _refused(client, "unload", code=CODE) == cannot(client)["unload"]
    insert_ps(reader, "PIQURE2969")
    post(client, "unload", code=CODE)
    do(reader, lambda control: control.remove(Slot.PS))
    assert _refused(client, "sign", code=CODE) == cannot(client)["sign"]


def test_an_opened_reader_takes_no_load(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    do(reader, lambda control: control.open_case())
    assert _refused(client, "load") == cannot(client)["load"]


def test_a_reader_is_told_apart_from_the_others(
    bench: Bench, client: TestClient, reader: RunningReader
) -> None:
    bench.add("reader-2", ReaderControl.in_memory(PRACTICE, seed=2, name="reader-2"))
    plug(reader)
    plug(bench.running("reader-2"))
    post(client, "load", owners=[NURSE])
    first, second = at(client), at(client, "reader-2")
    assert (first["loaded"], first["elsewhere"]) == (5, [])
    assert {each["name"]: each["count"] for each in first["patients"]} == {
        "MARTIN PAUL": 3,
        "DESMAUX NATHALIE": 1,
        "LANTIER ROSE": 1,
    }
    assert (second["loaded"], second["documents"], second["patients"]) == (0, None, [])
    assert [(each["reader"], each["count"]) for each in second["elsewhere"]] == [("reader-1", 5)]
    assert cannot(client, "reader-2")["unload"] == "Nothing is on reader-2"
    post(client, "load")
    assert cannot(client, "reader-2")["load"] == "The invoices are on reader-1"
    certify(reader, "MARTIN")
    post(client, "unload", code=CODE)
    first, second = at(client), at(client, "reader-2")
    assert first["to_sign"] + first["ready"] == 5
    assert second["to_sign"] + second["ready"] == 0


def test_readers_of_one_serial_are_kept_from_the_practice(
    bench: Bench, client: TestClient, reader: RunningReader
) -> None:
    bench.add("reader-2", ReaderControl.in_memory(PRACTICE, seed=1, name="reader-2"))
    plug(reader)
    assert cannot(client)["load"] == _refused(client, "load")
    assert at(client)["cannot"]["load"]["code"] == "twin-readers"


def test_a_reader_that_left_the_bench_is_told_by_its_serial(
    bench: Bench, client: TestClient, reader: RunningReader
) -> None:
    bench.add("reader-2", ReaderControl.in_memory(PRACTICE, seed=2, name="reader-2"))
    plug(reader)
    post(client, "load")
    serial = client.get("/v1/readers/reader-1").json()["serial"]
    bench.remove("reader-1")
    assert at(client, "reader-2")["elsewhere"] == [{"serial": serial, "reader": None, "count": 10}]
    assert cannot(client, "reader-2")["load"] == f"The invoices are on {serial}"


def test_a_reader_may_leave_while_it_is_asked_about(bench: Bench, reader: RunningReader) -> None:
    plug(reader)
    found = bench.surgery.at_reader(reader, {})
    assert Action.LOAD not in found.cannot
    bench.remove("reader-1")
    with pytest.raises(ReaderGone):
        bench.surgery.at_reader(reader, {})


def test_reasons_come_in_the_language_asked_for(client: TestClient) -> None:
    answer = client.get(f"{ROOT}/readers/reader-1", headers={"Accept-Language": "fr"}).json()
    assert answer["cannot"]["load"]["detail"] == "Aucun câble n'est branché au lecteur"


def _refused(client: TestClient, what: str, **more: Any) -> str:
    answer = client.post(f"{ROOT}/{what}", json={"reader": "reader-1", **more})
    assert answer.status_code == 409
    return str(answer.json()["detail"])
