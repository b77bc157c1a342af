"""Exchanges over T=1 on any line that carries bytes, in the workstation's role."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import ExchangeAbandoned, LinkError, PortUnavailable
from tla_sim.protocol.framing import T1 as T1_BLOCKS
from tla_sim.protocol.framing import Framing, Overheard
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import Action, Failed, LinkSettings, MessageReceived, Role, SendBytes
from tla_sim.protocol.t1.machine import T1

_LONGEST_READ_MS = 1_000


def _ignore(_: int) -> None:
    return


class Line(Protocol):
    """A line that carries bytes, with a clock: real, or virtual in tests and benchmarks."""

    def open(self) -> None:
        """Open the line exclusively, with nothing left in its buffers. Raises `PortUnavailable`."""

    def now_ms(self) -> int:
        """Return the line's time in milliseconds, which never goes back."""

    def write(self, data: bytes) -> None:
        """Send bytes. Raises `ConnectionLost`."""

    def read(self, wait_ms: int) -> bytes:
        """Return the bytes that have arrived, waiting at most `wait_ms` for the first.

        Raises `ConnectionLost`.
        """

    def close(self) -> None:
        """Release the line. Raises nothing; may be called twice."""


class T1Transport(Transport):
    """A transport to a reader on a T=1 line. Opens `line`; raises `PortUnavailable`.

    The first exchange, and the first after any failure, starts with a resynchronisation, which begins a new
    session in the reader. After a failure the line is reopened. When an exchange is interrupted (Ctrl-C), the
    reader is told to drop it.
    """

    def __init__(self, url: str, line: Line, settings: LinkSettings) -> None:
        self._url = url
        self._line = line
        self._settings = settings
        self._open = False
        self._closed = False
        self._spoken = False
        self._machine = T1(Role.WORKSTATION, settings)
        self._moved: Callable[[int], None] = _ignore
        self._heard: Overheard | None = None
        self._ensure_open()

    def watch(self, moved: Callable[[int], None]) -> None:
        """Call `moved` with the number of bytes each time some cross the line."""
        self._moved = moved

    @property
    def framing(self) -> Framing:
        """The T=1 blocks of this line."""
        return Framing(T1_BLOCKS, self._settings)

    def overhear(self, heard: Overheard) -> None:
        """Call `heard` with all bytes that cross the line."""
        self._heard = heard

    @property
    def url(self) -> str:
        """The URL that it was opened with."""
        return self._url

    @property
    def baud(self) -> int | None:
        """The line's speed in bits per second, `None` for a network."""
        return self._settings.baud

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU.

        Raises `PortUnavailable` when the line cannot be opened, `ConnectionLost` when it went away,
        `NoAnswer` when the reader is silent or keeps the exchange waiting longer than `longest_wait`,
        `ExchangeAbandoned` when it had to be given up, `LinkProtocolError` when the reader breaks the
        protocol.
        """
        self._ensure_open()
        self._spoken = True
        try:
            return self._exchange(apdu, lad)
        except ExchangeAbandoned:
            # Given up within the protocol: line and session are still in step.
            raise
        except LinkError:
            self._drop_line()
            raise
        except BaseException:
            self._say_goodbye()
            raise

    def close(self) -> None:
        """End the session with the reader and release the line."""
        if self._open and self._spoken:
            self._say_goodbye()
        self._drop_line()
        self._closed = True

    def _ensure_open(self) -> None:
        if self._closed:
            raise PortUnavailable("{url} has been closed", "Open it again", url=self._url)
        if not self._open:
            self._line.open()
            self._open = True

    def _drop_line(self) -> None:
        self._open = self._spoken = False
        self._machine = T1(Role.WORKSTATION, self._settings)
        self._line.close()

    def _exchange(self, apdu: bytes, lad: Lad) -> bytes:
        line, machine = self._line, self._machine
        actions = machine.send(apdu, line.now_ms(), lad.nad)
        while True:
            answer = self._carry_out(actions)
            if answer is not None:
                return answer
            wake_at = machine.wake_at
            wait = _LONGEST_READ_MS if wake_at is None else wake_at - line.now_ms()
            data = line.read(min(max(wait, 0), _LONGEST_READ_MS))
            if self._heard is not None:
                self._heard(None, True, data)
            self._moved(len(data))
            now = line.now_ms()
            actions = machine.receive(data, now) if data else []
            actions += machine.tick(now)

    def _carry_out(self, actions: list[Action]) -> bytes | None:
        answer: bytes | None = None
        for action in actions:
            match action:
                case SendBytes(data):
                    self._write(data)
                    self._moved(len(data))
                case MessageReceived(_, data):
                    answer = data
                case Failed(error):
                    raise error
        return answer

    def _write(self, data: bytes) -> None:
        if self._heard is not None:
            self._heard(None, False, data)
        self._line.write(data)

    def _say_goodbye(self) -> None:
        """Resynchronise without waiting for the answer: the reader drops its command and ends the session."""
        with suppress(LinkError):
            for action in T1(Role.WORKSTATION, self._settings).connect(self._line.now_ms()):
                if isinstance(action, SendBytes):
                    self._write(action.data)
        self._machine = T1(Role.WORKSTATION, self._settings)
