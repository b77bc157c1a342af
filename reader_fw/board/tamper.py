"""The tamper latch, which is set when the case is opened and never cleared."""

from __future__ import annotations

from typing import Protocol


class Latch(Protocol):
    """One bit that survives without power and can only be set."""

    @property
    def tripped(self) -> bool:
        """Whether the bit is set."""

    def trip(self) -> None:
        """Set the bit."""


class TamperSensor:
    """The case switch. Opening the case trips the latch for good."""

    # There is no call to clear it: not even software that was tampered with may hide an opened case.

    def __init__(self, latch: Latch) -> None:
        self._latch = latch

    @property
    def tripped(self) -> bool:
        """Whether the case was ever opened."""
        return self._latch.tripped

    def open_case(self) -> None:
        """Open the reader's case."""
        self._latch.trip()

    def __repr__(self) -> str:
        return f"TamperSensor(tripped={self.tripped})"
