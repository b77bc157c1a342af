"""What a simulated reader in this process exchanges, written to a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from tla_sim.host.transport.base import Transport
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.capture.level import level_named
from tla_sim.tools.capture.levels.listening import listen_to
from tla_sim.tools.capture.reader_tap import ReaderTap
from tla_sim.tools.capture.trace_file import TraceFile
from tla_sim.tools.simulator.control.trace_ring import LOOK_PORT
from tla_sim.tools.simulator.state_files import refuse_part

_NS_PER_MS = 1_000_000


class ReaderTrace:
    """The trace of all links and slots of a reader, until `close`, in the time of the reader's clock.

    The file is pcapng if its name ends so, otherwise one of records. `levels` are those below the APDUs that
    its cables are heard at: t1, ccid and vpcd. `failed` says why it lacks something,
    `None` if it does not. Raises UnknownLevel, ForeignFile, TraceInUse, OSError.
    """

    def __init__(
        self,
        reader: Reader,
        path: str | os.PathLike[str],
        *,
        levels: Iterable[str] = (),
        append: bool = False,
    ) -> None:
        self._levels = tuple(level_named(each) for each in levels)
        self._ends: list[Callable[[], None]] = []
        refuse_part(Path(path))
        clock = reader.board.clock
        self._file = TraceFile(Path(path), append=append)
        self._now_ns = lambda: clock.now_ms * _NS_PER_MS
        self._tap = ReaderTap(reader, self._now_ns, frozenset((LOOK_PORT,)))
        self._tap.add(self._file.tracer)

    @property
    def path(self) -> Path:
        """The file, another than was asked for where that is appended to and in use."""
        return self._file.path

    @property
    def failed(self) -> OSError | None:
        """Why the file lacks what came later."""
        return self._file.failed

    def listen(self, transport: Transport, link: str) -> None:
        """Write what travels on a new cable below the APDUs, if it is of one of the levels."""
        for level in self._levels:
            end = listen_to(transport, self._file.tracer, link, level, clock=self._now_ns)
            if end is not None:
                self._ends.append(end)

    def close(self) -> None:
        """End the trace. May be called twice."""
        ends, self._ends = self._ends, []
        for end in ends:
            end()
        self._tap.close()
        self._file.close()
