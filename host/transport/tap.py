"""A transport that reports each exchange of another one, for traces."""

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
    """One exchange: addressee, command, response (`None` after an error), start and duration in seconds."""

    lad: Lad
    command: bytes = field(repr=False)
    response: bytes | None = field(repr=False)
    error: LinkError | None
    started: float
    seconds: float


class TapTransport(PassingTransport):
    """A transport that passes everything on to `inner` and calls `report` after each exchange, even a failed
    one.

    `clock` returns seconds. An exception from `report` reaches the caller.
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
        """Exchange one APDU through the transport inside. Raises what that raises."""
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
