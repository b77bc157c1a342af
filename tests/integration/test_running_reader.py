"""A reader that runs in its thread while hosts come by real links and somebody presses its keys."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.integration.pcsc_kit import free_ports, pcscd, vpcd_configuration
from tests.integration.serving import PATIENCE, wait_for
from tests.tools.simulator.control.control_kit import CODE, IDENTIFY, NURSE, SELECT_MF, new_control
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport import open_transport
from tla_sim.protocol.errors import Category, LinkError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.flash import SECTOR_SIZE
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.serve import BadLink
from tla_sim.tools.simulator.control.clock_drive import BadRate
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import (
    MAX_LINKS,
    ReaderGone,
    RunningReader,
    TooManyLinks,
    UnknownLinkId,
)
from tla_sim.tools.simulator.control.waits import Waited


@pytest.fixture
def running() -> Iterator[RunningReader]:
    with RunningReader(new_control()) as made:
        yield made


def shows(running: RunningReader, text: str, ms: int = 600_000) -> Waited:
    """Wait until the screen shows a text."""
    ended: Future[Waited] = Future()
    running.call(lambda control: control.wait(Condition(text=text), ms, ended.set_result))
    return ended.result(PATIENCE)


def in_background(act: Callable[[], object]) -> Callable[[], object]:
    """Do something in a thread; return what waits for its result."""
    done: Future[object] = Future()

    def carry_out() -> None:
        try:
            done.set_result(act())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=carry_out, daemon=True).start()
    return lambda: done.result(PATIENCE)


def type_code(running: RunningReader, client: ReaderClient) -> bool:
    """A host asks for the code, and somebody types it at the reader."""
    verified = in_background(lambda: client.verify_code_at_reader().verified)
    assert shows(running, "CODE PORTEUR").matched
    running.call(lambda control: control.press(CODE, "VAL")).result(PATIENCE)
    return bool(verified())


@pytest.mark.parametrize("link", ["tcp:0", "pty:{home}/port", "pty:{home}/port?baud=115200"])
def test_a_host_asks_while_somebody_presses_keys(running: RunningReader, link: str, tmp_path: Path) -> None:
    opened = running.open_link(link.format(home=tmp_path)).result(PATIENCE)
    assert running.links == (opened,)
    running.call(lambda control: control.insert(Slot.PS, NURSE)).result(PATIENCE)
    with open_transport(opened.url) as transport:
        client = ReaderClient(transport, os.urandom)
        assert type_code(running, client)
        names = [
            (event.payload.link, event.payload.lad)  # type: ignore[attr-defined]
            for _, event in running.events.after(0).events
            if event.kind is EventKind.EXCHANGE
        ]
        assert len(names) == 3
        assert all(lad is Lad.LOG_SV for _, lad in names)
    running.close_link(opened.id).result(PATIENCE)
    assert not running.links
    with pytest.raises(LinkError), open_transport(opened.url) as transport:
        ReaderClient(transport, os.urandom).identify()
    with pytest.raises(UnknownLinkId):
        running.close_link(opened.id).result(PATIENCE)


@pytest.mark.parametrize("kind", ["ccid", "vpcd"])
def test_a_host_at_pcsc_asks_while_somebody_presses_keys(
    running: RunningReader, kind: str, tmp_path: Path
) -> None:
    running.call(lambda control: control.insert(Slot.PS, NURSE)).result(PATIENCE)
    if kind == "ccid":
        link = f"ccid:{tmp_path}/reader"
        running.open_link(link).result(PATIENCE)
        configuration = (tmp_path / "reader.conf").read_text("utf-8")
    else:
        port = free_ports()
        link = f"vpcd:127.0.0.1:{port}?slots=ps,log_sv"
        configuration = vpcd_configuration(port)
    with pcscd(configuration):
        if kind == "vpcd":
            running.open_link(link).result(PATIENCE)

        def reached() -> bool:
            try:
                with open_transport("pcsc:") as transport:
                    return bool(transport.transmit(IDENTIFY))
            except TlaError:
                return False

        wait_for(reached)
        with open_transport("pcsc:") as transport:
            assert transport.transmit(SELECT_MF, Lad.PS).endswith(b"\x90\x00")
            assert type_code(running, ReaderClient(transport, os.urandom))
        for each in running.links:
            running.close_link(each.id).result(PATIENCE)


@pytest.mark.parametrize("link", ["tcp:0", "pty:{home}/port"])
def test_after_going_back_hosts_begin_anew(running: RunningReader, link: str, tmp_path: Path) -> None:
    opened = running.open_link(link.format(home=tmp_path)).result(PATIENCE)
    running.call(lambda control: control.insert(Slot.PS, NURSE)).result(PATIENCE)
    before = running.call(lambda control: control.save("before")).result(PATIENCE)
    for back in (
        lambda control: control.restore("before"),
        lambda control: control.rewind(clock_ms=before.clock_ms),
    ):
        with open_transport(opened.url) as transport:
            assert type_code(running, ReaderClient(transport, os.urandom))
            running.call(back).result(PATIENCE)
            if link == "tcp:0":
                # The host is told at once, and its next command begins a new session.
                assert not ReaderClient(transport, os.urandom).read_ps_card().verified
        with open_transport(opened.url) as transport:
            assert not ReaderClient(transport, os.urandom).read_ps_card().verified


def test_cables_of_links_are_pulled_out_and_put_back(running: RunningReader) -> None:
    opened = running.open_link("tcp:0").result(PATIENCE)
    assert running.call(lambda control: control.plugged).result(PATIENCE)
    shown = running.call(lambda control: control.cable(plugged=False)).result(PATIENCE)
    assert shown.lines[0].startswith("TLA 1.40")
    running.call(lambda control: control.cable(plugged=True)).result(PATIENCE)
    with open_transport(opened.url) as transport:
        assert ReaderClient(transport, os.urandom).identify().major == 1


def test_a_fault_of_the_line_strikes_a_served_link(running: RunningReader) -> None:
    opened = running.open_link("tcp:0").result(PATIENCE)
    running.call(lambda control: control.inject("line.forge@0:3")).result(PATIENCE)
    with open_transport(opened.url) as transport:
        assert ReaderClient(transport, os.urandom).identify().major == 1
    faults = running.call(lambda control: control.faults).result(PATIENCE)
    assert [fault.name for fault in faults.struck] == ["line.forge"]


def test_the_clock_goes_as_fast_as_it_is_told(running: RunningReader) -> None:
    def clock() -> int:
        return running.call(lambda control: control.clock_ms).result(PATIENCE)

    running.set_rate(1_000).result(PATIENCE)
    before = clock()
    wait_for(lambda: clock() >= before + 60_000)
    running.pause().result(PATIENCE)
    assert (running.rate, running.paused) == (1_000, True)
    still = clock()
    assert [clock() for _ in range(20)] == [still] * 20
    running.call(lambda control: control.advance(5)).result(PATIENCE)
    assert clock() == still + 5
    # On a clock that stands still, a wait for what the reader shows by itself takes no real time.
    assert shows(running, "21:00", 86_400_000).matched
    running.resume().result(PATIENCE)
    wait_for(lambda: clock() > still + 5)
    with pytest.raises(BadRate):
        running.set_rate(1_001).result(PATIENCE)


def test_a_spoilt_flash_ends_neither_the_reader_nor_its_links(running: RunningReader) -> None:
    opened = running.open_link("tcp:0").result(PATIENCE)

    def spoil(control: ReaderControl) -> None:
        flash = control.reader.board.flash
        for sector in range(flash.sectors):
            flash.poke(sector * SECTOR_SIZE, bytes(SECTOR_SIZE))
        control.inject("reader.reset@0")

    running.call(spoil).result(PATIENCE)
    with open_transport(opened.url) as transport:
        in_background(lambda: ReaderClient(transport, os.urandom).identify())
        wait_for(lambda: not running.call(lambda control: control.screen.on).result(PATIENCE))
        with pytest.raises(TlaError):
            running.call(lambda control: control.power(on=True)).result(PATIENCE)
    assert running.links == (opened,)


def test_links_that_cannot_be_are_refused(running: RunningReader) -> None:
    with pytest.raises(BadLink):
        running.open_link("nonsense:1")
    with pytest.raises(TlaError, match="cannot be served"):
        running.open_link("tcp:192.0.2.1:1").result(PATIENCE)
    for _ in range(MAX_LINKS):
        running.open_link("tcp:0").result(PATIENCE)
    with pytest.raises(TooManyLinks):
        running.open_link("tcp:0").result(PATIENCE)


def test_a_closed_reader_says_so_and_tells_those_who_watch(running: RunningReader) -> None:
    busy = threading.Event()
    running.call(lambda _: busy.wait(PATIENCE))
    late = running.call(lambda control: control.screen)
    cancelled = running.call(lambda control: control.press("VAL"))
    cancelled.cancel()
    closing = in_background(running.close)
    wait_for(lambda: running._closed)
    with pytest.raises(ReaderGone) as gone:
        running.call(lambda control: control.screen)
    assert gone.value.category is Category.REFUSED
    busy.set()
    closing()
    running.close()
    # It was asked for before the end: it is either answered or told that the reader is gone.
    error = late.exception(PATIENCE)
    assert error is None or isinstance(error, ReaderGone)
    assert running.events.after(0).events[-1].event.kind is EventKind.GONE


def test_what_a_call_raises_comes_out_where_it_is_waited_for(running: RunningReader) -> None:
    with pytest.raises(ZeroDivisionError):
        running.call(lambda _: 1 // 0).result(PATIENCE)
    assert running.call(lambda control: control.screen.revision).result(PATIENCE) == 1
