"""The start time of `tla` verbs, and the memory that 1,000 loaded invoices take."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tla_sim.protocol.documents.load import MAX_BATCH_BYTES
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.bench.stage import Stage
from tla_sim.tools.cast.loading import load

_RUNS: Final = 15
_MIB: Final = 1024 * 1024


_TLA: Final = ("-c", "import sys; from tla_sim.tools.cli.entry import main; sys.exit(main())")
"""The command `tla`, started as by the script that pip installs."""

_STARTS: Final = (
    (("--version",), 6),
    (("identify", "--help"), 6),
    (("readers",), 6),
    (("profiles",), 6),
    (("--help",), 8),
)
"""Commands that start without a reader, each with its limit as a multiple of the interpreter's start."""

_WITH_A_READER: Final = 12


def measure() -> list[Figure]:
    """Measure the starts against the bare interpreter's, and the memory against its budget."""
    return [
        *_starts(),
        Figure("1,000 loaded invoices", _added_bytes() / _MIB, "MiB", "a budget of 20 MiB", 20, 1, True),
    ]


def _starts() -> Iterator[Figure]:
    bare = _start_seconds("-c", "pass")
    for arguments, target in _STARTS:
        yield _start(f"tla {' '.join(arguments)}", _start_seconds(*_TLA, *arguments), bare, target)
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as folder:
        reader = f"state:{Path(folder) / 'reader'}"
        seconds = _start_seconds(*_TLA, "identify", "--reader", reader)
    yield _start("tla identify --reader state:", seconds, bare, _WITH_A_READER)


def _start(name: str, seconds: float, bare: float, target: float) -> Figure:
    return Figure(name, seconds * 1e3, "ms", "bare interpreter", bare * 1e3, target, True)


def _start_seconds(*arguments: str) -> float:
    """Return the shortest of several runs, after a first one that compiles the code and makes its files."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "TLA_LANG": "en"
    }
    best = float("inf")
    for run in range(1 + _RUNS):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if run:
            best = min(best, time.perf_counter() - start)
    return best


def _added_bytes() -> int:
    stage = Stage(1_000)
    client = stage.client()
    client.list_documents()
    gc.collect()
    tracemalloc.start()
    for owner in stage.owners:
        mine = [each for each in stage.documents if each.invoice.owner == owner.number]
        load(client, mine, a_batch=_BATCH)
    client.list_documents()
    stage.unplug()
    stage.reader.app.index.find([stage.documents[0].invoice.beneficiary_key])
    gc.collect()
    added, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return added


_BATCH: Final = MAX_BATCH_BYTES // 1_024
