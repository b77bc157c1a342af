"""A served reader and a pcscd of our own that has it, and stock PC/SC programs run against them."""

from __future__ import annotations

import atexit
import os
import queue
import re
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from tests.integration.serving import PATIENCE, wait_for
from tla_sim.host.transport.pcsc import SOCKET_VARIABLE, list_slots
from tla_sim.protocol.errors import PortUnavailable
from tla_sim.reader_fw.links.port import Now
from tla_sim.reader_fw.serve import Server
from tla_sim.reader_fw.serve.ccid_door import CcidDoor
from tla_sim.reader_fw.serve.door import Door
from tla_sim.reader_fw.serve.server import ServedReader
from tla_sim.tools.simulator.private_pcscd import PrivatePcscd

VPCD_DRIVER: Final = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
SLICE_MS: Final = 50

# libpcsclite reads its variable once a process, so the name stays and what it points to changes.
_HOME: Final = Path(tempfile.mkdtemp(prefix="tla-pcsc-tests-"))
_SOCKET: Final = _HOME / "pcscd.comm"
os.environ[SOCKET_VARIABLE] = str(_SOCKET)
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)

T = TypeVar("T")


class Served:
    """A reader served in a thread; `do` has things happen to it between two moments of serving."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._actions: queue.SimpleQueue[tuple[Callable[[], object], queue.SimpleQueue[object]]] = (
            queue.SimpleQueue()
        )
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        self.resume()

    def resume(self) -> None:
        """Serve on."""
        self._ended = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            while not self._ended:
                self.server.run(SLICE_MS)
                while not self._actions.empty():
                    action, done = self._actions.get()
                    done.put(action())
        except BaseException as error:
            self._error = error

    def do(self, action: Callable[[], T]) -> T:
        """Carry something out in the serving thread; what it gives."""
        done: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._actions.put((action, done))
        return done.get(timeout=PATIENCE)  # type: ignore[return-value]

    def pause(self) -> None:
        """Serve no more until `resume`; errors of the loop come out here."""
        self._ended = True
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the serving loop does not end"
        if self._error is not None:
            raise self._error


@contextmanager
def served(reader: ServedReader, clock: Now, *links: str) -> Iterator[tuple[Served, tuple[Door, ...]]]:
    """A reader served on these links until the block ends."""
    with Server(reader, clock) as server:
        doors = tuple(server.open(link) for link in links)
        serving = Served(server)
        try:
            yield serving, doors
        finally:
            serving.pause()


@contextmanager
def pcscd(configuration: str) -> Iterator[PrivatePcscd]:
    """A pcscd that this process, and the programs it runs, reach."""
    with PrivatePcscd(configuration) as service:
        reach(service)
        yield service


def reach(service: PrivatePcscd) -> None:
    """Have this process and its programs use this service, once it answers."""
    temporary = _HOME / "next"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(service.socket)
    temporary.replace(_SOCKET)
    wait_for(answers)


def answers() -> bool:
    """Whether the service answers."""
    try:
        list_slots()
    except PortUnavailable:
        return False
    return True


def slots_show(**wanted: bytes) -> Callable[[], bool]:
    """Whether slots have these cards (`s0=atr`), an empty atr standing for an empty slot."""

    def shown() -> bool:
        found = {f"s{slot.number}": slot.atr for slot in list_slots()}
        return all(found.get(name) == atr for name, atr in wanted.items())

    return shown


@contextmanager
def by_ccid(
    reader: ServedReader, clock: Now, directory: Path, options: str = ""
) -> Iterator[tuple[Served, PrivatePcscd]]:
    """A reader behind pcscd and libccid's serial driver."""
    with served(reader, clock, f"ccid:{directory}/reader{options}") as (serving, doors):
        (door,) = doors
        assert isinstance(door, CcidDoor)
        with pcscd(door.configuration.read_text()) as service:
            yield serving, service


def vpcd_configuration(port: int) -> str:
    """What pcscd must know to listen for vpcd's cards at two ports from this one on."""
    assert Path(VPCD_DRIVER).exists(), "these tests need vsmartcard-vpcd: make test installs it"
    return (
        f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{port}\nLIBPATH {VPCD_DRIVER}\nCHANNELID {port}\n'
    )


def free_ports() -> int:
    """The first of two TCP ports that nobody listens on, below those that the system gives to connections."""
    for port in range(30_000 + os.getpid() % 5_000 * 2, 64_000, 2):
        try:
            for each in (port, port + 1):
                with socket.create_server(("0.0.0.0", each)):
                    pass
        except OSError:
            continue
        return port
    raise AssertionError("every port is taken")


@contextmanager
def by_vpcd(
    reader: ServedReader, clock: Now, slots: str = "ps,log_sv"
) -> Iterator[tuple[Served, PrivatePcscd]]:
    """A reader behind pcscd and vsmartcard's vpcd, which has two slots."""
    port = free_ports()
    with (
        pcscd(vpcd_configuration(port)) as service,
        served(reader, clock, f"vpcd:127.0.0.1:{port}?slots={slots}") as (serving, _),
    ):
        yield serving, service


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run a stock program against the service that this process reaches."""
    path = shutil.which(program)
    assert path is not None, f"these tests need {program}: make test installs it"
    return subprocess.run(
        [path, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


def said(program: str, *arguments: str | Path) -> str:
    """What a stock program says; it must succeed."""
    done = run(program, *arguments)
    assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")
    # pcsc_scan has something turn while it waits.
    return re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", done.stdout.decode("utf-8", "replace"))
