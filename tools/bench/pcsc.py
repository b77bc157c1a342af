"""APDUs per second through stock pcscd, against null readers; and the cost of serving per APDU."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from tla_sim.host.transport.pcsc import SOCKET_VARIABLE
from tla_sim.protocol.ccid import FrameCutter, Kind, Request, frame_message
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.links.ccid_link import CcidLink
from tla_sim.reader_fw.serve.ccid_door import pcscd_configuration
from tla_sim.tools.bench.pcsc_client import time_undisturbed
from tla_sim.tools.bench.pcsc_subject import sample_reader
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.simulator.private_pcscd import PrivatePcscd

VPCD_DRIVER: Final = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
SELECT_MF: Final = bytes.fromhex("00A4000C023F00")
READ_CLOCK: Final = bytes.fromhex("80140000000000")

_TURNS: Final = 20
_APDUS: Final = 100
_READY_SECONDS: Final = 20.0


def measure() -> list[Figure]:
    """Measure CCID serial and vpcd against their null responders, in turns; then the serving loop alone."""
    return [
        *_through_pcscd("ccid", card=0.8, log_sv=0.6),
        *_through_pcscd("vpcd", card=0.75, log_sv=0.75),
        *_serving(),
    ]


def _through_pcscd(way: str, card: float, log_sv: float) -> list[Figure]:
    """Measure reader and null responder in many short alternating turns; report the medians.

    Each turn gives the rate of undisturbed exchanges. Behind CCID, Log_SV speaks T=1: the null responder
    repeats one constant block, while our reader runs a whole station.
    """
    found = []
    with _pair(way) as (ours, null), _client(ours) as my_client, _client(null) as bare_client:
        for lad, apdu, name, target in (
            (Lad.PS, SELECT_MF, "a card", card),
            (Lad.LOG_SV, READ_CLOCK, "Log_SV", log_sv),
        ):
            turns = [(my_client.rate(lad, apdu), bare_client.rate(lad, apdu)) for _ in range(_TURNS)]
            mine, bare = (median(rates) for rates in zip(*turns, strict=True))
            title = f"{'CCID serial' if way == 'ccid' else 'vpcd'}: {name}"
            found.append(Figure(title, mine, "APDU/s", "its null responder", bare, target, False))
    return found


@contextmanager
def _pair(way: str) -> Iterator[tuple[Path, Path]]:
    """Start two services and yield their sockets: one with our reader, one with the null responder."""
    with (
        tempfile.TemporaryDirectory(prefix="tla-bench-") as folder,
        _service(way, Path(folder) / "ours", "tla_sim.tools.bench.pcsc_subject") as ours,
        _service(way, Path(folder) / "null", "tla_sim.tools.bench.null_responders") as null,
    ):
        yield ours, null


@contextmanager
def _service(way: str, device: Path, module: str) -> Iterator[Path]:
    if way == "ccid":
        with (
            _run(module, "ccid", str(device)),
            _wait_for(device),
            PrivatePcscd(pcscd_configuration(str(device), 5)) as service,
        ):
            yield _await_ready(service)
    else:
        port = _free_ports()
        configuration = (
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{port}\n'
            f"LIBPATH {VPCD_DRIVER}\nCHANNELID {port}\n"
        )
        with PrivatePcscd(configuration) as service:
            deadline = time.monotonic() + _READY_SECONDS
            while not _listens(port + 1) and time.monotonic() < deadline:
                time.sleep(0.05)
            with _run(module, "vpcd", str(port)):
                yield _await_ready(service)


@contextmanager
def _wait_for(*devices: Path) -> Iterator[None]:
    deadline = time.monotonic() + _READY_SECONDS
    while not all(device.exists() for device in devices):
        if time.monotonic() > deadline:
            raise AssertionError("the readers do not start")
        time.sleep(0.05)
    yield


@contextmanager
def _run(module: str, *arguments: str) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", module, *arguments], stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def _await_ready(service: PrivatePcscd) -> Path:
    deadline = time.monotonic() + _READY_SECONDS
    while not service.socket.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return service.socket


class _Client:
    """A process that exchanges APDUs through one service: libpcsclite uses one service per process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def rate(self, lad: Lad, apdu: bytes) -> float:
        """Return the APDUs per second of one turn."""
        commands, answers = self._process.stdin, self._process.stdout
        assert commands is not None
        assert answers is not None
        commands.write(f"{int(lad)} {apdu.hex()} {_APDUS}\n")
        commands.flush()
        return 1 / float(answers.readline())


@contextmanager
def _client(service: Path) -> Iterator[_Client]:
    with subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.bench.pcsc_client"],
        env=os.environ | {SOCKET_VARIABLE: str(service)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield _Client(process)


def _listens(port: int) -> bool:
    """Return whether a port is in use, without connecting: vpcd would take the connection for a card."""
    try:
        with socket.create_server(("0.0.0.0", port)):
            return False
    except OSError:
        return True


def _free_ports() -> int:
    for port in range(20_000 + os.getpid() % 5_000 * 2, 32_000, 2):
        if not _listens(port) and not _listens(port + 1):
            return port
    raise AssertionError("every port is taken")


def _serving() -> list[Figure]:
    """Measure one APDU on the pseudo-terminal without pcscd, and the core's share of it by plain calls."""
    with (
        tempfile.TemporaryDirectory(prefix="tla-bench-") as folder,
        _run("tla_sim.tools.bench.pcsc_subject", "ccid", f"{folder}/ours"),
        _run("tla_sim.tools.bench.null_responders", "ccid", f"{folder}/null"),
        _wait_for(ours := Path(folder) / "ours", null := Path(folder) / "null"),
        _open(ours) as mine_end,
        _open(null) as bare_end,
    ):
        times = [(_exchange(mine_end), _exchange(bare_end)) for _ in range(_TURNS)]
    mine, bare = (median(each) * 1e6 for each in zip(*times, strict=True))
    core = _core() * 1e6
    return [
        Figure("serving loop, an APDU", mine - core, "µs", "a null responder's", bare, 2, True),
        Figure("core, an APDU by plain calls", core, "µs", "a null responder's", bare, 2, True),
    ]


@contextmanager
def _open(path: Path) -> Iterator[int]:
    device = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(device)
        os.write(device, frame_message(Request(Kind.ICC_POWER_ON, 0, 0).build()))
        heard = FrameCutter(reader=False)
        while not any(isinstance(item, bytes) for item in heard.feed(os.read(device, 4_096))):
            pass
        yield device
    finally:
        os.close(device)


def _exchange(device: int) -> float:
    """Return the seconds of an undisturbed exchange in one turn."""
    frame = frame_message(Request(Kind.XFR_BLOCK, 0, 1, SELECT_MF).build())

    def exchange() -> None:
        os.write(device, frame)
        os.read(device, 4_096)

    return time_undisturbed(exchange, _APDUS)


def _core() -> float:
    reader = sample_reader()
    assert reader.board.slots.card(Slot.PS) is not None
    link = CcidLink(reader.attach("cards"), reader.attach("software"), reader.board.clock)
    link.receive(frame_message(Request(Kind.ICC_POWER_ON, 0, 0).build()))
    frame = frame_message(Request(Kind.XFR_BLOCK, 0, 1, SELECT_MF).build())
    return median(time_undisturbed(lambda: link.receive(frame), _APDUS) for _ in range(_TURNS))
