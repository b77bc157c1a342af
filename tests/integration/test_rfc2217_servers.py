"""RFC 2217 by ser2net, and by servers that answer less or otherwise; nothing is printed by itself."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from serial.rfc2217 import (
    COM_PORT_OPTION,
    DO,
    IAC,
    PURGE_DATA,
    SB,
    SE,
    SERVER_PURGE_DATA,
    SERVER_SET_BAUDRATE,
    SERVER_SET_CONTROL,
    SET_BAUDRATE,
    SET_CONTROL,
    WILL,
)

from tests.host.transport.transport_conformance import TransportConformance
from tests.integration.serving import PATIENCE, served, wait_for
from tla_sim.host.transport import Transport, open_transport
from tla_sim.protocol.errors import ConnectionLost, PortUnavailable

pytestmark = pytest.mark.filterwarnings("ignore:set:DeprecationWarning")

CASE = Path(__file__).parent.parent / "cases" / "ser2net.yaml"
COMMAND = b"\x80\x10\x00\x00"
OPTIONS = ["", "?ign_set_control", "?ign_set_control&timeout=5", "?timeout=2.5&poll_modem", "?edc=crc"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class Ser2net(NamedTuple):
    """A running one: its port over the device, its port over a device that is not there, its process."""

    port: int
    missing: int
    process: subprocess.Popen[bytes]


@contextmanager
def ser2net(directory: Path, device: str) -> Iterator[Ser2net]:
    """ser2net as the case configures it, over `device`."""
    there, missing = free_port(), free_port()
    text = CASE.read_text().replace("/dev/pts/1", device)
    for written, port in ((3400, there), (3401, free_port()), (3402, missing)):
        text = text.replace(f"127.0.0.1,{written}", f"127.0.0.1,{port}")
    configuration = directory / "ser2net.yaml"
    configuration.write_text(text)
    program = shutil.which("ser2net", path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert program is not None, "these tests need ser2net: make test installs it"
    with (directory / "ser2net.log").open("wb") as log:
        process = subprocess.Popen([program, "-n", "-d", "-u", "-c", configuration], stdout=log, stderr=log)
    try:
        wait_for(lambda: process.poll() is not None or _listens(missing))
        assert process.poll() is None, (directory / "ser2net.log").read_text()
        yield Ser2net(there, missing, process)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    table = Path("/proc/net/tcp").read_text()
    return f":{port:04X} 00000000:0000 0A" in table


class TestSer2net(TransportConformance):
    baud = 9600

    @pytest.fixture(scope="class")
    @classmethod
    def port(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
        directory = tmp_path_factory.mktemp("ser2net")
        with served(f"pty:{directory}/reader"), ser2net(directory, f"{directory}/reader") as running:
            yield running.port

    @pytest.fixture(scope="class")
    @classmethod
    def transport(cls, port: int) -> Iterator[Transport]:
        with open_transport(f"rfc2217://127.0.0.1:{port}") as opened:
            yield opened

    @pytest.fixture
    def closable(self, tmp_path: Path) -> Iterator[Transport]:
        with (
            served(f"pty:{tmp_path}/reader"),
            ser2net(tmp_path, f"{tmp_path}/reader") as running,
            open_transport(f"rfc2217://127.0.0.1:{running.port}") as opened,
        ):
            yield opened


def test_ser2net_opens_with_each_of_pyserials_options_and_without(tmp_path: Path) -> None:
    with served(f"pty:{tmp_path}/reader"), ser2net(tmp_path, f"{tmp_path}/reader") as (port, missing, _):
        for options in OPTIONS:
            with open_transport(f"rfc2217://127.0.0.1:{port}{options}") as transport:
                assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"
        with pytest.raises(PortUnavailable, match="closed by the far end"):
            open_transport(f"rfc2217://127.0.0.1:{missing}")


@pytest.mark.parametrize("moment", ["while it is opened", "in mid-session"])
def test_a_connection_that_ends_prints_nothing_by_itself(tmp_path: Path, moment: str) -> None:
    with served(f"pty:{tmp_path}/reader"), ser2net(tmp_path, f"{tmp_path}/reader") as running:
        where = running.missing if moment == "while it is opened" else running.port
        script = f"""
import sys
from tla_sim.host.transport import open_transport
from tla_sim.protocol.errors import LinkError
try:
    with open_transport("rfc2217://127.0.0.1:{where}") as transport:
        transport.transmit({COMMAND!r})
        print("opened", flush=True)
        sys.stdin.readline()
        transport.transmit({COMMAND!r})
except LinkError:
    print("link error")
"""
        command = [sys.executable, "-c", script]
        with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
            assert process.stdout is not None
            if moment == "in mid-session":
                assert process.stdout.readline() == "opened\n"
                running.process.kill()
            out, err = process.communicate("\n", PATIENCE)
    assert (out, err) == ("link error\n", "")


Answers = Callable[[bytes, bytes], bytes]
"""What a far end answers to a suboption of ours: code, value."""


def usual(code: bytes, value: bytes) -> bytes:
    return IAC + SB + COM_PORT_OPTION + bytes((code[0] + 100,)) + value + IAC + SE


def but(code: bytes, answer: bytes) -> Answers:
    """The usual answers, save to one suboption."""
    return lambda asked, value: answer if asked == code else usual(asked, value)


def telling(code: bytes, value: bytes) -> bytes:
    return IAC + SB + COM_PORT_OPTION + code + value + IAC + SE


class FarEnd:
    """An RFC 2217 server in a thread, over an echo that answers no block: it is opened, not spoken to."""

    def __init__(self, answers: Answers, greeting: bytes = b"", *, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.port = self._listener.getsockname()[1]
        self._answers = answers
        self._greeting = greeting
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            client, _ = self._listener.accept()
            with client:
                client.sendall(self._greeting)
                rest = b""
                while data := client.recv(1024):
                    rest = self._take(rest + data, client)

    def _take(self, data: bytes, client: socket.socket) -> bytes:
        while data.startswith(IAC):
            if data[1:2] == SB:
                end = data.find(IAC + SE)
                if end < 0:
                    break
                answer = self._answers(data[3:4], data[4:end])
                if answer == b"hang up":
                    client.shutdown(socket.SHUT_RDWR)
                    raise OSError
                client.sendall(answer)
                data = data[end + 2 :]
            elif len(data) < 3:
                break
            else:
                wanted = {DO: WILL, WILL: DO}.get(data[1:2])
                if self._greeting == b"" and wanted is not None and data[2:3] == COM_PORT_OPTION:
                    client.sendall(IAC + wanted + COM_PORT_OPTION)
                data = data[3:]
        return data

    def close(self) -> None:
        self._listener.close()


@pytest.mark.parametrize(
    "answers",
    [
        but(SET_CONTROL, b""),
        but(SET_CONTROL, telling(SERVER_SET_CONTROL, b"\x02")),
        but(SET_CONTROL, telling(SERVER_SET_CONTROL, b"")),
        but(PURGE_DATA, b""),
        but(PURGE_DATA, telling(SERVER_PURGE_DATA, b"\x00")),
        lambda code, value: b"" if code in (SET_CONTROL, PURGE_DATA) else usual(code, value),
        but(SET_CONTROL, IAC + bytes((241,)) + telling(SERVER_SET_CONTROL, b"\x01")),
    ],
    ids=["no control", "other control", "empty control", "no purge", "other purge", "neither", "NOP"],
)
def test_it_opens_though_the_far_end_is_silent_about_what_is_not_needed(answers: Answers) -> None:
    far = FarEnd(answers)
    open_transport(f"rfc2217://127.0.0.1:{far.port}?timeout=2").close()
    far.close()


@pytest.mark.parametrize(
    ("answers", "greeting", "sentence"),
    [
        (but(SET_BAUDRATE, telling(SERVER_SET_BAUDRATE, b"\x00\x00\x01\x2c")), b"", "9600 baud"),
        (but(SET_BAUDRATE, b""), b"", "9600 baud"),
        (but(SET_BAUDRATE, b"hang up"), b"", "closed by the far end"),
        (but(SET_CONTROL, b"hang up"), b"", "closed by the far end"),
        (but(SET_BAUDRATE, IAC + SE), b"", "closed by the far end"),
        (usual, b"SSH-2.0-OpenSSH\r\n", "does not speak RFC 2217"),
    ],
    ids=["another baud", "no baud", "hangs up early", "hangs up late", "no telnet", "no RFC 2217"],
)
def test_what_cannot_be_opened_is_told_in_a_sentence(
    answers: Answers, greeting: bytes, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    far = FarEnd(answers, greeting)
    with pytest.raises(PortUnavailable, match=sentence):
        open_transport(f"rfc2217://127.0.0.1:{far.port}")
    far.close()
    assert capfd.readouterr() == ("", "")


def test_ipv6_and_names_are_addresses_too() -> None:
    for host, listening in (("[::1]", "::1"), ("localhost", "127.0.0.1")):
        far = FarEnd(usual, host=listening)
        open_transport(f"rfc2217://{host}:{far.port}").close()
        far.close()
    with pytest.raises(PortUnavailable, match="unknown host"):
        open_transport("rfc2217://no.such.host.invalid:4000")
    with pytest.raises(PortUnavailable, match="refuses the connection"):
        open_transport(f"rfc2217://127.0.0.1:{free_port()}")


def test_a_far_end_that_goes_away_in_mid_session_is_a_lost_connection(
    capfd: pytest.CaptureFixture[str],
) -> None:
    gone = threading.Event()

    class GoesAway(FarEnd):
        def _take(self, data: bytes, client: socket.socket) -> bytes:
            rest = super()._take(data, client)
            if rest and not rest.startswith(IAC):
                client.shutdown(socket.SHUT_RDWR)
                gone.set()
            return rest

    far = GoesAway(usual)
    with open_transport(f"rfc2217://127.0.0.1:{far.port}") as transport, pytest.raises(ConnectionLost):
        transport.transmit(COMMAND)
    assert gone.wait(PATIENCE)
    far.close()
    assert capfd.readouterr() == ("", "")
