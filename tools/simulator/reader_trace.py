"""What a simulated reader in this process exchanges, written to a file."""

from __future__ import annotations

import os
from pathlib import Path

from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.capture.reader_tap import ReaderTap
from tla_sim.tools.capture.trace_file import TraceFile
from tla_sim.tools.simulator.control.trace_ring import LOOK_PORT

_NS_PER_MS = 1_000_000


class ReaderTrace:
    """The trace of all links and slots of a reader, until `close`, in the time of the reader's clock.

    The file is pcapng if its name ends so, otherwise one of records. `failed` says why it lacks something,
    `None` if it does not. Raises ForeignFile, OSError.
    """

    def __init__(self, reader: Reader, path: str | os.PathLike[str], *, append: bool = False) -> None:
        clock = reader.board.clock
        self._file = TraceFile(Path(path), append=append)
        self._tap = ReaderTap(reader, lambda: clock.now_ms * _NS_PER_MS, frozenset((LOOK_PORT,)))
        self._tap.add(self._file.tracer)

    @property
    def failed(self) -> OSError | None:
        """Why the file lacks what came later."""
        return self._file.failed

    def close(self) -> None:
        """End the trace. May be called twice."""
        self._tap.close()
        self._file.close()
