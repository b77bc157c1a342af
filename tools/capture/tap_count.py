"""What a tap has heard, counted."""

from __future__ import annotations

from dataclasses import dataclass

from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.levels.events import ORDINARY_NOTES


@dataclass(slots=True)
class WayCount:
    """What one end said: blocks, how many bytes they and all else had, errors, and APDUs."""

    blocks: int = 0
    bytes: int = 0
    errors: int = 0
    apdus: int = 0


class TapCount:
    """A tracer that counts. `program` and `reader` are what each end said; a bad block is an error."""

    def __init__(self) -> None:
        self.program = WayCount()
        self.reader = WayCount()
        self.unanswered = 0

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        """Count nothing: an answer to reset comes in an answer that is counted."""

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:  # noqa: ARG002
        """Count a command."""
        self.program.apdus += 1

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:  # noqa: ARG002
        """Count an answer, or that none came."""
        if response is None:
            self.unanswered += 1
        else:
            self.reader.apdus += 1

    def piece(
        self,
        link: str,  # noqa: ARG002
        level: Level,  # noqa: ARG002
        device: str,  # noqa: ARG002
        from_reader: bool,
        data: bytes,
        note: str,
        ns: int,  # noqa: ARG002
    ) -> None:
        """Count a block, or bytes that are not one."""
        way = self.reader if from_reader else self.program
        way.bytes += len(data)
        if note in ORDINARY_NOTES:
            way.blocks += 1
        else:
            way.errors += 1

    def close(self) -> None:
        """Do nothing."""
