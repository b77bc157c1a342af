from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from tests.tools.web.bench_kit import READER, TestClient
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.tools.cards.issue import card_orders
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.cards import Cast


def test_a_key_answers_with_the_settled_screen(client: TestClient) -> None:
    before = client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"}).json()
    after = client.post(f"{READER}/keys", json={"keys": ["VAL"]}).json()
    assert after["revision"] > before["revision"]
    assert after["lines"] != before["lines"]
    assert client.get(f"{READER}/screen").json() == after


@pytest.mark.parametrize(
    "body",
    [
        {"keys": ["FOO"]},
        {"keys": ["val"]},
        {"keys": []},
        {"keys": "VAL"},
        {"keys": [1]},
        {"keys": ["VAL"], "delay": 1},
        {"keys": ["VAL"] * 65},
        {},
        [],
        None,
    ],
)
def test_what_is_no_list_of_keys_presses_none(client: TestClient, body: object) -> None:
    before = client.get(f"{READER}/screen").json()
    answer = client.post(f"{READER}/keys", json=body)
    assert answer.status_code == 400
    assert answer.json()["action"]
    assert client.get(f"{READER}/screen").json() == before


def test_a_screen_is_told_in_four_ways(client: TestClient) -> None:
    told = client.get(f"{READER}/screen").json()
    assert client.get(f"{READER}/screen.txt").text.splitlines() == told["lines"]
    assert client.get(f"{READER}/screen.svg").headers["content-type"] == "image/svg+xml"
    assert Image.open(BytesIO(client.get(f"{READER}/screen.png").content)).format == "PNG"
    assert client.get(f"{READER}/screen.png").headers["x-revision"] == str(told["revision"])


def test_a_screen_that_is_not_newer_is_no_content(client: TestClient) -> None:
    revision = client.get(f"{READER}/screen").json()["revision"]
    for form in ("", ".txt", ".svg", ".png"):
        assert client.get(f"{READER}/screen{form}?after={revision}&timeout=10").status_code == 204
        assert client.get(f"{READER}/screen{form}?after={revision - 1}").status_code == 200


def test_a_card_is_in_one_place(client: TestClient) -> None:
    client.put(f"{READER}/slots/ps", json={"card": "cps-piqure2969-maya"})
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    told = client.get(READER).json()["slots"]
    assert told["ps"]["name"] == "cps-piqure2969-maya"
    assert told["vitale"]["holder"] == "MARTIN PAUL"
    cards = {card["name"]: card["slot"] for card in client.get(f"{READER}/cards").json()["cards"]}
    assert sorted(slot for slot in cards.values() if slot) == ["ps", "vitale"]
    twice = client.put(f"{READER}/slots/vitale", json={"card": "cps-piqure2969-maya"})
    assert (twice.status_code, twice.json()["code"]) == (409, "slot-occupied")
    client.delete(f"{READER}/slots/ps")
    client.delete(f"{READER}/slots/ps")
    assert client.get(READER).json()["slots"]["ps"] is None


def test_a_card_that_is_not_in_the_tray_is_unknown(client: TestClient) -> None:
    answer = client.put(f"{READER}/slots/ps", json={"card": "NOBODY"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "unknown-card"
    assert client.put(f"{READER}/slots/third", json={"card": "MARTIN"}).status_code == 400


def test_a_card_file_is_added_used_and_discarded(client: TestClient) -> None:
    image = Cast(demo_practice(), SeededEntropy(5)).cards[0].image.build()
    headers = {"Content-Type": "application/octet-stream"}
    added = client.post(f"{READER}/cards?name=mine", content=image, headers=headers)
    assert added.status_code == 201
    assert (added.json()["uploaded"], added.json()["kind"]) == (True, "cps")
    again = client.post(f"{READER}/cards?name=mine", content=image, headers=headers)
    assert again.status_code == 409
    client.put(f"{READER}/slots/ps", json={"card": "mine"})
    assert client.delete(f"{READER}/cards/mine").status_code == 409
    client.delete(f"{READER}/slots/ps")
    assert client.delete(f"{READER}/cards/mine").status_code == 204
    assert client.delete(f"{READER}/cards/mine").status_code == 404
    assert len(client.get(f"{READER}/cards").json()["cards"]) == len(card_orders(demo_practice()))


def test_what_is_no_card_file_is_refused(client: TestClient) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    for content in (b"", b"\0", b"TLACARD", b"\xff" * 10_000):
        assert client.post(f"{READER}/cards?name=x", content=content, headers=headers).status_code == 400
    assert client.post(f"{READER}/cards?name=../x", content=b"", headers=headers).status_code == 400
    typed = client.post(f"{READER}/cards?name=x", json={"image": ""})
    assert (typed.status_code, typed.json()["code"]) == (415, "wrong-media-type")


def test_power_cable_battery_and_case_are_told(client: TestClient) -> None:
    assert client.put(f"{READER}/cable", json={"plugged": True}).json()["plugged"] is True
    assert client.put(f"{READER}/battery", json={"percent": 7}).json()["battery"] == 7
    assert client.post(f"{READER}/tamper").json()["tampered"] is True
    off = client.put(f"{READER}/power", json={"on": False}).json()
    assert (off["on"], off["screen"]["on"], off["serial"] != "") == (False, False, True)
    on = client.put(f"{READER}/power", json={"on": True}).json()
    assert (on["on"], on["tampered"]) == (True, True)


@pytest.mark.parametrize("value", ["true", 1, 0, None, "on"])
def test_a_switch_takes_true_and_false_alone(client: TestClient, value: object) -> None:
    assert client.put(f"{READER}/power", json={"on": value}).status_code == 400
    assert client.put(f"{READER}/battery", json={"percent": "7"}).status_code == 400
