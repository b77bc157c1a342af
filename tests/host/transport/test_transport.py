"""Transports: URLs, in process, the tap, and T=1 over a cable in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from tests.fake_reader import Answer, FakePort, FakeReader, echo
from tests.host.transport.transport_conformance import TransportConformance
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport import BadUrl, Transport, in_process, open_transport, register, schemes
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.host.transport.t1_transport import T1Transport
from tla_sim.host.transport.tap import TappedExchange, TapTransport
from tla_sim.protocol.documents.load import BATCH_BYTES, MAX_BATCH_BYTES
from tla_sim.protocol.errors import ConnectionLost, ExchangeAbandoned, LinkError, NoAnswer, PortUnavailable
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import Edc
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport


def _plain_exchange(reader: FakeReader) -> Callable[[Lad, bytes], bytes]:
    port = reader.attach("memory")

    def exchange(lad: Lad, apdu: bytes) -> bytes:
        port.begin(lad, apdu)
        while (response := port.poll()) is None:
            assert port.due_ms is not None
            reader.tick(port.due_ms - reader.clock.now_ms)
        return response

    return exchange


class Desk:
    """A reader on a virtual cable, and the host's transport over it."""

    def __init__(
        self,
        answer: Answer = echo,
        settings: LinkSettings | None = None,
        damage: Callable[[bytes], bytes] = lambda data: data,
    ) -> None:
        settings = settings or LinkSettings()
        self.reader = FakeReader(answer)
        self.port: FakePort = self.reader.attach("cable")
        self.link = T1Link(self.port, self.reader.clock, settings)
        self.cable = VirtualCable(self.link, self.reader.clock, self.reader.tick, settings.baud, damage)
        self.transport: T1Transport = cable_transport(self.cable, settings)


class TestInProcess(TransportConformance):
    @pytest.fixture
    def transport(self) -> Transport:
        return InProcessTransport(_plain_exchange(FakeReader()))


class TestOffered(TransportConformance):
    @pytest.fixture
    def transport(self) -> Iterator[Transport]:
        in_process.offer("desk", _plain_exchange(FakeReader()))
        yield open_transport("memory:desk")
        in_process.withdraw("desk")


class TestTap(TransportConformance):
    @pytest.fixture
    def transport(self) -> Transport:
        return TapTransport(InProcessTransport(_plain_exchange(FakeReader())), lambda _exchange: None)


class TestVirtualCable(TransportConformance):
    baud = 9600

    @pytest.fixture
    def transport(self) -> Transport:
        return Desk().transport


class TestVirtualCableWithLrc(TransportConformance):
    baud = 115_200

    @pytest.fixture
    def transport(self) -> Transport:
        return Desk(settings=LinkSettings(edc=Edc.LRC, baud=115_200)).transport


@pytest.mark.parametrize(
    "url",
    [
        "",
        "reader",
        "/dev/ttyUSB0",
        "bluetooth:TLA",
        "serial:",
        "serial:?baud=9600",
        "serial:/dev/ttyS0?baud=fast",
        "serial:/dev/ttyS0?baud=0",
        "serial:/dev/ttyS0?parity=even",
        "serial:/dev/ttyS0?edc=md5",
        "serial:/dev/ttyS0?wait=",
        "serial:/dev/ttyS0?wait=0",
        "socket://",
        "socket://host",
        "socket://host:99999",
        "socket://host:port",
        "socket://host:4000?baud=9600",
        "socket://host:4000?timeout=5",
        "rfc2217:4000",
        "rfc2217://host:4000?timeout=soon",
        "rfc2217://host:4000?timeout=0",
        "rfc2217://host:4000?logging=loud",
        "rfc2217://host:4000?ign_set_controls",
        "rfc2217://host:4000?",
        "rfc2217://host:4000?ign_set_control&&timeout=5",
        "rfc2217://host:4000?timeout=5&timeout=6",
        "memory:",
    ],
)
def test_a_wrong_url_is_named_with_what_to_write_instead(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        open_transport(url)
    assert caught.value.action
    assert isinstance(caught.value, ValueError)


def test_an_unknown_scheme_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BadUrl, match=r"galss:, memory:, pcsc:, rfc2217:, serial:, socket:"):
        open_transport("bluetooth:TLA")


def test_a_scheme_can_be_added_once() -> None:
    def opener(url: str) -> Transport:
        return InProcessTransport(lambda _lad, _apdu: b"\x90\x00", url)

    register("test-scheme", opener)
    register("test-scheme", opener)
    assert "test-scheme" in schemes()
    assert open_transport("test-scheme:here").url == "test-scheme:here"
    with pytest.raises(ValueError, match="taken"):
        register("test-scheme", lambda _url: opener(_url))


def test_a_reader_that_is_not_offered_is_unavailable() -> None:
    with pytest.raises(PortUnavailable):
        open_transport("memory:nowhere")


def test_a_port_that_is_absent_is_unavailable_with_its_ssv_code() -> None:
    with pytest.raises(PortUnavailable, match="does not exist") as caught:
        open_transport("serial:/dev/tty-that-is-not-there")
    assert caught.value.ssv == 0x800C


def test_what_is_no_serial_port_is_named_as_such() -> None:
    with pytest.raises(PortUnavailable, match=r"The port /dev/null is not a serial port"):
        open_transport("serial:/dev/null")


def test_a_tap_reports_success_failure_and_interruption() -> None:
    outcomes: list[bytes | BaseException] = [b"\x90\x00", NoAnswer("silent"), KeyboardInterrupt()]

    def exchange(_lad: Lad, _apdu: bytes) -> bytes:
        outcome = outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    seen: list[TappedExchange] = []
    moments = iter(range(100))
    tap = TapTransport(InProcessTransport(exchange), seen.append, lambda: next(moments))
    assert tap.transmit(b"\x80\x10\x00\x00", Lad.PS) == b"\x90\x00"
    with pytest.raises(NoAnswer):
        tap.transmit(b"\x80\x12\x00\x00")
    with pytest.raises(KeyboardInterrupt):
        tap.transmit(b"\x80\x14\x00\x00")
    assert [exchange.response for exchange in seen] == [b"\x90\x00", None, None]
    assert seen[0] == TappedExchange(Lad.PS, b"\x80\x10\x00\x00", b"\x90\x00", None, 0, 1)
    assert isinstance(seen[1].error, NoAnswer)
    assert seen[2].error is None


def test_a_tap_on_a_cable_tells_what_the_cable_tells() -> None:
    desk = Desk()
    moved: list[int] = []
    tap = TapTransport(desk.transport, lambda _exchange: None)
    tap.watch(moved.append)
    tap.transmit(b"\x80\x10\x00\x00")
    assert sum(moved) == desk.cable.carried
    assert tap.baud == desk.transport.baud == 9600


@pytest.mark.parametrize(("baud", "batch"), [(9600, BATCH_BYTES), (None, MAX_BATCH_BYTES)])
def test_a_client_sends_as_much_at_once_as_suits_the_line(baud: int | None, batch: int) -> None:
    tapped = TapTransport(Desk(settings=LinkSettings(baud=baud)).transport, lambda _exchange: None)
    assert ReaderClient(tapped).batch_bytes == batch


def test_what_a_tap_saw_does_not_show_in_its_repr() -> None:
    assert "1234" not in repr(TappedExchange(Lad.PS, b"1234", b"1234", None, 0, 0))


def test_a_silent_reader_is_no_answer_in_bounded_time_and_works_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()
    monkeypatch.setattr(desk.link, "receive", lambda _data: b"")
    with pytest.raises(NoAnswer):
        desk.transport.transmit(b"\x80\x10\x00\x00")
    assert desk.cable.now_ms() < 6_000
    monkeypatch.undo()
    assert desk.transport.transmit(b"\x80\x10\x00\x00")[-2:] == b"\x90\x00"


def test_a_cable_pulled_out_is_connection_lost_and_works_again_once_back() -> None:
    desk = Desk()
    desk.transport.transmit(b"\x80\x10\x00\x00")
    desk.cable.plugged = False
    with pytest.raises(ConnectionLost):
        desk.transport.transmit(b"\x80\x10\x00\x00")
    with pytest.raises(PortUnavailable):
        desk.transport.transmit(b"\x80\x10\x00\x00")
    desk.cable.plugged = True
    assert desk.transport.transmit(b"\x80\x10\x00\x00")[-2:] == b"\x90\x00"


def test_closing_ends_the_session_at_the_reader() -> None:
    desk = Desk()
    desk.transport.transmit(b"\x80\x10\x00\x00")
    desk.port.log.clear()
    desk.transport.close()
    assert desk.port.log == ["reset"]


def test_an_interrupted_exchange_is_taken_back_and_the_next_one_is_clean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(lambda _lad, apdu: (apdu + b"\x90\x00", 60_000 if apdu[1] == 0x24 else 0))
    read = desk.cable.read

    def interrupted(wait_ms: int) -> bytes:
        if desk.cable.now_ms() > 3_000:
            raise KeyboardInterrupt
        return read(wait_ms)

    monkeypatch.setattr(desk.cable, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        desk.transport.transmit(b"\x80\x24\x00\x00")
    monkeypatch.undo()
    desk.transport.close()
    assert desk.port.due_ms is None
    again = cable_transport(desk.cable)
    assert again.transmit(b"\x80\x10\x00\x00") == b"\x80\x10\x00\x00\x90\x00"


def test_a_reader_that_takes_its_time_is_waited_for_within_the_bound() -> None:
    desk = Desk(
        lambda _lad, apdu: (apdu + b"\x90\x00", 10_000 if apdu[1] else 10**9),
        LinkSettings(longest_wait=20_000),
    )
    assert desk.transport.transmit(b"\x80\x24\x00\x00")[-2:] == b"\x90\x00"
    started = desk.cable.now_ms()
    with pytest.raises(NoAnswer, match="20 s"):
        desk.transport.transmit(b"\x80\x00\x00\x00")
    assert desk.cable.now_ms() - started < 20_500


def test_a_power_cut_under_a_command_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(lambda _lad, apdu: (apdu + b"\x90\x00", 2_000))
    tick = desk.reader.tick

    def cut(ms: int) -> None:
        tick(ms)
        if desk.cable.now_ms() > 1_000:
            desk.reader.power_off()

    monkeypatch.setattr(desk.cable, "_tick", cut)
    served = desk.link.receive
    monkeypatch.setattr(desk.link, "receive", lambda data: served(data) if desk.reader.on else b"")
    with pytest.raises(LinkError):
        desk.transport.transmit(b"\x80\x24\x00\x00")


@pytest.mark.parametrize("baud", [9600, 115_200])
def test_long_commands_use_the_line_well(baud: int) -> None:
    desk = Desk(lambda _lad, _apdu: (b"\x90\x00", 0), LinkSettings(baud=baud))
    desk.transport.transmit(b"\x80\x10\x00\x00")
    carried, started = desk.cable.carried, desk.cable.elapsed_us
    payload = bytes(30_000)
    desk.transport.transmit(payload)
    assert len(payload) / (desk.cable.carried - carried) > 0.96
    seconds = (desk.cable.elapsed_us - started) / 1_000_000
    assert len(payload) * 10 / baud / seconds > 0.95


def test_noise_at_one_bit_in_ten_thousand_costs_less_than_a_third_more_time() -> None:
    def elapsed(damage: Callable[[bytes], bytes]) -> int:
        desk = Desk(lambda _lad, apdu: (apdu + b"\x90\x00", 0), damage=damage)
        for _ in range(100):
            try:
                assert desk.transport.transmit(bytes(800))[:800] == bytes(800)
            except ExchangeAbandoned:
                continue
        return desk.cable.elapsed_us

    rng = random.Random(5)

    def noise(data: bytes) -> bytes:
        flipped = sum(1 << bit for bit in range(8 * len(data)) if rng.random() < 1e-4)
        return (int.from_bytes(data, "big") ^ flipped).to_bytes(len(data), "big")

    assert elapsed(noise) < 1.3 * elapsed(lambda data: data)
