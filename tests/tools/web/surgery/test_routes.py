"""The practice's side over HTTP: what its routes take, give and refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

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
from tla_sim.host.client import ReaderClient
from tla_sim.protocol.commands.status import Status
from tla_sim.tools.cast.people import CODE, WRONG_CODE
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.app import make_app
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.gate import Gate

ROOT = "/v1/surgery"
HELD = f"{Status.READER_HELD:04X}"


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


def post(client: TestClient, what: str, reader: RunningReader, **more: Any) -> Any:
    """What an order is answered with."""
    return client.post(f"{ROOT}/{what}", json={"reader": reader.name, **more})


def test_a_whole_round(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    loaded = post(client, "load", reader).json()
    assert [(each["name"], each["loaded"]) for each in loaded["owners"]] == [
        ("PIQURE2969 MAYA", 5),
        ("TOUBIB PAUL", 3),
        ("MASSEUR3107 LUC", 2),
    ]
    certify(reader, "MARTIN", "DESMAUX")
    on_board = client.get(f"{ROOT}/readers/{reader.name}").json()
    assert on_board["documents"] == {"loaded": 1, "partial": 5, "complete": 4, "cancelled": 0}
    seq = reader.events.last
    pulling = at_once(lambda: post(client, "unload", reader, code_at_reader=True))
    assert wait_for_code(reader.events, seq) == "PIQURE2969 MAYA"
    press(reader, CODE, "VAL")
    pulled = pulling.result(PATIENCE).json()
    assert (pulled["partial"], pulled["complete"], pulled["waiting"], pulled["left"]) == (5, 4, 1, [])
    waiting = client.get(ROOT).json()["to_sign"]
    assert [(each["name"], each["count"]) for each in waiting] == [("TOUBIB PAUL", 3), ("MASSEUR3107 LUC", 2)]
    for name in ("TOUBIB", "MASSEUR3107"):
        insert_ps(reader, name)
        signed = post(client, "sign", reader, code=CODE).json()
        assert signed["signed"]
        assert signed["holder"].startswith(name)
    sent = post(client, "transmit", reader).json()
    assert len(sent["sent"]) == 9
    assert [(each["number"], each["lacks"][0]["card"]) for each in sent["withheld"]] == [
        ("190304017", "Vitale of LANTIER ROSE")
    ]
    file = client.get(f"{ROOT}/files/{sent['sent'][0]['file']}")
    assert file.content.startswith(b"TLAFSE")
    assert sent["sent"][0]["file"] in file.headers["content-disposition"]


def test_programs_and_the_practice_take_turns_at_a_reader(client: TestClient, reader: RunningReader) -> None:
    """A code that a program had verified holds the reader no longer than until the practice begins."""
    plug(reader)
    reader.pause().result(PATIENCE)
    post(client, "load", reader, owners=[NURSE])
    certify(reader, "MARTIN")
    api = f"/v1/readers/{reader.name}"
    for _ in range(2):
        assert client.post(f"{api}/verify", json={"code": CODE}).json()["word"] == "9000"
        assert post(client, "unload", reader, code=CODE).status_code == 200
        listed = client.post(f"{api}/apdu", json={"device": "log_sv", "command": "8040000000"}).json()
        assert listed["word"] != HELD


def test_a_program_does_not_end_the_session_of_work_under_way(
    client: TestClient, reader: RunningReader
) -> None:
    plug(reader)
    insert_ps(reader, "PIQURE2969")
    seq = reader.events.last
    pulling = at_once(lambda: post(client, "unload", reader, code_at_reader=True))
    wait_for_code(reader.events, seq)
    clock = {"device": "log_sv", "command": "8014000000"}
    assert client.post(f"/v1/readers/{reader.name}/apdu", json=clock).json()["word"] == HELD
    press(reader, CODE, "VAL")
    assert pulling.result(PATIENCE).status_code == 200


def test_a_host_on_a_link_keeps_the_reader(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    insert_ps(reader, "PIQURE2969")
    host = do(reader, lambda control: control.transport("memory"))
    do(reader, lambda _: ReaderClient(host, lambda count: bytes(range(count))).verify_code(CODE))
    refused = post(client, "load", reader)
    assert (refused.status_code, refused.json()["code"]) == (409, "reader-held")
    do(reader, lambda _: host.close())
    assert post(client, "load", reader).status_code == 200


def test_where_everything_stands(client: TestClient) -> None:
    now = client.get(ROOT).json()
    assert now["practice"] == PRACTICE.name
    assert [each["prepared"] for each in now["owners"]] == [5, 3, 2]
    assert (now["ledger"], now["outbox"], now["more"], now["work"]) == (None, None, 0, [])
    first = next(each for each in now["documents"] if each["number"] == "190305028")
    assert (first["patient"], first["state"], first["kind"]) == ("MARTIN PAUL", "prepared", "fse")


def test_what_stays_is_said_in_the_language_asked_for(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    post(client, "load", reader, owners=[NURSE])
    answer = client.post(f"{ROOT}/transmit", json={}, headers={"Accept-Language": "fr"}).json()
    assert answer["sent"] == []
    assert answer["withheld"][0]["lacks"][1] == {"signature": "titulaire", "card": "CPS de PIQURE2969 MAYA"}


def test_others_are_named_when_they_stay_at_the_practice(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    answer = post(client, "load", reader, owners=[NURSE]).json()
    assert [each["name"] for each in answer["others"]] == ["TOUBIB PAUL", "MASSEUR3107 LUC"]
    assert answer["takes_others"]
    again = post(client, "load", reader, owners=[NURSE], others=True).json()
    assert again["others"] == []


@pytest.mark.parametrize("what", ["load", "sign"])
def test_the_practice_refuses_readers_that_it_cannot_tell_apart(
    client: TestClient, bench: Bench, reader: RunningReader, what: str
) -> None:
    bench.add("twin", ReaderControl.in_memory(PRACTICE, name="twin"))
    plug(reader)
    refused = post(client, what, reader, **({"code": CODE} if what == "sign" else {}))
    assert (refused.status_code, refused.json()["code"]) == (409, "twin-readers")
    assert "twin" in refused.json()["detail"]
    bench.remove("twin")
    assert post(client, "load", reader).status_code == 200


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("load", {}, 400),
        ("load", {"reader": "nobody"}, 404),
        ("load", {"reader": "reader-1"}, 409),
        ("load", {"reader": "reader-1", "owners": ["x"]}, 400),
        ("load", {"reader": "reader-1", "ledger": "/etc/passwd"}, 400),
        ("unload", {"reader": "reader-1"}, 400),
        ("unload", {"reader": "reader-1", "code": CODE, "code_at_reader": True}, 400),
        ("sign", {"reader": "reader-1", "code": CODE}, 409),
    ],
)
def test_what_cannot_be_done_is_a_problem(
    client: TestClient, what: str, body: dict[str, Any], status: int
) -> None:
    answer = client.post(f"{ROOT}/{what}", json=body)
    assert answer.status_code == status
    problem = answer.json()
    assert problem["detail"]
    assert problem["action"]
    assert " tla " not in problem["detail"] + problem["action"]


def test_no_answer_holds_a_code(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    insert_ps(reader, "PIQURE2969")
    seq = reader.events.last
    answers = [
        post(client, "unload", reader, code=WRONG_CODE),
        post(client, "unload", reader, code="98765432109"),
        post(client, "unload", reader, code=["98765432"]),
        post(client, "unload", reader, code=CODE, more=1),
        client.post(f"{ROOT}/sign", json={"code": CODE}),
        post(client, "unload", reader, code=CODE),
        client.get(ROOT),
    ]
    assert [each.status_code for each in answers] == [409, 400, 400, 400, 400, 200, 200]
    said = "".join(each.text for each in answers)
    told = repr([event.payload for _, event in reader.events.after(seq).events])
    for code in (WRONG_CODE, CODE, "98765432"):
        assert f'"{code}' not in said
        assert f"'{code}" not in told
        assert code not in "".join(each.text for each in answers[:5])


def test_work_under_way_is_seen_and_a_second_one_refused(client: TestClient, reader: RunningReader) -> None:
    plug(reader)
    insert_ps(reader, "PIQURE2969")
    seq = reader.events.last
    pulling = at_once(lambda: post(client, "unload", reader, code_at_reader=True))
    wait_for_code(reader.events, seq)
    (work,) = client.get(ROOT).json()["work"]
    assert (work["action"], work["stage"], work["holder"]) == ("unload", "code", "PIQURE2969 MAYA")
    refused = post(client, "load", reader)
    assert (refused.status_code, refused.json()["code"]) == (409, "surgery-busy")
    assert client.get(f"{ROOT}/readers/{reader.name}").json()["documents"] is None
    press(reader, "ANN")
    assert pulling.result(PATIENCE).status_code == 409
    assert client.get(ROOT).json()["work"] == []


def test_what_a_reader_on_a_visit_has_is_not_known(client: TestClient, reader: RunningReader) -> None:
    answer = client.get(f"{ROOT}/readers/{reader.name}")
    assert (answer.status_code, answer.json()["documents"]) == (200, None)
    assert client.get(f"{ROOT}/readers/nobody").status_code == 404


def test_only_what_left_is_given(client: TestClient) -> None:
    for name in ("75629690-190305028-fse.fse", "..%2Fledger.db", "%00", "x" * 300):
        answer = client.get(f"{ROOT}/files/{name}")
        assert answer.status_code == 404
