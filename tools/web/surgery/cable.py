"""The practice's cable to a reader that runs in its own loop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.tools.web.problems import BenchStopped

if TYPE_CHECKING:
    from tla_sim.tools.simulator.control.running_reader import RunningReader

PORT: Final = "surgery"
"""The practice's own session with the reader: a code that is verified here is verified nowhere else. A
program's session by the HTTP API ends when the practice begins; nobody there could be asked to close it."""
_LOOK_SECONDS: Final = 1.0
"""How often a command that waits for a person makes sure that the reader is still there."""


class SurgeryCable(Transport):
    """A transport for one worker thread: each exchange is done by the reader's loop, and waited for.

    A command that waits for the code porteur on the keypad waits as long as the reader does; `on_wait` is
    called once the reader asks for it. Exchanges raise CableOut, ReaderGone, BenchStopped, and the other
    errors of ReaderControl.
    """

    def __init__(
        self, reader: RunningReader, on_wait: Callable[[], None] = lambda: None, port: str = PORT
    ) -> None:
        self._reader = reader
        self._on_wait = on_wait
        self._port = port
        self._stopped = False
        self._waiting: Future[bytes] | None = None

    @property
    def url(self) -> str:
        """What the reader is called on this server."""
        return self._reader.name

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU."""
        if self._stopped:
            raise BenchStopped
        answer: Future[bytes] = Future()

        def take(response: bytes | TlaError) -> None:
            with suppress(InvalidStateError):  # It is of no use to who was stopped meanwhile.
                if isinstance(response, TlaError):
                    answer.set_exception(response)
                else:
                    answer.set_result(response)

        first = self._port == PORT
        self._reader.call(
            lambda control: control.begin(lad, apdu, take, port=self._port, first=first)
        ).result()
        if not answer.done():
            self._on_wait()
            self._waiting = answer
        while True:
            try:
                return answer.result(_LOOK_SECONDS)
            except NotYet:
                if self._stopped:
                    raise BenchStopped from None
                self._reader.call(lambda control: control.name).result()

    def stop(self) -> None:
        """Begin no exchange any more, and wait for no person. May be called from any thread.

        Who exchanges something gets BenchStopped.
        """
        self._stopped = True
        if self._waiting is not None:
            with suppress(InvalidStateError):
                self._waiting.set_exception(BenchStopped())

    def close(self) -> None:
        """End the session: the code is forgotten."""
        with suppress(TlaError):
            self._reader.call(lambda control: control.hang_up(self._port)).result()
