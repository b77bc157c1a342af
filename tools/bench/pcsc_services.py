"""Private PC/SC services for benchmarks, each with one responder behind it, and timed clients."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tla_sim.host.transport.pcsc import SOCKET_VARIABLE
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.serve.ccid_door import pcscd_configuration
from tla_sim.tools.simulator.private_pcscd import PrivatePcscd

VPCD_DRIVER: Final = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

_READY_SECONDS: Final = 20.0


@contextmanager
def on_one_processor() -> Iterator[None]:
    """Keep this process, and those that it starts in the context, on one processor.

    Otherwise it is chance which of client, pcscd and responder share one, and a turn takes half as long again
    or not.
    """
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def serve_behind_pcscd(way: str, device: Path, module: str, *arguments: str) -> Iterator[Path]:
    """Start pcscd and, with way, place and `arguments`, `module`; yield the socket of the service."""
    if way == "ccid":
        with (
            run_module(module, "ccid", str(device), *arguments),
            wait_for(device),
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
            _wait_until(lambda: _listens(port + 1))
            with run_module(module, "vpcd", str(port), *arguments):
                yield _await_ready(service)


@contextmanager
def wait_for(*devices: Path) -> Iterator[None]:
    """Enter the context when the devices are there. Raises AssertionError if that takes too long."""
    _wait_until(lambda: all(device.exists() for device in devices))
    yield


@contextmanager
def run_module(module: str, *arguments: str) -> Iterator[None]:
    """Run a module in a process of its own for as long as the context lasts."""
    with subprocess.Popen([sys.executable, "-m", module, *arguments], stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def _await_ready(service: PrivatePcscd) -> Path:
    _wait_until(service.socket.exists)
    return service.socket


def _wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise AssertionError("the readers do not start")
        time.sleep(0.05)


class Client:
    """A process that exchanges APDUs through one service: libpcsclite uses one service per process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def rate(self, lad: Lad, apdu: bytes, count: int, before: tuple[bytes, ...] = ()) -> float:
        """Return the APDUs per second of a turn of `count`, after the commands in `before`."""
        commands, answers = self._process.stdin, self._process.stdout
        assert commands is not None
        assert answers is not None
        commands.write(f"{int(lad)} {apdu.hex()} {count} {' '.join(each.hex() for each in before)}\n")
        commands.flush()
        return 1 / float(answers.readline())


@contextmanager
def connect_client(service: Path) -> Iterator[Client]:
    """Start a client of the service."""
    with subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.bench.pcsc_client"],
        env=os.environ | {SOCKET_VARIABLE: str(service)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Client(process)


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
