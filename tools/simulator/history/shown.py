"""What a reader shows for itself at a moment, by which a replay is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from tla_sim.reader_fw.reader import Reader


class Shown(NamedTuple):
    """The clock in ms, whether the reader is on, its four lines, and the CRC-32 of its flash."""

    clock_ms: int
    on: bool
    lines: tuple[str, ...]
    flash_crc: int

    @classmethod
    def of(cls, reader: Reader) -> Shown:
        """Return what a reader shows."""
        board = reader.board
        return cls(board.clock.now_ms, reader.on, board.display.lines, crc32(board.flash.read_image()))
