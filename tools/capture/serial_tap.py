"""A tap on a serial line between a program and a reader: what one end says is passed on to the other, and
heard.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from tla_sim.host.transport.serial_line import SerialLine
from tla_sim.protocol.errors import ConnectionLost
from tla_sim.protocol.framing import T1, Framing
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import Edc
from tla_sim.tools.capture.levels.listening import LineEar
from tla_sim.tools.capture.tracer import Tracer

DEFAULT_BAUD: Final = 9_600
_PTY: Final = "pty:"
_SERIAL: Final = "serial:"
_READ_SIZE: Final = 4_096
_NS_PER_MS: Final = 1_000_000


class TapEnd(Protocol):
    """One end of a line that is tapped. `read` and `write` raise ConnectionLost."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""

    def read(self) -> bytes:
        """Return the bytes that have arrived."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def close(self) -> None:
        """Let the port go."""


class PortEnd:
    """A serial port, for this process alone. Opening raises PortUnavailable."""

    def __init__(self, device: str, baud: int) -> None:
        self._device = device
        self._line = SerialLine(device, baud)
        self._line.open()

    def fileno(self) -> int:
        """Return the descriptor to wait on. Raises ConnectionLost."""
        return self._line.fileno()

    def read(self) -> bytes:
        """Return the bytes that have arrived. Raises ConnectionLost."""
        data = self._line.read(0)
        if not data:
            # It was said to have something to read. A port that has none is one that went away.
            raise ConnectionLost(
                "The port {address} went away", "Check the cable, then start again", address=self._device
            )
        return data

    def write(self, data: bytes) -> None:
        """Send bytes. Raises ConnectionLost."""
        self._line.write(data)

    def close(self) -> None:
        """Close the port."""
        self._line.close()


class PseudoTerminalEnd:
    """A pseudo-terminal that a program opens as its serial port, at a path that stays.

    Programs may come and go; bytes for one that does not read are dropped once the terminal is full. Opening
    raises PortUnavailable.
    """

    def __init__(self, path: str) -> None:
        from tla_sim.reader_fw.serve.line_door import open_pty
        from tla_sim.reader_fw.serve.stable_link import StableLink

        # The program's side is kept open here as well, so that its leaving is not an end.
        self._master, self._keeper = open_pty()
        try:
            os.set_blocking(self._master, False)
            self._link = StableLink(Path(path).expanduser().absolute(), os.ttyname(self._keeper))
        except BaseException:
            os.close(self._master)
            os.close(self._keeper)
            raise

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._master

    def read(self) -> bytes:
        """Return the bytes that have arrived."""
        with suppress(BlockingIOError):
            return os.read(self._master, _READ_SIZE)
        return b""

    def write(self, data: bytes) -> None:
        """Send bytes."""
        with suppress(BlockingIOError):
            os.write(self._master, data)

    def close(self) -> None:
        """Remove the terminal and its name."""
        self._link.remove()
        os.close(self._master)
        os.close(self._keeper)


def open_end(text: str, baud: int) -> TapEnd:
    """Open one end: `pty:PATH` makes a pseudo-terminal at PATH, DEVICE or `serial:DEVICE` is a serial port.

    Raises PortUnavailable.
    """
    if text.startswith(_PTY):
        return PseudoTerminalEnd(text.removeprefix(_PTY))
    return PortEnd(text.removeprefix(_SERIAL), baud)


class SerialTap:
    """Passes on what the program's and the reader's end say, at once and unchanged, and tells `ear`.

    `clock` is that of the ear.
    """

    def __init__(self, program: TapEnd, reader: TapEnd, ear: LineEar, clock: Callable[[], int]) -> None:
        self._ends = (program, reader)
        self._ear = ear
        self._clock = clock

    def pass_on(self, from_reader: bool) -> None:
        """Pass on what an end has to say. Raises ConnectionLost."""
        data = self._ends[from_reader].read()
        if data:
            self._ends[not from_reader].write(data)
            self._ear.heard(from_reader, data)

    def let_time_pass(self) -> None:
        """Tell what a silence has ended."""
        due = self._ear.due_ns
        if due is not None and self._clock() >= due:
            self._ear.tick()

    def run(self, stop: int | None = None) -> None:
        """Pass on until the descriptor `stop` has something to read. Raises ConnectionLost."""
        poll = select.poll()
        ends = {end.fileno(): bool(number) for number, end in enumerate(self._ends)}
        for handle in (*ends, *(() if stop is None else (stop,))):
            poll.register(handle, select.POLLIN)
        while True:
            ready = [handle for handle, _ in poll.poll(self._wait_ms())]
            # The program first: a reader answers only what has been passed on to it.
            for handle, from_reader in ends.items():
                if handle in ready:
                    self.pass_on(from_reader)
            if stop in ready:
                return
            self.let_time_pass()

    def _wait_ms(self) -> int | None:
        due = self._ear.due_ns
        return None if due is None else max(0, -(-(due - self._clock()) // _NS_PER_MS))


@contextmanager
def open_ends(a: str, b: str, baud: int = DEFAULT_BAUD) -> Iterator[tuple[TapEnd, TapEnd]]:
    """Open the end where the program is and that where the reader is (see `open_end`), during a block.

    Raises PortUnavailable.
    """
    with ExitStack() as held:
        program = open_end(a, baud)
        held.callback(program.close)
        reader = open_end(b, baud)
        held.callback(reader.close)
        yield program, reader


def tap_ends(
    ends: tuple[TapEnd, TapEnd],
    tracer: Tracer,
    *,
    link: str,
    baud: int = DEFAULT_BAUD,
    edc: Edc = Edc.CRC,
    clock: Callable[[], int] = time.time_ns,
    stop: int | None = None,
) -> None:
    """Tap the line between the open ends of the program and of the reader.

    What is heard goes to `tracer` as blocks of T=1 and as APDUs, on a link that is called `link`. `clock`
    gives ns since 1970-01-01 00:00 UTC. It goes on until the descriptor `stop` has something to read.

    Raises ConnectionLost when a port went away; all that was heard has been told then.
    """
    ear = LineEar(tracer, link, Framing(T1, LinkSettings(edc=edc, baud=baud)), apdus=True, clock=clock)
    with ExitStack() as held:
        held.callback(ear.gone)
        SerialTap(*ends, ear, clock).run(stop)
