"""A served reader and a host's transports over real links: pseudo-terminal, TCP, RFC 2217, serial device."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
import serial
import serial.rfc2217

from tests.fake_reader import FakeReader
from tests.host.transport.transport_conformance import TransportConformance
from tests.integration.serving import served, socat_pair, wait_for
from tla_sim.host.transport import Transport, open_transport
from tla_sim.protocol.errors import ConnectionLost, LinkError, NoAnswer, PortUnavailable
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.block import Block, Edc, Supervision, Supervisory
from tla_sim.reader_fw.serve import BadLink, LinkSpec, Server

COMMAND = b"\x80\x10\x00\x00"


class TestPty(TransportConformance):
    baud = 9600

    @pytest.fixture
    def transport(self, tmp_path: Path) -> Iterator[Transport]:
        with served(f"pty:{tmp_path}/reader"), open_transport(f"serial:{tmp_path}/reader") as opened:
            yield opened


class TestPtyWithLrc(TransportConformance):
    baud = 115_200

    @pytest.fixture
    def transport(self, tmp_path: Path) -> Iterator[Transport]:
        link = f"pty:{tmp_path}/reader?edc=lrc"
        with served(link), open_transport(f"serial:{tmp_path}/reader?edc=lrc&baud=115200") as opened:
            yield opened


class TestTcp(TransportConformance):
    @pytest.fixture
    def transport(self) -> Iterator[Transport]:
        with (
            served("tcp:127.0.0.1:0") as (server, _),
            open_transport(f"socket://{server.doors[0].address}") as opened,
        ):
            yield opened


class TestSerialDevice(TransportConformance):
    baud = 9600

    @pytest.fixture
    def transport(self, tmp_path: Path) -> Iterator[Transport]:
        with (
            socat_pair(tmp_path) as (ours, theirs),
            served(f"serial:{ours}"),
            open_transport(f"serial:{theirs}") as opened,
        ):
            yield opened


@contextmanager
def _over_rfc2217(directory: Path) -> Iterator[Transport]:
    with (
        served(f"pty:{directory}/reader"),
        closing(_PortServer(f"{directory}/reader")) as ports,
        open_transport(f"rfc2217://127.0.0.1:{ports.number}") as opened,
    ):
        yield opened


@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")
class TestRfc2217(TransportConformance):
    baud = 9600

    @pytest.fixture(scope="class")
    @classmethod
    def transport(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transport]:
        with _over_rfc2217(tmp_path_factory.mktemp("rfc2217")) as opened:
            yield opened

    @pytest.fixture
    def closable(self, tmp_path: Path) -> Iterator[Transport]:
        with _over_rfc2217(tmp_path) as opened:
            yield opened


class _LineWithoutModemSignals(serial.Serial):
    """A pseudo-terminal as a serial port: it has no control lines, which pyserial's server asks for."""

    cts = dsr = cd = True
    ri = False

    def _update_rts_state(self) -> None:
        return

    def _update_dtr_state(self) -> None:
        return

    def _update_break_state(self) -> None:
        return


class _PortServer:
    """pyserial's own RFC 2217 server code, for one client and one device."""

    def __init__(self, device: str) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.number = self._listener.getsockname()[1]
        self._device = _LineWithoutModemSignals(device, timeout=0)
        self._ended = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        self._connection.sendall(data)

    def _serve(self) -> None:
        with suppress(OSError):
            self._connection, _ = self._listener.accept()
            manager = serial.rfc2217.PortManager(self._device, self)  # type: ignore[arg-type]
            client = self._connection.fileno()
            while not self._ended:
                ready, _, _ = select.select([client, self._device.fileno()], [], [], 0.05)
                if client in ready:
                    data = self._connection.recv(1024)
                    if not data:
                        return
                    self._device.write(b"".join(manager.filter(data)))
                if self._device.fileno() in ready:
                    self.write(b"".join(manager.escape(self._device.read(1024))))

    def close(self) -> None:
        self._ended = True
        self._listener.close()
        self._thread.join(5)
        self._device.close()


def test_one_reader_is_reached_by_several_links_at_once(tmp_path: Path) -> None:
    with (
        served(f"pty:{tmp_path}/a", f"pty:{tmp_path}/b", "tcp:127.0.0.1:0") as (server, reader),
        open_transport(f"serial:{tmp_path}/a") as first,
        open_transport(f"serial:{tmp_path}/b") as second,
        open_transport(f"socket://{server.doors[2].address}") as third,
    ):
        for transport in (first, second, third, first):
            assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"
        names = [name for name, _, _ in reader.commands]
        assert names[0] == names[3] == f"pty:{tmp_path}/a"
        assert len(set(names)) == 3


def test_a_command_that_takes_time_does_not_hold_the_other_links(tmp_path: Path) -> None:
    an_hour = 3_600_000

    def answer(_lad: Lad, apdu: bytes) -> tuple[bytes, int]:
        return b"\x90\x00", an_hour if apdu[1] == 0x52 else 0

    with (
        served(f"pty:{tmp_path}/a", f"pty:{tmp_path}/b", answer=answer) as (_, reader),
        open_transport(f"serial:{tmp_path}/a") as slow,
        open_transport(f"serial:{tmp_path}/b") as quick,
    ):
        thread = threading.Thread(target=slow.transmit, args=(b"\x80\x52\x00\x00",))
        thread.start()
        for _ in range(5):
            quick.transmit(COMMAND)
        wait_for(lambda: any(apdu[1] == 0x52 for _, _, apdu in reader.commands))
        assert thread.is_alive()
        reader.clock.now_ms += an_hour
        thread.join(30)
        assert not thread.is_alive()


def test_hosts_come_and_go_on_a_pty_and_each_starts_a_session_of_its_own(tmp_path: Path) -> None:
    with served(f"pty:{tmp_path}/reader") as (_, reader):
        port = reader.ports[0]
        for _ in range(5):
            with open_transport(f"serial:{tmp_path}/reader") as transport:
                transport.transmit(COMMAND)
        assert [entry for entry in port.log if entry.startswith("begin")] == 5 * ["begin LOG_SV 4"]
        # A host that dies without a word ends its session as well.
        device = os.open(tmp_path / "reader", os.O_RDWR | os.O_NOCTTY)
        os.write(device, Block(0x21, Supervisory(Supervision.RESYNCH, False)).build(Edc.CRC))
        assert select.select([device], [], [], 5)[0]
        wait_for(lambda: port.log[-1] == "reset")
        resets = port.log.count("reset")
        os.close(device)
        wait_for(lambda: port.log.count("reset") > resets)


def test_an_idle_server_sleeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(f"pty:{tmp_path}/reader", "tcp:127.0.0.1:0") as (server, reader):
        with open_transport(f"serial:{tmp_path}/reader") as transport:
            transport.transmit(COMMAND)
        rounds = []
        tick = reader.tick

        def counted(ms: int) -> None:
            rounds.append(ms)
            tick(ms)

        monkeypatch.setattr(reader, "tick", counted)
        time.sleep(0.5)
        assert len(rounds) < 10
        assert not server.stopped


def test_a_host_that_holds_a_serial_port_keeps_a_second_one_out(tmp_path: Path) -> None:
    url = f"serial:{tmp_path}/reader"
    with served(f"pty:{tmp_path}/reader"):
        with open_transport(url), pytest.raises(PortUnavailable, match="in use") as caught:
            open_transport(url)
        assert caught.value.ssv == 0x800C
        with open_transport(url) as transport:
            transport.transmit(COMMAND)


def test_two_hosts_on_one_tcp_port_are_two_links() -> None:
    with served("tcp:127.0.0.1:0") as (server, reader):
        url = f"socket://{server.doors[0].address}"
        with open_transport(url) as first, open_transport(url) as second:
            first.transmit(COMMAND)
            second.transmit(COMMAND)
            first.transmit(COMMAND)
            names = [name for name, _, _ in reader.commands]
            assert names[0] == names[2] != names[1]
        wait_for(lambda: len(reader.ports) == 1)


def test_tcp_clients_without_end_are_closed_and_service_goes_on() -> None:
    with served("tcp:127.0.0.1:0") as (server, reader):
        host, port = server.doors[0].address.split(":")
        crowd = [socket.create_connection((host, int(port))) for _ in range(20)]
        wait_for(lambda: len(reader.ports) == 9)
        for client in crowd:
            client.close()
        wait_for(lambda: len(reader.ports) == 1)
        with open_transport(f"socket://{host}:{port}") as transport:
            transport.transmit(COMMAND)


def test_garbage_on_every_link_does_not_stop_the_service(tmp_path: Path) -> None:
    with served(f"pty:{tmp_path}/reader", "tcp:127.0.0.1:0") as (server, _):
        host, port = server.doors[1].address.split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(os.urandom(100_000))
        device = os.open(tmp_path / "reader", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        for _ in range(50):
            with suppress(BlockingIOError):
                os.write(device, os.urandom(1_000))
        os.close(device)
        for url in (f"serial:{tmp_path}/reader", f"socket://{host}:{port}"):
            with open_transport(url) as transport:
                assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


def test_a_host_that_never_reads_harms_only_itself() -> None:
    with served("tcp:127.0.0.1:0") as (server, _):
        host, port = server.doors[0].address.split(":")
        resynch = Block(0x21, Supervisory(Supervision.RESYNCH, False)).build(Edc.CRC)
        with socket.create_connection((host, int(port))) as client:
            client.settimeout(0.3)
            with suppress(TimeoutError):
                for _ in range(2_000):
                    client.sendall(resynch * 200)
            with open_transport(f"socket://{host}:{port}") as transport:
                assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


def test_a_paced_pty_takes_the_time_of_its_line(tmp_path: Path) -> None:
    def answer(_lad: Lad, _apdu: bytes) -> tuple[bytes, int]:
        return bytes(500) + b"\x90\x00", 0

    with (
        served(f"pty:{tmp_path}/reader?baud=19200", answer=answer),
        open_transport(f"serial:{tmp_path}/reader?baud=19200") as transport,
    ):
        transport.transmit(COMMAND)
        started = time.monotonic()
        transport.transmit(bytes(500))
        # 1,002 bytes of payload, 7 blocks and 3 acknowledgements around them, 10 bits a byte.
        assert time.monotonic() - started >= (1_002 + 5 * 4 + 5 * 2) * 10 / 19_200


def test_a_silent_port_is_no_answer(tmp_path: Path) -> None:
    with (
        socat_pair(tmp_path) as (ours, _),
        open_transport(f"serial:{ours}?wait=1") as transport,
        pytest.raises(NoAnswer),
    ):
        transport.transmit(COMMAND)


def test_a_reader_that_goes_away_is_connection_lost_and_may_come_back(tmp_path: Path) -> None:
    with served(f"pty:{tmp_path}/reader"):
        transport = open_transport(f"serial:{tmp_path}/reader")
        transport.transmit(COMMAND)
    with pytest.raises(ConnectionLost):
        transport.transmit(COMMAND)
    with pytest.raises(PortUnavailable, match="does not exist"):
        transport.transmit(COMMAND)
    with served(f"pty:{tmp_path}/reader"):
        assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"
        transport.close()


def test_a_tcp_reader_that_goes_away_is_connection_lost() -> None:
    with served("tcp:127.0.0.1:0") as (server, _):
        url = f"socket://{server.doors[0].address}"
        transport = open_transport(url)
        transport.transmit(COMMAND)
    with pytest.raises(ConnectionLost):
        transport.transmit(COMMAND)
    with pytest.raises(PortUnavailable, match="refuses"):
        transport.transmit(COMMAND)


def test_a_serial_device_that_goes_away_is_served_again_once_it_is_back(tmp_path: Path) -> None:
    with socat_pair(tmp_path) as (ours, theirs):
        link = f"serial:{ours}"
        reader = FakeReader()
        server = Server(reader, reader.clock)
        server.open(link)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        with open_transport(f"serial:{theirs}") as transport:
            transport.transmit(COMMAND)
    wait_for(lambda: not reader.ports)
    with socat_pair(tmp_path) as (_, theirs):
        wait_for(lambda: reader.ports)
        with open_transport(f"serial:{theirs}") as transport:
            assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"
        server.stop()
        thread.join(5)
        server.close()


def test_a_reader_that_is_off_is_mute_and_one_switched_on_again_has_no_session(tmp_path: Path) -> None:
    with (
        served(f"pty:{tmp_path}/reader") as (server, reader),
        open_transport(f"serial:{tmp_path}/reader?wait=1") as transport,
    ):
        transport.transmit(COMMAND)
        reader.power_off()
        with pytest.raises(LinkError):
            transport.transmit(COMMAND)
        assert len(reader.commands) == 1
        reader.on = True
        assert not server.stopped
        assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


def test_the_cable_may_be_pulled_and_put_back(tmp_path: Path) -> None:
    reader = FakeReader()
    with Server(reader, reader.clock) as server:
        server.open(f"pty:{tmp_path}/reader")
        server.open("tcp:127.0.0.1:0")
        assert len(reader.ports) == 2
        server.plug(False)
        assert reader.ports == []
        device = os.open(tmp_path / "reader", os.O_RDWR | os.O_NOCTTY)
        os.write(device, Block(0x21, Supervisory(Supervision.RESYNCH, False)).build(Edc.CRC))
        server.run(20)
        server.plug(True)
        server.run(20)
        assert not select.select([device], [], [], 0)[0], "what was said meanwhile is not answered"
        os.write(device, Block(0x21, Supervisory(Supervision.RESYNCH, False)).build(Edc.CRC))
        server.run(20)
        assert Block.parse(os.read(device, 100), Edc.CRC).control == Supervisory(Supervision.RESYNCH, True)
        os.close(device)


def test_lines_are_dealt_with_while_serving_and_a_line_may_wait(tmp_path: Path) -> None:
    reader = FakeReader()
    seen: list[tuple[str, int]] = []
    here, there = os.pipe()
    with Server(reader, reader.clock) as server:
        server.open(f"pty:{tmp_path}/reader")
        start = reader.clock.now_ms

        def on_line(line: str) -> None:
            seen.append((line, reader.clock.now_ms - start))
            if line.startswith("wait"):
                server.run(int(line.split()[1]))

        server.read_lines(here, on_line, server.stop)
        os.write(there, "insert é\r\nwait 200\nafter\n".encode())
        os.write(there, b"no newline at the end")
        os.close(there)
        server.run(5_000)
        assert server.stopped
    os.close(here)
    assert [line for line, _ in seen] == ["insert é", "wait 200", "after", "no newline at the end"]
    assert seen[2][1] - seen[1][1] >= 200


def test_lines_may_come_from_a_plain_file(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("one\ntwo\n")
    reader = FakeReader()
    seen: list[str] = []
    with script.open("rb") as file, Server(reader, reader.clock) as server:
        server.read_lines(file.fileno(), seen.append, server.stop)
        server.run(5_000)
    assert seen == ["one", "two"]


def test_the_link_file_is_replaced_when_stale_kept_when_not_ours_and_removed_at_the_end(
    tmp_path: Path,
) -> None:
    path = tmp_path / "reader"
    path.symlink_to("/dev/pts/99999")
    reader = FakeReader()
    with Server(reader, reader.clock) as server:
        server.open(f"pty:{path}")
        assert path.resolve().is_char_device()
        mine = path.readlink()
        with Server(reader, reader.clock) as newer:
            newer.open(f"pty:{path}")
            assert path.readlink() != mine
            server.close()
            assert path.is_symlink(), "a newer reader's link stays"
    assert not path.is_symlink()
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("invoices")
    reader = FakeReader()
    with Server(reader, reader.clock) as server, pytest.raises(PortUnavailable, match="exists already"):
        server.open(f"pty:{tmp_path}/precious")
    assert (tmp_path / "precious").read_text() == "invoices"


def test_doors_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    reader = FakeReader()
    with Server(reader, reader.clock) as server, socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(PortUnavailable, match="in use"):
            server.open(f"tcp:127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(PortUnavailable, match="does not exist"):
            server.open(f"serial:{tmp_path}/none")
        with pytest.raises(PortUnavailable, match="cannot be made"):
            server.open(f"pty:{tmp_path}/no/such/directory")
        assert reader.ports == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pty",
        "pty:",
        "pty:/x?baud=slow",
        "pty:/x?baud=0",
        "pty:/x?baud",
        "pty:/x?speed=9600",
        "usb:1",
        "tcp:host",
        "tcp:host:port",
        "tcp:host:99999",
        "tcp:host:1?baud=9600",
        "serial:?baud=9600",
        "serial:/x?edc=md5",
    ],
)
def test_a_wrong_link_is_named_with_how_to_write_it(text: str) -> None:
    with pytest.raises(BadLink) as caught:
        LinkSpec.parse(text).host_and_port()
    assert caught.value.action


def test_a_tcp_link_without_a_host_is_loopback() -> None:
    assert LinkSpec.parse("tcp::4000").host_and_port() == ("127.0.0.1", 4000)
    assert LinkSpec.parse("tcp:4000").host_and_port() == ("127.0.0.1", 4000)
    assert LinkSpec.parse("tcp:[::1]:4000").host_and_port() == ("::1", 4000)
    assert LinkSpec.parse("tcp:0.0.0.0:4000").host_and_port() == ("0.0.0.0", 4000)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_serving_process_and_removes_its_link(tmp_path: Path, number: signal.Signals) -> None:
    program = textwrap.dedent(f"""
        from tla_sim.reader_fw.serve import Server
        from tests.fake_reader import FakeReader
        reader = FakeReader()
        with Server(reader, reader.clock) as server:
            server.open("pty:{tmp_path}/reader")
            print("serving", flush=True)
            server.run()
        print("ended", flush=True)
    """)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "serving\n"
        with open_transport(f"serial:{tmp_path}/reader") as transport:
            transport.transmit(COMMAND)
        process.send_signal(number)
        assert process.communicate(timeout=10)[0] == "ended\n"
        assert process.returncode == 0
        assert not (tmp_path / "reader").is_symlink()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_before_the_loop_has_begun_ends_it_in_good_order(number: signal.Signals) -> None:
    reader = FakeReader()
    before = signal.getsignal(number)
    with Server(reader, reader.clock) as server, server.stop_on_signals():
        server.open("tcp:0")
        os.kill(os.getpid(), number)
        server.run()
        assert server.stopped
    assert signal.getsignal(number) is before


def test_the_end_of_the_terminal_stays_ignored_where_it_was() -> None:
    reader = FakeReader()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Server(reader, reader.clock) as server, server.stop_on_signals():
            os.kill(os.getpid(), signal.SIGHUP)
            server.run(1)
            assert not server.stopped
    finally:
        signal.signal(signal.SIGHUP, before)
