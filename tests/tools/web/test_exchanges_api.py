from __future__ import annotations

import io

import pytest

from tests.tools.web.bench_kit import READER, TestClient
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.tools.capture.reading import ReadExchange, ReadReset, read_file
from tla_sim.tools.cast.people import CODE

READ_CLOCK = {"device": "log_sv", "command": "8014000000"}
VERIFY = {"device": "ps", "command": f"0020000108{CODE.encode().hex()}FFFFFFFF"}


@pytest.fixture
def plugged(client: TestClient) -> TestClient:
    client.put(f"{READER}/cable", json={"plugged": True})
    return client


def test_a_command_comes_back_decoded_to_the_byte(plugged: TestClient) -> None:
    told = plugged.post(f"{READER}/apdu", json=READ_CLOCK).json()
    assert (told["number"], told["name"], told["word"], told["link"]) == (1, "read_clock", "9000", "api")
    for hex_text, fields in ((told["command"], told["request"]), (told["response"], told["answer"])):
        ends = [field["end"] for field in fields]
        assert [field["start"] for field in fields] == [0, *ends[:-1]]
        assert ends[-1] == len(hex_text) // 2
    assert plugged.get(f"{READER}/trace/1").json() == told


def test_the_trace_is_said_in_the_language_asked_for(plugged: TestClient) -> None:
    plugged.post(f"{READER}/apdu", json={"device": "ps", "command": "00A4040000"})
    said = [
        plugged.get(f"{READER}/trace", headers={"Accept-Language": language}).json()["exchanges"][0][
            "meaning"
        ]
        for language in ("en", "fr")
    ]
    assert said[0] != said[1]


def test_without_a_cable_no_command_comes_in(client: TestClient) -> None:
    answer = client.post(f"{READER}/apdu", json=READ_CLOCK)
    assert (answer.status_code, answer.json()["code"]) == (409, "cable-out")
    assert client.get(f"{READER}/trace").json()["exchanges"] == []


def test_a_code_is_blanked_wherever_the_exchange_is_told(plugged: TestClient) -> None:
    plugged.put(f"{READER}/slots/ps", json={"card": "PIQURE2969"})
    answers = [
        plugged.post(f"{READER}/apdu", json=VERIFY).text,
        plugged.get(f"{READER}/trace").text,
        plugged.get(f"{READER}/trace/1").text,
        plugged.get(f"{READER}/events?follow=false&after=e0-0").text,
    ]
    assert all(VERIFY["command"][10:18] not in text for text in answers)
    assert "FFFFFFFFFFFFFFFF" in answers[0]


def test_the_trace_is_downloaded_for_wireshark(plugged: TestClient) -> None:
    plugged.put(f"{READER}/slots/ps", json={"card": "PIQURE2969"})
    plugged.post(f"{READER}/apdu", json=READ_CLOCK)
    plugged.post(f"{READER}/apdu", json=VERIFY)
    answer = plugged.get(f"{READER}/trace.pcapng")
    assert answer.headers["content-type"] == "application/x-pcapng"
    assert 'filename="reader-1.pcapng"' in answer.headers["content-disposition"]
    reset, clock, verify = read_file(io.BytesIO(answer.content))
    assert isinstance(reset, ReadReset)
    assert (reset.link, reset.lad, reset.atr) == ("api", Lad.LOG_SV, LOG_SV_ATR)
    assert isinstance(clock, ReadExchange)
    assert clock.command.hex() == READ_CLOCK["command"]
    assert isinstance(verify, ReadExchange)
    assert verify.command[5:] == b"\xff" * 8


def test_a_command_that_waits_for_a_code_is_dropped_in_time(plugged: TestClient) -> None:
    plugged.put(f"{READER}/slots/ps", json={"card": "PIQURE2969"})
    keypad = {"device": "log_sv", "command": "8024000003000000", "timeout": 50}
    first = plugged.post(f"{READER}/apdu", json=keypad)
    assert (first.status_code, first.json()["code"]) == (409, "no-answer-yet")
    assert plugged.post(f"{READER}/apdu", json=READ_CLOCK).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"device": "log_sv", "command": ""},
        {"device": "log_sv", "command": "80140000 00"},
        {"device": "log_sv", "command": "801400000"},
        {"device": "log_sv", "command": "GG140000"},
        {"device": "third", "command": "8014000000"},
        {"device": "log_sv", "command": "8014000000", "timeout": -1},
        {"command": "8014000000"},
    ],
)
def test_what_is_no_command_is_refused(plugged: TestClient, body: dict[str, object]) -> None:
    assert plugged.post(f"{READER}/apdu", json=body).status_code == 400
    assert plugged.get(f"{READER}/trace").json()["newest"] == 0


def test_a_trace_is_read_in_pieces_filtered_and_cleared(plugged: TestClient) -> None:
    for _ in range(5):
        plugged.post(f"{READER}/apdu", json=READ_CLOCK)
    plugged.post(f"{READER}/apdu", json={"device": "log_sv", "command": "8010000000"})
    first = plugged.get(f"{READER}/trace?limit=4").json()
    rest = plugged.get(f"{READER}/trace?after={first['next']}").json()
    assert [each["number"] for each in first["exchanges"] + rest["exchanges"]] == [1, 2, 3, 4, 5, 6]
    assert rest["newest"] == 6
    found = plugged.get(f"{READER}/trace?text=IDENT").json()["exchanges"]
    assert [each["number"] for each in found] == [6]
    assert plugged.delete(f"{READER}/trace").status_code == 204
    assert plugged.get(f"{READER}/trace").json()["exchanges"] == []
    gone = plugged.get(f"{READER}/trace/1")
    assert (gone.status_code, gone.json()["code"]) == (404, "exchange-forgotten")


def test_a_code_is_verified_over_the_code_channel(plugged: TestClient) -> None:
    plugged.put(f"{READER}/slots/ps", json={"card": "PIQURE2969"})
    told = plugged.post(f"{READER}/verify", json={"code": CODE})
    assert told.status_code == 200
    assert (told.json()["name"], told.json()["word"]) == ("verify_code", "9000")


@pytest.mark.parametrize("code", ["8642", "97531"])
def test_a_wrong_code_is_refused_and_not_repeated(plugged: TestClient, code: str) -> None:
    plugged.put(f"{READER}/slots/ps", json={"card": "PIQURE2969"})
    answer = plugged.post(f"{READER}/verify", json={"code": code})
    assert answer.status_code == 409
    assert code not in answer.text


@pytest.mark.parametrize("body", [{"code": "73915a"}, {"code": 73915}, {"code": "73"}, {"cod": "73915"}])
def test_a_code_of_the_wrong_form_is_refused_and_not_repeated(
    plugged: TestClient, body: dict[str, object]
) -> None:
    plugged.put(f"{READER}/slots/ps", json={"card": "PIQURE2969"})
    answer = plugged.post(f"{READER}/verify", json=body)
    assert answer.status_code == 400
    assert "73915" not in answer.text
