"""The door of a running reader: asked, followed, and never waiting for anybody."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.tools.capture.live.kit import ATR, ME, Loop, ask, data_of, kinds, lost_told
from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.live import follower
from tla_sim.tools.capture.live.door import MOST_CLIENTS, LiveDoor, NotFollowable
from tla_sim.tools.capture.live.feed import LiveFeed
from tla_sim.tools.capture.live.following import WholeBlocks
from tla_sim.tools.capture.tracer import Tracer

TRACE = b'{"ask": "trace"}\n'


class CardTap:
    """The tap on a reader with one card in it."""

    def __init__(self) -> None:
        self.tracers: list[Tracer] = []
        self.levels: frozenset[Level] = frozenset()

    def add(
        self, tracer: Tracer, *, introduced: bool = False, levels: frozenset[Level] = frozenset()
    ) -> None:
        """Tell a tracer."""
        assert introduced
        self.tracers.append(tracer)
        self.levels = levels

    def want(self, tracer: Tracer, levels: frozenset[Level]) -> None:
        """Tell it of these levels."""
        assert tracer in self.tracers
        self.levels = levels

    def remove(self, tracer: Tracer) -> None:
        """Tell it no more."""
        self.tracers.remove(tracer)

    def introduce(self, tracer: Tracer) -> None:
        """Tell it of the card."""
        tracer.reset("pty:/tmp/tla", Lad.PS, ATR, 0)


@pytest.fixture
def tap() -> CardTap:
    """The tap on that reader."""
    return CardTap()


@pytest.fixture
def feed(tap: CardTap) -> LiveFeed:
    """A feed of a reader with one card in it."""
    return LiveFeed(tap)


@pytest.fixture
def door(loop: Loop, feed: LiveFeed, folder: Path) -> Iterator[LiveDoor]:
    """The door of that reader."""
    made = LiveDoor(loop, feed, lambda: ME, folder)
    yield made
    made.close()


def exchange(feed: LiveFeed, count: int = 1, data: bytes = b"") -> None:
    """So many exchanges with the card."""
    for number in range(count):
        feed.command("pty:/tmp/tla", Lad.PS, bytes.fromhex("00b0000000"), number)
        feed.answer("pty:/tmp/tla", Lad.PS, data + b"\x90\x00", number)


def received(connection: socket.socket) -> bytes:
    """What has arrived, in whole blocks."""
    connection.setblocking(False)
    got = bytearray()
    try:
        while data := connection.recv(1 << 20):
            got += data
    except BlockingIOError:
        pass
    return WholeBlocks().take(bytes(got))


def rest(connection: socket.socket) -> bytes:
    """Everything up to the end."""
    got = bytearray()
    while data := connection.recv(1 << 20):
        got += data
    return bytes(got)


def test_a_reader_describes_itself_and_closes(door: LiveDoor, loop: Loop) -> None:
    with ask(door.path, b'{"ask": "describe"}\n') as client:
        loop.settle()
        said = json.loads(rest(client))
    assert said["name"] == "reader"
    assert said["urls"] == ["serial:/tmp/tla"]
    assert said["version"] == 1
    assert door.clients == 0


def test_a_follower_gets_what_is_in_the_slots_and_then_every_exchange(
    door: LiveDoor, loop: Loop, feed: LiveFeed
) -> None:
    exchange(feed)
    with ask(door.path, TRACE) as client:
        loop.settle()
        assert feed.followed
        exchange(feed)
        loop.settle()
        got = received(client)
    assert kinds(got)[0] == 0x0A0D0D0A
    packets = data_of(got)
    assert [packets[0].endswith(ATR), len(packets)] == [True, 3]
    assert packets[1].endswith(bytes.fromhex("00b0000000"))
    assert packets[2].endswith(b"\x90\x00")


def test_levels_come_only_to_those_who_ask(door: LiveDoor, loop: Loop, feed: LiveFeed) -> None:
    with ask(door.path, b'{"ask": "trace", "levels": ["t1"]}\n') as deep, ask(door.path, TRACE) as plain:
        loop.settle()
        assert feed.levels == {Level.T1}
        feed.piece("pty:/tmp/tla", Level.T1, "", True, b"block", "", 0)
        loop.settle()
        assert any(b"block" in each for each in data_of(received(deep)))
        assert not any(b"block" in each for each in data_of(received(plain)))


def test_the_tap_hears_what_those_want_who_follow_now(door: LiveDoor, loop: Loop, tap: CardTap) -> None:
    with ask(door.path, TRACE):
        loop.settle()
        assert tap.levels == frozenset()
        with ask(door.path, b'{"ask": "trace", "levels": ["t1", "vpcd"]}\n'):
            loop.settle()
            assert tap.levels == {Level.T1, Level.VPCD}
        loop.settle()
        assert tap.levels == frozenset()


@pytest.mark.parametrize(
    "line",
    [b"\n", b"nonsense\n", b'{"ask": "money"}\n', b'{"ask": "trace", "levels": ["t9"]}\n', b"x" * 9_000],
)
def test_an_odd_question_ends_the_connection(door: LiveDoor, loop: Loop, feed: LiveFeed, line: bytes) -> None:
    with ask(door.path, line) as client:
        loop.settle()
        with suppress(ConnectionResetError):
            assert rest(client) == b""
    assert door.clients == 0
    assert not feed.followed


def test_a_question_may_come_in_pieces(door: LiveDoor, loop: Loop) -> None:
    with ask(door.path, b'{"ask": ') as client:
        loop.settle()
        client.sendall(b'"describe"}\n')
        loop.settle()
        assert rest(client).endswith(b"\n")


def test_a_follower_that_goes_is_forgotten(door: LiveDoor, loop: Loop, feed: LiveFeed) -> None:
    client = ask(door.path, TRACE)
    loop.settle()
    assert (door.clients, feed.followed) == (1, True)
    client.close()
    loop.settle()
    assert (door.clients, feed.followed) == (0, False)
    exchange(feed)


def test_the_reader_is_tapped_only_while_somebody_follows(
    door: LiveDoor, loop: Loop, tap: CardTap, feed: LiveFeed
) -> None:
    first, second = ask(door.path, TRACE), ask(door.path, TRACE)
    loop.settle()
    assert tap.tracers == [feed]
    assert [len(data_of(received(each))) for each in (first, second)] == [1, 1]
    first.close()
    loop.settle()
    assert tap.tracers == [feed]
    second.close()
    loop.settle()
    assert tap.tracers == []


def test_a_follower_that_goes_with_packets_on_their_way_is_forgotten(
    door: LiveDoor, loop: Loop, feed: LiveFeed
) -> None:
    client = ask(door.path, TRACE)
    loop.settle()
    exchange(feed, 2_000, bytes(200))
    loop.turn()
    client.close()
    loop.settle()
    assert (door.clients, feed.followed) == (0, False)


def test_more_than_it_takes_are_turned_away(door: LiveDoor, loop: Loop) -> None:
    clients = [ask(door.path, b"") for _ in range(MOST_CLIENTS)]
    loop.settle()
    with ask(door.path, b"") as late:
        loop.settle()
        assert late.recv(1) == b""
    for each in clients:
        each.close()
    loop.settle()
    assert door.clients == 0


def test_one_who_does_not_read_loses_packets_and_nobody_else_does(
    door: LiveDoor, loop: Loop, feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower.Follower.__init__, "__defaults__", (100_000,))
    with ask(door.path, TRACE) as slow, ask(door.path, TRACE) as quick:
        loop.settle()
        got = bytearray()
        quick.setblocking(False)
        for _ in range(200):
            exchange(feed, 10, bytes(200))
            loop.turn()
            try:
                got += quick.recv(1 << 20)
            except BlockingIOError:
                continue
        late = bytearray()
        while loop.turn() or len(late) == 0:
            late += slow.recv(1 << 20)
            try:
                got += quick.recv(1 << 20)
            except BlockingIOError:
                continue
        exchange(feed)
        loop.settle()
        late += slow.recv(1 << 20)
        got += quick.recv(1 << 20)
    assert (len(data_of(bytes(got))), lost_told(bytes(got))) == (4_003, 0)
    assert lost_told(bytes(late)) > 0
    assert len(data_of(bytes(late))) + lost_told(bytes(late)) == 4_003


def test_the_end_of_the_reader_passes_on_what_happened(loop: Loop, feed: LiveFeed, folder: Path) -> None:
    door = LiveDoor(loop, feed, lambda: ME, folder)
    with ask(door.path, TRACE) as client:
        loop.settle()
        exchange(feed, 100)
        door.close()
        assert len(data_of(rest(client))) == 201
    assert not door.path.exists()
    assert loop.watched == {}


def test_one_who_does_not_read_keeps_nobody_from_the_end(
    loop: Loop, feed: LiveFeed, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tla_sim.tools.capture.live.door._LAST_WORDS_SECONDS", 0.05)
    door = LiveDoor(loop, feed, lambda: ME, folder)
    with ask(door.path, TRACE) as stuck, ask(door.path, TRACE) as reading:
        loop.settle()
        got = b""
        for _ in range(100):
            exchange(feed, 10, bytes(2_000))
            loop.turn()
            got += reading.recv(1 << 20)
        exchange(feed, 10)
        door.close()
        got += rest(reading)
        assert len(data_of(got)) == 2_021
        assert 0 < len(data_of(WholeBlocks().take(rest(stuck)))) < 2_021


def test_where_it_cannot_be_followed_it_says_why(loop: Loop, feed: LiveFeed, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(NotFollowable, match="others can look into it"):
        LiveDoor(loop, feed, lambda: ME, folder)
