"""Files that traces are written to: pcapng by their name, records otherwise."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from tla_sim.host.regular_file import open_regular
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.trace import MAGIC as RECORDS
from tla_sim.tools.capture.pcapng import MAGIC as PCAPNG
from tla_sim.tools.capture.pcapng import Continuation, application_of, continuation_of
from tla_sim.tools.capture.pcapng_tracer import APPLICATION, PcapngTracer
from tla_sim.tools.capture.record_tracer import RecordTracer
from tla_sim.tools.capture.tracer import Tracer

SUFFIX: Final = ".pcapng"
_NOTHING_YET: Final = Continuation(0, None)
_BEGINNING: Final = 4_096
"""Bytes of a file in which a capture says what wrote it."""


class ForeignFile(TlaError):
    """The file that a trace was to be written to holds something else."""

    category = Category.BAD_INPUT


class TraceInUse(TlaError):
    """Another program is writing the trace."""

    category = Category.BAD_INPUT


class TraceFile:
    """A trace on disk, readable by its owner only: `tracer` writes it, packet by packet.

    One that is appended to, but that another program is writing, goes into a file beside it instead; `path`
    says which. A full disk must not cost the round: what cannot be written is left out from there on, and
    `failed` says why.
    """

    def __init__(self, path: Path, *, append: bool = False, late: bool = False) -> None:
        """Open the file. It replaces an older trace of ours, or is appended to any.

        A `late` one replaces it with the first packet; without any, the older one stays. Raises ForeignFile,
        TraceInUse unless it is appended to, OSError.
        """
        self.failed: OSError | None = None
        self._beginning: bytes | None = None
        self.path, self._handle = _open_beside(path) if append else (path, open_for_one_writer(path))
        try:
            path = self.path
            is_pcapng = path.suffix.lower() == SUFFIX
            magic = PCAPNG if is_pcapng else RECORDS
            start = os.pread(self._handle, _BEGINNING, 0)
            is_foreign = is_pcapng and not append and application_of(start) != APPLICATION
            if start and (is_foreign or not start.startswith(magic)):
                raise ForeignFile(
                    "{path} is a file of another kind", "Name a new file for the trace", path=path
                )
            os.fchmod(self._handle, 0o600)
            self._size, interfaces = (
                _continuation(self._handle, is_pcapng) if append and start else _NOTHING_YET
            )
            if late and start and not append:
                self._beginning = b""
            else:
                self._begin()
            self.tracer: Tracer = (
                PcapngTracer(self._write, interfaces=interfaces)
                if is_pcapng
                else RecordTracer(self._write, head=not self._size)
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

    def _begin(self) -> None:
        os.ftruncate(self._handle, self._size)
        os.lseek(self._handle, self._size, os.SEEK_SET)

    def _write(self, block: bytes) -> None:
        if self.failed is not None:
            return
        if self._beginning == b"":
            self._beginning = block
            return
        done = 0
        try:
            if self._beginning is not None:
                self._begin()
                block, self._beginning = self._beginning + block, None
            done = os.write(self._handle, block)
            while done < len(block):
                done += os.write(self._handle, block[done:])
        except OSError as error:
            self.failed = error
            if done:
                # What was written of the packet would make the file one that was cut off.
                with suppress(OSError):
                    os.ftruncate(self._handle, os.lseek(self._handle, -done, os.SEEK_CUR))


def open_for_one_writer(path: Path) -> int:
    """Return the descriptor of a trace that nobody else writes until it is closed.

    Raises TraceInUse, OSError.
    """
    handle = open_regular(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise TraceInUse(
            "{path} is being written by another program", "Name another file for the trace", path=path
        ) from None
    except OSError:
        # Some network drives have no locks.
        pass
    return handle


def _open_beside(path: Path) -> tuple[Path, int]:
    """Return the file to append to, or the first beside it that nobody writes: `NAME-PID.pcapng`."""
    number = 0
    while True:
        more = "" if not number else f"-{os.getpid()}" if number == 1 else f"-{os.getpid()}-{number}"
        beside = path.with_name(f"{path.stem}{more}{path.suffix}")
        try:
            return beside, open_for_one_writer(beside)
        except TraceInUse:
            number += 1


def _continuation(handle: int, is_pcapng: bool) -> Continuation:
    """Return where the next packet goes: behind what a killed program left whole."""
    if not is_pcapng:
        return Continuation(os.fstat(handle).st_size, None)
    with os.fdopen(os.dup(handle), "rb") as stream:
        return continuation_of(stream)
