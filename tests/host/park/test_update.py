"""The host side of an update: it goes on where a cut left it, and believes only what the reader then says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.reader_kit import Bench
from tla_sim.host.client import ReaderClient
from tla_sim.host.park.update import WAITING, NotUpdatable, Updated, update_reader
from tla_sim.host.progress import Progress
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.commands.identity import IDENTIFY, READ_CONFIGURATION
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import ConnectionLost, IncoherentAnswer, StatusError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.app.software.profiles import TLA_1_31, TLA_1_31_FIXED
from tla_sim.reader_fw.app.software.profiles.factory import image_of
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import NURSE

IMAGE = image_of(TLA_1_40)


class Line:
    """A reader on a cable that comes out at chosen exchanges: before it hears, or after it answered."""

    def __init__(self, bench: Bench, *, before: tuple[int, ...] = (), after: tuple[int, ...] = ()) -> None:
        self.bench = bench
        self.before = before
        self.after = after
        self.exchanges = 0
        self.instructions: list[int] = []
        self.pauses = 0
        self._port = bench.reader.attach("line")
        self.client = ReaderClient(InProcessTransport(self._exchange), bench.entropy.take)

    def _exchange(self, _: Lad, apdu: bytes) -> bytes:
        number = self.exchanges
        self.exchanges += 1
        if number in self.before:
            raise ConnectionLost("The cable came out")
        self.instructions.append(apdu[1])
        answer = self._port.exchange(Lad.LOG_SV, apdu)
        if number in self.after:
            self._port.reset()
            raise ConnectionLost("The cable came out")
        return answer

    def pause(self) -> None:
        """Nobody waits in a test."""
        self.pauses += 1

    def run(self, most_failures: int = 5) -> tuple[list[Progress], Updated]:
        """The whole update."""
        told: list[Progress] = []
        done = update_reader(self.client, IMAGE, self.pause, most_failures, told.append)
        return told, done


def test_an_update_reports_every_block_and_what_it_came_to() -> None:
    line = Line(Bench(profile=TLA_1_31))
    progress, done = line.run()
    assert [each.done for each in progress] == list(range(len(IMAGE.chunks) + 1))
    assert progress[-1].bytes_done == progress[-1].bytes_total == len(IMAGE.payload)
    assert (done.before, done.after, done.cuts, done.already) == ("1.31", "1.40", 0, False)
    assert done.bytes_sent == len(IMAGE.payload)


def test_a_reader_that_runs_the_image_is_left_alone() -> None:
    line = Line(Bench())
    _, done = line.run()
    assert done.already
    assert sorted(dict.fromkeys(line.instructions)) == [IDENTIFY.ins, READ_CONFIGURATION.ins]


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("at", range(2, 14))
def test_a_cut_at_any_exchange_is_gone_on_from(at: int, heard: bool) -> None:
    bench = Bench(profile=TLA_1_31)
    load(bench.client(), documents(NURSE, 2))
    bench.unplug()
    line = Line(bench, after=(at,)) if heard else Line(bench, before=(at,))
    _, done = line.run()
    assert (done.before, done.after) == ("1.31", "1.40")
    assert done.bytes_sent + done.bytes_resumed >= len(IMAGE.payload)
    assert done.bytes_sent <= len(IMAGE.payload) + 4_096
    assert bench.client().identify().minor == 40
    assert len(bench.client().list_documents()) == 2


def test_many_cuts_one_after_another_are_gone_on_from() -> None:
    line = Line(Bench(profile=TLA_1_31), before=(4, 5, 6, 11, 12, 18), after=(8, 20))
    progress, done = line.run()
    assert done.after == "1.40"
    assert done.cuts >= 3
    assert line.pauses >= done.cuts
    waiting = [each for each in progress if each.stage == WAITING]
    assert len(waiting) == line.pauses, "who watches is told that the cable is out"


def test_a_reader_that_never_comes_back_ends_it() -> None:
    line = Line(Bench(profile=TLA_1_31), before=tuple(range(6, 100)))
    with pytest.raises(ConnectionLost):
        line.run(most_failures=3)
    assert line.pauses == 3
    line.before = ()
    _, done = line.run()
    assert done.after == "1.40"
    assert done.bytes_resumed > 0


def test_a_reader_that_cannot_take_software_is_not_sent_any() -> None:
    line = Line(Bench(profile=TLA_1_31_FIXED))
    with pytest.raises(NotUpdatable, match=r"1\.31"):
        line.run()
    assert sorted(dict.fromkeys(line.instructions)) == [IDENTIFY.ins, READ_CONFIGURATION.ins]


def test_an_opened_reader_refuses_and_stays_as_it_is() -> None:
    line = Line(Bench(profile=TLA_1_31))
    line.bench.reader.board.tamper.open_case()
    with pytest.raises(StatusError) as caught:
        line.run()
    assert caught.value.status is Status.TAMPERED
    assert line.client.identify().minor == 31


@pytest.mark.parametrize("swap", [7, 9])
def test_another_reader_on_the_cable_half_way_is_noticed(swap: int) -> None:
    line = Line(Bench(profile=TLA_1_31), before=(swap,))
    other = Bench(profile=TLA_1_31, seed=9)

    def change() -> None:
        line.bench = other
        line._port = other.reader.attach("line")

    line.pause = change  # type: ignore[method-assign]
    with pytest.raises(IncoherentAnswer, match="was TLA"):
        line.run()
    assert other.client().identify().minor == 31


def test_a_reader_that_does_not_run_what_it_accepted_is_incoherent(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(Bench(profile=TLA_1_31))
    restart: Callable[[object], None] = lambda _: None  # noqa: E731
    monkeypatch.setattr(type(line.bench.reader), "restart_if_wanted", restart)
    with pytest.raises(IncoherentAnswer, match="does not report that it runs it"):
        line.run()
