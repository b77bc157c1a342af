"""A tracer that writes the records of `tla_sim.protocol.trace`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import MAGIC, TraceRecord
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.pcapng import LATEST_NS
from tla_sim.tools.capture.tracer import SLOT

_NS_PER_MS: Final = 1_000_000


class RecordTracer:
    """Writes one record an exchange, when it has ended. Links, answers to reset and levels have no record.

    Nor has what the reader asks of its cards: without its link, it would look like what a program asks.
    """

    def __init__(self, write: Callable[[bytes], object], *, head: bool = True) -> None:
        self._write = write
        self._under_way: dict[tuple[str, Lad], tuple[bytes, int]] = {}
        if head:
            write(MAGIC)

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        """Do nothing."""

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:
        """Keep a command until it is answered."""
        if link == SLOT:
            return
        before = self._under_way.get((link, lad))
        self._under_way[link, lad] = apdu, ns
        if before is not None:
            self._record(lad, *before, b"")

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:  # noqa: ARG002
        """Write the exchange that ends with this answer."""
        command = self._under_way.pop((link, lad), None)
        if command is not None:
            self._record(lad, *command, response or b"")

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Write the commands that were never answered."""
        under_way, self._under_way = self._under_way, {}
        for (_, lad), command in under_way.items():
            self._record(lad, *command, b"")

    def _record(self, lad: Lad, command: bytes, ns: int, response: bytes) -> None:
        moment = min(max(ns, 0), LATEST_NS) // _NS_PER_MS
        self._write(TraceRecord(moment, lad, command, response).build())
