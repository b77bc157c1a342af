"""A tracer that several threads may tell."""

from __future__ import annotations

import threading

from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.tracer import Tracer


class LockedTracer:
    """Tells `inner` one thing at a time. Zones are for pcapng alone; they are left out elsewhere."""

    def __init__(self, inner: Tracer) -> None:
        self._inner = inner
        self._lock = threading.Lock()

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        """Tell of an answer to reset."""
        with self._lock:
            self._inner.reset(link, lad, atr, ns)

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:
        """Tell of a command."""
        with self._lock:
            self._inner.command(link, lad, apdu, ns)

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:
        """Tell of an answer."""
        with self._lock:
            self._inner.answer(link, lad, response, ns)

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        """Tell of a block or message."""
        with self._lock:
            self._inner.piece(link, level, device, from_reader, data, note, ns)

    def zone(self, link: str, data: bytes, out: bool, comment: str, ns: int) -> None:
        """Tell of a memory zone of a C function."""
        if isinstance(self._inner, PcapngTracer):
            with self._lock:
                self._inner.zone(link, data, out, comment, ns)

    def close(self) -> None:
        """Close the tracer inside."""
        with self._lock:
            self._inner.close()
