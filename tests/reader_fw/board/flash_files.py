"""Whole files of the reader's file system, written and read in one go."""

from __future__ import annotations

from contextlib import suppress

from tla_sim.reader_fw.board.filesystem import FileMissing, FlashFileSystem

_LONGEST = 1 << 20


def write_file(system: FlashFileSystem, path: str, data: bytes) -> None:
    """Make `data` the content of a file, new or not."""
    with suppress(FileMissing):
        system.remove(path)
    system.append(path, data)


def read_file(system: FlashFileSystem, path: str) -> bytes:
    """Return a whole file. Raises FileMissing."""
    return system.read_part(path, 0, _LONGEST)
