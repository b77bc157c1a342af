"""A transport that tells what goes through another one, for traces."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tla_sim.host.transport.base import Transport
from tla_sim.host.transport.passing import PassingTransport
from tla_sim.protocol.errors import LinkError
from tla_sim.protocol.lad import Lad


@dataclass(frozen=True, slots=True)
class TappedExchange:
    """One exchange: to whom, command, response or `None` with the error, start and duration in seconds."""

    lad: Lad
    command: bytes = field(repr=False)
    response: bytes | None = field(repr=False)
    error: LinkError | None
    started: float
    seconds: float


class TapTransport(PassingTransport):
    """Passes everything on to `inner` and calls `report` after each exchange, failed or interrupted ones too.

    `clock` gives seconds; an exception of `report` reaches the caller.
    """

    def __init__(
        self,
        inner: Transport,
        report: Callable[[TappedExchange], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(inner)
        self._report = report
        self._clock = clock

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """One exchange through the transport inside; raises what that raises."""
        started = self._clock()
        response: bytes | None = None
        failure: LinkError | None = None
        try:
            response = super().transmit(apdu, lad)
        except LinkError as error:
            failure = error
            raise
        finally:
            seconds = self._clock() - started
            self._report(TappedExchange(lad, apdu, response, failure, started, seconds))
        return response
