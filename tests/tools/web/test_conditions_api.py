from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.tools.web.bench_kit import READER, TestClient
from tla_sim.tools.web.bench import Bench


def test_a_rule_acts_on_the_screen_already_shown_and_says_so(client: TestClient) -> None:
    added = client.post(
        f"{READER}/rules", json={"text": "inserez la carte", "insert": {"vitale": "MARTIN"}, "once": True}
    )
    assert added.status_code == 201
    assert added.json()["matched"][0]["lines"][1].startswith("INSEREZ LA CARTE")
    assert client.get(READER).json()["slots"]["vitale"]["holder"] == "MARTIN PAUL"
    assert client.get(f"{READER}/rules").json()["rules"] == []


def test_a_rule_waits_for_its_screen(client: TestClient) -> None:
    rule = {"regexp": "MARTIN +PAUL", "keys": ["VAL"]}
    added = client.post(f"{READER}/rules", json=rule).json()
    assert added["matched"] == []
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    assert "INSEREZ" in client.get(f"{READER}/screen.txt").text
    assert client.delete(f"{READER}/rules/{added['id']}").status_code == 204
    gone = client.delete(f"{READER}/rules/{added['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown-rule")


def test_the_digits_of_a_rule_are_not_repeated(client: TestClient) -> None:
    rule = {"text": "NEVER SHOWN", "keys": ["VAL", "73915", "VAL"]}
    answers = [
        client.post(f"{READER}/rules", json=rule).text,
        client.get(f"{READER}/rules").text,
        client.get(f"{READER}/events?follow=false&after=e0-0").text,
    ]
    assert all("73915" not in text for text in answers)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "A", "regexp": "A", "keys": ["VAL"]},
        {"text": "A"},
        {"regexp": "(", "keys": ["VAL"]},
        {"regexp": "(a+)+\\1", "keys": ["VAL"]},
        {"text": "A", "fault": "no.such@1"},
        {"text": "A", "insert": {"third": "MARTIN"}},
        {"exchange": "identify", "keys": ["VAL"]},
    ],
)
def test_a_rule_that_cannot_act_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post(f"{READER}/rules", json=body).status_code == 400
    assert client.get(f"{READER}/rules").json()["rules"] == []


def test_a_wait_ends_with_the_screen_it_waited_for(client: TestClient) -> None:
    met = client.post(f"{READER}/wait", json={"text": "vitale du patient"}).json()
    assert (met["matched"], met["screen"]["revision"], met["exchange"]) == (True, 1, None)
    assert client.post(f"{READER}/wait", json={"no_text": "MARTIN"}).status_code == 200


def test_a_wait_in_vain_ends_in_the_readers_time(client: TestClient) -> None:
    before = client.get(f"{READER}/clock").json()["now"]
    answer = client.post(f"{READER}/wait", json={"text": "MARTIN", "timeout": 86_400_000})
    assert (answer.status_code, answer.json()["code"]) == (409, "wait-timed-out")
    assert client.get(f"{READER}/clock").json()["now"] - before == 86_400_000


def test_a_wait_ends_with_its_reader(bench: Bench, client: TestClient) -> None:
    running = bench.find("reader-1").running
    running.resume().result()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(client.post, f"{READER}/wait", json={"text": "NEVER", "timeout": 86_400_000})
        while not running.call(lambda control: control.waiting).result():
            pass
        assert client.delete(READER).status_code == 204
        answer = waiting.result(20)
    assert (answer.status_code, answer.json()["code"]) == (409, "reader-gone")


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "A", "no_text": "B"}, {"exchange": "no_such"}])
def test_a_wait_for_nothing_known_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post(f"{READER}/wait", json=body).status_code == 400
