"""A line to a simulated reader that breaks at one exchange, for tests of what survives a cut."""

from __future__ import annotations

import tla_sim
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import ConnectionLost
from tla_sim.protocol.lad import Lad


class CutLine:
    """A line whose cable comes out at exchange `number`, counted from 0, and stays out.

    The reader has `heard` the command then, so that only its answer is lost, or it has not.
    """

    def __init__(self, reader: tla_sim.SimulatedReader, number: int, *, heard: bool = True) -> None:
        self.exchanges = 0
        self._inner = reader.transport()
        self.transport = InProcessTransport(self._exchange, on_close=self._inner.close)
        self._number = number
        self._heard = heard

    @property
    def was_cut(self) -> bool:
        """Whether the cable came out."""
        return self.exchanges > self._number

    def _exchange(self, lad: Lad, apdu: bytes) -> bytes:
        number = self.exchanges
        self.exchanges += 1
        if number < self._number:
            return self._inner.transmit(apdu, lad)
        if number == self._number:
            if self._heard:
                self._inner.transmit(apdu, lad)
            self._inner.close()
        raise ConnectionLost("The cable came out", "Plug it in")
