"""Files that traces are written to: pcapng by their name, records otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tla_sim.host.regular_file import open_regular
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.trace import MAGIC as RECORDS
from tla_sim.tools.capture.pcapng import MAGIC as PCAPNG
from tla_sim.tools.capture.pcapng import whole_size
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.record_tracer import RecordTracer
from tla_sim.tools.capture.tracer import Tracer

SUFFIX: Final = ".pcapng"


class ForeignFile(TlaError):
    """The file that a trace was to be written to holds something else."""

    category = Category.BAD_INPUT


class TraceFile:
    """A trace on disk, readable by its owner only: `tracer` writes it, packet by packet.

    A full disk must not cost the round: what cannot be written is left out from there on, and `failed` says
    why.
    """

    def __init__(self, path: Path, *, append: bool = False) -> None:
        """Open the file. It replaces an older trace, or is appended to it. Raises ForeignFile, OSError."""
        self.failed: OSError | None = None
        self._handle = open_regular(path, os.O_RDWR | os.O_CREAT)
        try:
            is_pcapng = path.suffix.lower() == SUFFIX
            magic = PCAPNG if is_pcapng else RECORDS
            start = os.pread(self._handle, len(magic), 0)
            if start not in (b"", magic):
                raise ForeignFile(
                    "{path} is a file of another kind", "Name a new file for the trace", path=path
                )
            os.fchmod(self._handle, 0o600)
            size = _whole(self._handle, is_pcapng) if append and start else 0
            os.ftruncate(self._handle, size)
            os.lseek(self._handle, size, os.SEEK_SET)
            self.tracer: Tracer = (
                PcapngTracer(self._write) if is_pcapng else RecordTracer(self._write, head=not size)
            )
            if self.failed is not None:
                raise self.failed
        except BaseException:
            os.close(self._handle)
            raise

    def close(self) -> None:
        """Write what is left. May be called twice."""
        if self._handle >= 0:
            self.tracer.close()
            os.close(self._handle)
            self._handle = -1

    def _write(self, block: bytes) -> None:
        if self.failed is not None:
            return
        try:
            done = os.write(self._handle, block)
            while done < len(block):
                done += os.write(self._handle, block[done:])
        except OSError as error:
            self.failed = error


def _whole(handle: int, is_pcapng: bool) -> int:
    """Return where the next packet goes: behind what a killed program left whole."""
    size = os.fstat(handle).st_size
    if not is_pcapng:
        return size
    with os.fdopen(os.dup(handle), "rb") as stream:
        return whole_size(stream)
