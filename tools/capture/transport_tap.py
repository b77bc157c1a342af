"""A transport whose exchanges a tracer takes down."""

from __future__ import annotations

import time
from collections.abc import Callable

from tla_sim.host.transport.base import Transport
from tla_sim.host.transport.passing import PassingTransport
from tla_sim.protocol.apdu import ResponseApdu
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.slot_order import CLA, SLOT_STATE, SlotOrder
from tla_sim.tools.capture.tracer import Tracer

_POWER_ON = bytes((CLA, SlotOrder.POWER_ON))


class TracedTransport(PassingTransport):
    """A transport that passes everything on to `inner`, under the name of its URL.

    Before its first exchange come the answers to reset that the transport knows. A serial line knows that of
    Log_SV alone; a card's is taken down when a slot is powered on over it. `now_ns` is in ns since 1970-01-01
    00:00 UTC. Closing it closes the tracer, too.
    """

    def __init__(
        self, inner: Transport, tracer: Tracer, now_ns: Callable[[], int] = time.time_ns, link: str = ""
    ) -> None:
        super().__init__(inner)
        self._tracer = tracer
        self._now_ns = now_ns
        self._link = link or inner.url
        self._begun = False

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU through the transport inside. Raises what that raises."""
        if not self._begun:
            self._begin()
        self._tracer.command(self._link, lad, apdu, self._now_ns())
        response: bytes | None = None
        try:
            response = super().transmit(apdu, lad)
        finally:
            self._tracer.answer(self._link, lad, response, self._now_ns())
        if apdu[:2] == _POWER_ON and lad is not Lad.LOG_SV:
            self._take_reset(lad, response)
        return response

    def close(self) -> None:
        """Close the transport inside, and the tracer."""
        try:
            super().close()
        finally:
            self._tracer.close()

    def _begin(self) -> None:
        self._begun = True
        for lad in Lad:
            if atr := self.answer_to_reset(lad):
                self._tracer.reset(self._link, lad, atr, self._now_ns())

    def _take_reset(self, lad: Lad, response: bytes) -> None:
        try:
            atr = SLOT_STATE.parse(ResponseApdu.parse(response).data).atr
        except CodecError:
            return
        if atr:
            self._tracer.reset(self._link, lad, atr, self._now_ns())
