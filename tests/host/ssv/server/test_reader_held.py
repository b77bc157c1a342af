"""The reader that the server opens and closes."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.server.reader_held import IDLE_S, ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl
from tla_sim.host.ssv.server.turns import Turns
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import ConnectionLost, LinkError, PortUnavailable
from tla_sim.protocol.lad import Lad


class Line(Transport):
    """A line that answers 9000 until it is cut."""

    url = "test:"

    def __init__(self) -> None:
        self.cut = False
        self.closed = 0

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:  # noqa: ARG002
        if self.cut:
            raise ConnectionLost("It is cut")
        return b"\x90\x00"

    def close(self) -> None:
        self.closed += 1


@dataclass
class Bench:
    """A reader held with a clock that the test moves, and every line that it opened."""

    now: float = 100.0
    lines: list[Line] = field(default_factory=list)
    absent: bool = False
    held: ReaderHeld = field(init=False)

    def __post_init__(self) -> None:
        self.held = ReaderHeld(AtUrl("test:"), self.open, lambda: self.now, Turns(patience=0))

    def open(self, url: str) -> Line:
        assert url == "test:"
        if self.absent:
            raise PortUnavailable("It is absent")
        self.lines.append(Line())
        return self.lines[-1]

    def exchange(self, program: object = "a") -> None:
        with self.held.turn(program) as reader:
            assert reader.transmit(b"") == b"\x90\x00"


def test_it_is_opened_at_the_first_exchange_only() -> None:
    bench = Bench()
    with bench.held.turn("a") as reader:
        assert reader.resources["cps"] == Lad.PS
        assert not bench.held.is_open
        reader.transmit(b"")
        reader.transmit(b"")
    bench.exchange("b")
    assert len(bench.lines) == 1


def test_it_is_closed_when_the_last_call_is_long_ago() -> None:
    bench = Bench()
    assert bench.held.close_when_idle() is None
    bench.exchange()
    assert bench.held.close_when_idle() == pytest.approx(IDLE_S)
    bench.now += 1.5
    bench.exchange()
    bench.now += 1.5
    assert bench.held.close_when_idle() == pytest.approx(0.5)
    assert bench.held.is_open
    bench.now += 0.5
    assert bench.held.close_when_idle() is None
    assert bench.lines[0].closed == 1
    bench.exchange()
    assert len(bench.lines) == 2


def test_it_is_not_closed_under_a_call() -> None:
    bench = Bench()
    bench.exchange()
    bench.now += 100
    with bench.held.turn("a"):
        assert bench.held.close_when_idle() == IDLE_S
    assert bench.lines[0].closed == 0


def test_who_keeps_it_open_keeps_it_open_between_calls() -> None:
    bench = Bench()
    bench.exchange()
    bench.held.keep_open("session")
    bench.held.keep_open("session")
    bench.now += 100
    assert bench.held.close_when_idle() == IDLE_S
    bench.held.let_close("session")
    bench.held.let_close("nobody")
    assert bench.held.close_when_idle() == IDLE_S
    bench.held.let_close("session")
    assert bench.held.close_when_idle() == pytest.approx(IDLE_S)
    bench.now += IDLE_S
    assert bench.held.close_when_idle() is None


def test_after_a_failed_exchange_it_is_opened_anew() -> None:
    bench = Bench()
    bench.exchange()
    bench.lines[0].cut = True
    with bench.held.turn("a") as reader, pytest.raises(LinkError):
        reader.transmit(b"")
    assert bench.lines[0].closed == 1
    assert not bench.held.is_open
    bench.exchange()
    assert len(bench.lines) == 2


def test_a_reader_that_comes_late_is_opened_by_a_later_call() -> None:
    bench = Bench(absent=True)
    with bench.held.turn("a") as reader, pytest.raises(PortUnavailable):
        reader.transmit(b"")
    bench.absent = False
    bench.exchange()


def test_opening_is_told() -> None:
    bench = Bench()
    told: list[bool] = []
    bench.held.on_opened = lambda: told.append(True)
    bench.exchange()
    bench.exchange()
    assert told == [True]


def test_who_leaves_gives_everything_back() -> None:
    bench = Bench()
    bench.exchange("a")
    bench.held.keep_open("a")
    bench.held.keep_open("a")
    bench.held.keep_open("b")
    bench.held.turns.keep("a")
    bench.held.forget("a")
    bench.exchange("b")
    bench.now += 100
    assert bench.held.close_when_idle() == IDLE_S
    bench.held.forget("b")
    bench.now += IDLE_S
    assert bench.held.close_when_idle() is None


def test_the_server_closes_it_whoever_has_it_alone() -> None:
    bench = Bench()
    bench.exchange("a")
    bench.held.turns.keep("a")
    bench.held.close()
    assert not bench.held.is_open


def test_closing_waits_for_no_call() -> None:
    bench = Bench()
    bench.exchange()
    with bench.held.turn("a"), pytest.raises(CallRefused):
        bench.held.close()
    bench.held.close()
    assert not bench.held.is_open
