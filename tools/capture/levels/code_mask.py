"""Blanking of codes in a command that comes in pieces."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import OPEN_BYTES, may_hold_code

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

    def mask(self, piece: bytes) -> bytes:
        """Return the next piece of the command, blanked."""
        head = self._head
        opened = piece[: OPEN_BYTES - len(head)]
        if opened:
            head = self._head = head + opened
        if len(piece) > len(opened) and may_hold_code(self._lad, head[0], head[1]):
            return blank(piece, len(opened))
        return piece
