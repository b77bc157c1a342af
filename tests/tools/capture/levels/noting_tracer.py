"""A tracer that notes what it is told."""

from __future__ import annotations

from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.level import Level


class NotingTracer:
    """Keeps everything, in order."""

    def __init__(self) -> None:
        self.resets: list[tuple[str, Lad, bytes]] = []
        self.commands: list[tuple[str, Lad, bytes]] = []
        self.answers: list[tuple[str, Lad, bytes | None]] = []
        self.pieces: list[tuple[str, Level, str, bool, bytes, str]] = []
        self.times: list[int] = []

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        self.resets.append((link, lad, atr))
        self.times.append(ns)

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:
        self.commands.append((link, lad, apdu))
        self.times.append(ns)

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:
        self.answers.append((link, lad, response))
        self.times.append(ns)

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        self.pieces.append((link, level, device, from_reader, data, note))
        self.times.append(ns)

    def close(self) -> None:
        pass
