"""Blanking of codes in a command that comes in pieces."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import OPEN_BYTES, may_hold_code, open_bytes

BLANK: Final = b"\xff"


def blank(data: bytes, kept: int = 0) -> bytes:
    """Return these bytes with all but the first `kept` blanked to FF."""
    return data[:kept] + BLANK * (len(data) - kept)


class CodeMask:
    """Blanks in the pieces of one command what `protocol/trace.py::blank_code` blanks in the whole.

    `lad` is `None` for an address that is not known.
    """

    def __init__(self, lad: Lad | None) -> None:
        self._lad = lad
        self._head = b""
        self._at = 0

    def mask(self, piece: bytes) -> bytes:
        """Return the next piece of the command, blanked."""
        at, self._at = self._at, self._at + len(piece)
        self._head += piece[: OPEN_BYTES - len(self._head)]
        if len(self._head) < OPEN_BYTES or not may_hold_code(self._head[1]):
            return piece
        return blank(piece, max(open_bytes(self._lad, self._head) - at, 0))
