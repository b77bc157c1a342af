from __future__ import annotations

from unittest.mock import patch

import pytest

from tests.tools.web.bench_kit import READER, TestClient
from tla_sim.tools.web.bench import Bench


def test_time_passes_at_once_and_the_clock_says_so(client: TestClient) -> None:
    before = client.get(f"{READER}/clock").json()
    assert before["paused"] is True
    client.post(f"{READER}/clock/advance", json={"ms": 3_600_000})
    after = client.get(f"{READER}/clock").json()
    assert after["now"] - before["now"] == 3_600_000
    assert (before["iso"][:16], after["iso"][:16]) == ("2019-03-05T08:00", "2019-03-05T09:00")


def test_days_pass_in_parts_while_a_rule_looks_on(client: TestClient, bench: Bench) -> None:
    client.post(f"{READER}/rules", json={"text": "INSEREZ LA CARTE", "keys": ["MENU"]})
    before = client.get(f"{READER}/clock").json()["now"]
    running = bench.running("reader-1")
    with patch.object(running, "call", wraps=running.call) as asked:
        screen = client.post(f"{READER}/clock/advance", json={"ms": 5 * 86_400_000 + 1}).json()
    assert client.get(f"{READER}/clock").json()["now"] - before == 5 * 86_400_000 + 1
    assert "10/03" in screen["lines"][0]
    assert asked.call_count > 5


def test_the_clock_takes_another_rate(client: TestClient) -> None:
    changed = client.patch(f"{READER}/clock", json={"rate": 1000, "paused": False}).json()
    assert (changed["rate"], changed["paused"]) == (1000, False)
    kept = client.patch(f"{READER}/clock", json={"paused": True}).json()
    assert (kept["rate"], kept["paused"]) == (1000, True)


@pytest.mark.parametrize(
    "body", [{"rate": 1001}, {"rate": -1}, {"rate": 0.5}, {"paused": "no"}, {"speed": 1}]
)
def test_a_clock_that_cannot_be_is_refused(client: TestClient, body: dict[str, object]) -> None:
    before = client.get(f"{READER}/clock").json()
    assert client.patch(f"{READER}/clock", json=body).status_code == 400
    assert client.get(f"{READER}/clock").json() == before


@pytest.mark.parametrize("ms", [-1, 1.5, 10**15, "1", None])
def test_a_time_that_cannot_pass_is_refused(client: TestClient, ms: object) -> None:
    assert client.post(f"{READER}/clock/advance", json={"ms": ms}).status_code == 400


def test_the_timeline_has_every_screen_under_its_revision(client: TestClient) -> None:
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    client.delete(f"{READER}/slots/vitale")
    screens = client.get(f"{READER}/timeline").json()["screens"]
    revisions = [screen["revision"] for screen in screens]
    assert len(screens) == 3
    assert revisions == sorted(set(revisions))
    later = client.get(f"{READER}/timeline?after={revisions[0]}&limit=1").json()["screens"]
    assert later == screens[1:2]
    assert client.get(f"{READER}/timeline/{revisions[1]}").json() == screens[1]
    gone = client.get(f"{READER}/timeline/{revisions[-1] + 1}")
    assert (gone.status_code, gone.json()["code"]) == (404, "screen-forgotten")


def test_going_back_shows_the_old_screen_under_a_new_revision(client: TestClient) -> None:
    before = client.get(f"{READER}/screen").json()
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    back = client.post(f"{READER}/rewind", json={"revision": before["revision"]}).json()
    assert back["lines"] == before["lines"]
    assert back["revision"] > before["revision"] + 1
    assert client.get(READER).json()["slots"]["vitale"] is None
    kept = client.get(f"{READER}/snapshots").json()["snapshots"]
    assert [each["automatic"] for each in kept] == [True]
    restored = client.post(f"{READER}/snapshots/{kept[0]['name']}/restore").json()
    assert restored["lines"][0].startswith("MARTIN")


@pytest.mark.parametrize("body", [{}, {"revision": 1, "clock": 1}, {"revision": -1}, {"revision": "1"}])
def test_going_back_to_nowhere_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post(f"{READER}/rewind", json=body).status_code == 400
    assert client.get(f"{READER}/screen").json()["revision"] == 1


def test_going_back_to_a_time_to_come_is_refused(client: TestClient) -> None:
    before = client.get(f"{READER}/clock").json()["now"]
    answer = client.post(f"{READER}/rewind", json={"clock": before + 1})
    assert (answer.status_code, answer.json()["code"]) == (404, "screen-forgotten")
    assert client.get(f"{READER}/clock").json()["now"] == before
    assert client.get(f"{READER}/snapshots").json()["snapshots"] == []


def test_going_back_to_what_is_not_kept_is_refused(client: TestClient) -> None:
    answer = client.post(f"{READER}/rewind", json={"revision": 99})
    assert (answer.status_code, answer.json()["code"]) == (404, "screen-forgotten")
