"""Going back in time: a rewind, a snapshot's file, and what recording adds to each exchange."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.board import Board, assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.bench.dispatch import measure_in_turns
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader
from tla_sim.tools.simulator.history.snapshot_file import read_snapshot, write_snapshot
from tla_sim.tools.simulator.live_reader import LiveReader

_EXCHANGES: Final = 10_000
_INVOICES: Final = 100
_ROUNDS: Final = 5
_IDENTIFY: Final = bytes.fromhex("8010000000")


def measure() -> list[Figure]:
    """Measure a rewind against its limit and against doing it all again, snapshots and recording likewise."""
    rewind, again = _rewind(), _best(_do_again)
    restored, loaded = _snapshot()
    recorded, plain = _exchange()
    name = f"rewind over {_EXCHANGES:,} exchanges"
    return [
        Figure(name, rewind, "s", "a limit of 2 s", 2, 1, True),
        Figure(name, rewind, "s", "a new reader that does them all again, unrecorded", again, 4, True),
        Figure(
            f"snapshot with {_INVOICES} invoices, written, read, restored",
            restored * 1e3,
            "ms",
            "loading them",
            loaded * 1e3,
            2,
            True,
        ),
        Figure("an exchange, recorded", recorded, "µs", "the same reader, unrecorded", plain, 2.5, True),
    ]


def _board() -> Board:
    return assemble_board(MORNING, SeededEntropy(1), NorFlash(blank_image()))


def _new() -> RecordedReader:
    return RecordedReader(_board(), Strikes(FaultPlan()))


def _rewind() -> float:
    reader = _new()
    _play(reader, _EXCHANGES + 1)
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        reader.rewind(reader.step - 1)
        best = min(best, time.perf_counter() - start)
        _play(reader, 1)
    return best


def _do_again() -> None:
    _play(Reader(_board()), _EXCHANGES)


def _play(reader: Reader, exchanges: int) -> None:
    reader.power_on()
    port = reader.ports[0] if reader.ports else reader.attach("bench")
    for _ in range(exchanges):
        port.exchange(Lad.LOG_SV, _IDENTIFY)


def _snapshot() -> tuple[float, float]:
    """Return the seconds that a snapshot takes, there and back, and those that its state took to make."""
    reader, other = _new(), _new()
    start = time.perf_counter()
    reader.power_on()
    load(LiveReader(reader).client(), documents(count=_INVOICES))
    loaded = time.perf_counter() - start
    # As a state that tests begin from is kept: switched off.
    reader.power_off()
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as folder:
        path = Path(folder) / "loaded.snapshot"

        def there_and_back() -> None:
            write_snapshot(path, reader.snapshot("loaded"))
            other.restore(read_snapshot(path))

        return _best(there_and_back), loaded


def _best(act: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - start)
    return best


def _exchange() -> tuple[float, float]:
    """Return the microseconds of an exchange as served links have it, recorded and not."""
    calls = []
    for reader in (_new(), FaultyReader(_board(), Strikes(FaultPlan()))):
        reader.power_on()
        port = reader.attach("bench")

        def exchange(port: ReaderPort = port) -> None:
            port.begin(Lad.LOG_SV, _IDENTIFY)
            port.poll()

        calls.append(exchange)
    recorded, plain = measure_in_turns(*calls)
    return recorded, plain
