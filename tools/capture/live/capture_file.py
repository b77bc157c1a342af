"""A file that a followed reader's capture goes into, block by block."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tla_sim.tools.capture.live.following import WholeBlocks
from tla_sim.tools.capture.pcapng import MAGIC
from tla_sim.tools.capture.trace_file import ForeignFile, open_for_one_writer


def open_capture(path: Path) -> int:
    """Return the descriptor of an empty capture, readable by its owner only.

    It replaces an older capture, but no other file. Raises ForeignFile, TraceInUse, OSError.
    """
    handle = open_for_one_writer(path)
    try:
        if os.pread(handle, len(MAGIC), 0) not in (b"", MAGIC):
            raise ForeignFile("{path} is a file of another kind", "Name a new file for the trace", path=path)
        os.fchmod(handle, 0o600)
        os.ftruncate(handle, 0)
    except BaseException:
        os.close(handle)
        raise
    return handle


def write_all(handle: int, data: bytes) -> None:
    """Write everything. Raises OSError."""
    done = os.write(handle, data)
    while done < len(data):
        done += os.write(handle, data[done:])


def write_blocks(handle: int, blocks: bytes) -> None:
    """Write whole blocks to a file; where that fails, the file keeps those that are whole. Raises OSError."""
    start = os.lseek(handle, 0, os.SEEK_CUR)
    try:
        write_all(handle, blocks)
    except OSError:
        with suppress(OSError):
            written = os.lseek(handle, 0, os.SEEK_CUR) - start
            os.ftruncate(handle, start + len(WholeBlocks().take(blocks[:written])))
        raise
