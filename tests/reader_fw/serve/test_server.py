"""Between exchanges that follow one another closely, the loop still comes round to every door in time."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator

import pytest

from tla_sim.reader_fw.board.clock import Clock
from tla_sim.reader_fw.links.port import SlotPort
from tla_sim.reader_fw.serve import server as serving
from tla_sim.reader_fw.serve.door import Door
from tla_sim.reader_fw.serve.server import Server


class StillReader:
    """A reader that is on, and to which nothing happens."""

    on = True

    def attach(self, name: str) -> SlotPort:
        raise AssertionError(f"{name}: no cable is plugged in here")

    def follow(self, ms: int) -> None:
        """Let time pass."""


class CountingDoor(Door):
    """A door that counts its ticks, and has something to do in a millisecond, always."""

    address = "here"
    wake_in = 0.001
    ticks = 0

    def tick(self) -> None:
        self.ticks += 1

    def hang_up(self) -> None:
        """Do nothing."""

    def plug(self, plugged: bool) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class RecordedPoll:
    """Polls, and keeps the timeouts."""

    def __init__(self, poll: select.poll) -> None:
        self._poll = poll
        self.timeouts: list[int] = []

    def poll(self, timeout: int) -> list[tuple[int, int]]:
        self.timeouts.append(timeout)
        return self._poll.poll(timeout)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setitem(serving._DOORS, "tcp", CountingDoor)
    with Server(StillReader(), Clock()) as server:
        yield server


def test_doors_tick_while_a_host_never_pauses(server: Server) -> None:
    door = server.open("tcp:127.0.0.1:0")
    assert isinstance(door, CountingDoor)
    talker, host = socket.socketpair()
    with talker, host:
        host.send(b"never read, so that there is always something")
        server.watch(talker.fileno(), lambda: True)
        server.run(200)
        server.unwatch(talker.fileno())
    assert door.ticks > 20


def test_no_exchange_puts_off_what_another_door_has_to_do(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.open("tcp:127.0.0.1:0")
    recorded = RecordedPoll(server._poll)
    talker, host = socket.socketpair()
    with talker, host:
        host.send(b"one command after another")
        server.watch(talker.fileno(), lambda: bool(talker.recv(1)))
        monkeypatch.setattr(server, "_poll", recorded)
        server.run(50)
        monkeypatch.undo()
        server.unwatch(talker.fileno())
    assert set(recorded.timeouts) <= {0, 1}
    assert len(recorded.timeouts) > 25


def test_a_call_that_leaves_something_to_do_is_followed_by_ticks(server: Server) -> None:
    door = server.open("tcp:127.0.0.1:0")
    assert isinstance(door, CountingDoor)
    seen: list[int] = []
    talker, host = socket.socketpair()
    with talker, host:
        host.send(bytes(10))

        def take() -> None:
            talker.recv(1)
            seen.append(door.ticks)
            if len(seen) == 10:
                server.stop()

        server.watch(talker.fileno(), take)
        server.run()
        server.unwatch(talker.fileno())
    assert len(set(seen)) == 10
