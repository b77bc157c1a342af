"""What a trace is told: the interface between whoever hears a link and whoever writes it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.level import Level

DEVICES: Final[Mapping[Lad, str]] = {Lad.LOG_SV: "Log_SV", Lad.PS: "PS", Lad.VITALE: "Vitale"}
"""How the addressees of commands are called in a capture."""

SLOT: Final = "slot"
"""The link by which the reader itself speaks to a card, as its contacts see it."""


class Tracer(Protocol):
    """Takes down what travels. Times are in ns since 1970-01-01 00:00 UTC.

    Codes porteur need not be blanked in the APDUs that it is told of: it blanks them first of all.
    """

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        """Take down an answer to reset."""

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:
        """Take down a command, when it is sent."""

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:
        """Take down the answer to the last command to `lad`, `None` when none will come."""

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        """Take down a block or message below the APDUs, whose codes are blanked already.

        `device` is empty where a line carries all addressees, `note` says in English what is wrong with it.
        """

    def close(self) -> None:
        """Write what is left, and take down no more. May be called twice."""


class SeveralTracers:
    """A tracer that tells others."""

    def __init__(self, *tracers: Tracer) -> None:
        self._tracers = tracers

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        """Tell all."""
        for each in self._tracers:
            each.reset(link, lad, atr, ns)

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:
        """Tell all."""
        for each in self._tracers:
            each.command(link, lad, apdu, ns)

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:
        """Tell all."""
        for each in self._tracers:
            each.answer(link, lad, response, ns)

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        """Tell all."""
        for each in self._tracers:
            each.piece(link, level, device, from_reader, data, note, ns)

    def close(self) -> None:
        """Close all."""
        for each in self._tracers:
            each.close()
