from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.tools.web.bench_kit import EPOCH, READER, TestClient
from tla_sim.protocol.lad import Lad
from tla_sim.tools.language import Language
from tla_sim.tools.simulator.control.event_ring import MAX_EVENTS
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.trace_ring import TracedExchange
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.following import SAMPLE, Follower
from tla_sim.tools.web.streams import Streams

ALL = "/v1/events?follow=false"
ONE = f"{READER}/events?follow=false"


def messages(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return id, kind and data of each message of a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def exchange(number: int) -> TracedExchange:
    return TracedExchange(number, number, number, "api", Lad.LOG_SV, bytes.fromhex("8014000000"), b"\x90\0")


def test_a_client_goes_on_where_it_was(client: TestClient) -> None:
    position = client.get(READER).json()["position"]
    client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
    first = messages(client.get(f"{ONE}&after={position}").text)
    assert [kind for _, kind, _ in first] == ["screen", "reader"]
    assert first[0][2]["lines"][0].startswith("MARTIN")
    assert first[1][2]["slots"]["vitale"]["holder"] == "MARTIN PAUL"
    client.delete(f"{READER}/slots/vitale")
    rest = messages(client.get(ONE, headers={"Last-Event-ID": first[-1][0]}).text)
    assert [kind for _, kind, _ in rest] == ["screen", "reader"]
    assert rest[0][2]["revision"] > first[0][2]["revision"]
    assert messages(client.get(f"{ONE}&after={rest[-1][0]}").text) == []


def test_every_id_is_a_place_to_go_on_from(client: TestClient) -> None:
    position = client.get("/v1/readers").json()["position"]
    for _ in range(2):
        client.put(f"{READER}/slots/vitale", json={"card": "MARTIN"})
        client.delete(f"{READER}/slots/vitale")
    client.post("/v1/readers", json={"name": "second"})
    for path, since in ((ONE, f"{EPOCH}-0"), (ALL, position)):
        whole = messages(client.get(path, params={"after": since, "follow": "false"}).text)
        assert len(whole) > 3
        for at, (identity, _, _) in enumerate(whole):
            rest = messages(client.get(path, headers={"Last-Event-ID": identity}).text)
            assert [each[1:] for each in rest] == [each[1:] for each in whole[at + 1 :]]


def test_an_id_of_another_start_of_the_server_loads_everything_anew(client: TestClient) -> None:
    for since in ("other-5", "nonsense", f"{EPOCH}-999", "é", "-", f"{EPOCH}-1,reader-1:x"):
        for path, kinds in ((ONE, ["missed"]), (ALL, ["missed", "readers"])):
            told = messages(client.get(path, params={"after": since, "follow": "false"}).text)
            assert [kind for _, kind, _ in told] == kinds, since
            assert told[0][2]["count"] is None
            assert messages(client.get(path, headers={"Last-Event-ID": told[-1][0]}).text) == []


def test_who_is_too_slow_is_told_how_many_were_missed(client: TestClient, bench: Bench) -> None:
    ring = bench.running("reader-1").events
    for number in range(MAX_EVENTS + 500):
        ring.add(EventKind.FAULT, f"ps.pull@{number}")
    told = messages(client.get(f"{ONE}&after={EPOCH}-1").text)
    assert (told[0][1], told[0][2]["count"]) == ("missed", 500)
    assert len(told) == 1 + MAX_EVENTS


def test_exchanges_that_come_too_fast_are_sampled_and_it_is_said(client: TestClient, bench: Bench) -> None:
    ring = bench.running("reader-1").events
    start = ring.last
    for number in range(1, 1001):
        ring.add(EventKind.EXCHANGE, exchange(number))
    told = messages(client.get(f"{ONE}&after={EPOCH}-{start}").text)
    assert [kind for _, kind, _ in told] == ["exchange"]
    data = told[0][2]
    assert [each["number"] for each in data["exchanges"]] == list(range(1001 - SAMPLE, 1001))
    assert data["skipped"] == 1000 - SAMPLE
    assert "request" not in data["exchanges"][0]


def test_exchanges_and_screens_stay_in_their_order(client: TestClient, bench: Bench) -> None:
    shown = bench.running("reader-1")
    start, screen = shown.events.last, shown.call(lambda control: control.screen).result()
    for number in (1, 2):
        shown.events.add(EventKind.EXCHANGE, exchange(number))
    shown.events.add(EventKind.SCREEN, screen)
    shown.events.add(EventKind.EXCHANGE, exchange(3))
    told = messages(client.get(f"{ONE}&after={EPOCH}-{start}").text)
    assert [kind for _, kind, _ in told] == ["exchange", "screen", "exchange"]
    assert [len(data.get("exchanges", ())) for _, _, data in told] == [2, 0, 1]


def test_a_reader_that_is_made_or_removed_is_told_to_who_follows_all(client: TestClient) -> None:
    position = client.get("/v1/readers").json()["position"]
    client.post("/v1/readers", json={"name": "second"})
    made = messages(client.get(ALL, params={"after": position, "follow": "false"}).text)
    assert [(kind, [each["name"] for each in data.get("readers", ())]) for _, kind, data in made] == [
        ("readers", ["reader-1", "second"])
    ]
    client.delete("/v1/readers/second")
    told = messages(client.get(ALL, headers={"Last-Event-ID": made[-1][0]}).text)
    assert [[each["name"] for each in data["readers"]] for _, _, data in told] == [["reader-1"]]


def test_a_stream_ends_when_its_reader_is_removed_and_all_when_the_server_ends(bench: Bench) -> None:
    async def follow() -> tuple[list[bytes], list[bytes]]:
        streams = Streams()
        kept: list[list[bytes]] = [[], []]

        async def listen(name: str | None, into: list[bytes]) -> None:
            with streams.opened() as waker:
                async for message in Follower(bench, streams, name, "", Language.EN).messages(waker):
                    into.append(message)

        tasks = [asyncio.ensure_future(listen(name, kept[at])) for at, name in enumerate(("reader-1", None))]
        while not all(kept):
            await asyncio.sleep(0)
        bench.remove("reader-1")
        await tasks[0]
        assert streams.count == 1
        streams.close()
        await tasks[1]
        assert streams.count == 0
        return kept[0], kept[1]

    one, every = asyncio.run(asyncio.wait_for(follow(), 20))
    assert b"event: gone" in one[-1]
    assert any(b"event: readers" in message for message in every)


def test_whoever_follows_all_is_told_that_the_practice_changed(bench: Bench) -> None:
    async def follow(name: str | None) -> bytes:
        follower = Follower(bench, Streams(), name, "", Language.EN)
        bench.surgery.changed()
        bench.surgery.changed()
        with follower_streams.opened() as waker:
            return b"".join([each async for each in follower.messages(waker, follow=False)])

    follower_streams = Streams()
    assert asyncio.run(follow(None)).count(b"event: practice\ndata: {}\n\n") == 1
    assert b"practice" not in asyncio.run(follow("reader-1"))
