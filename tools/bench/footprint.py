"""How long `tla --version` takes to start, and what 1,000 loaded invoices add to memory."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
import tracemalloc
from typing import Final

from tla_sim.protocol.commands.loading import LoadedBatch, LoadOpening
from tla_sim.protocol.documents.load import MAX_BATCH_BYTES, batch_digest, load_identifier
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.bench.stage import Stage

_RUNS: Final = 15
_MIB: Final = 1024 * 1024


def figures() -> list[Figure]:
    """The start against the bare interpreter's; memory against what it may add."""
    version = _start_seconds("-m", "tla_sim.tools.cli.entry", "--version")
    bare = _start_seconds("-c", "pass")
    return [
        Figure("tla --version", version * 1e3, "ms", "bare interpreter", bare * 1e3, 6, True),
        Figure("1,000 loaded invoices", _added_bytes() / _MIB, "MiB", "a budget of 20 MiB", 20, 1, True),
    ]


def _start_seconds(*arguments: str) -> float:
    best = float("inf")
    for _ in range(_RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
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
        contents = tuple(each.content for each in mine)
        load_id = load_identifier(each.digest for each in mine)
        client.open_load(LoadOpening(owner.number, load_id, len(mine), sum(map(len, contents))))
        for first in range(0, len(contents), _BATCH):
            part = contents[first : first + _BATCH]
            client.load_batch(LoadedBatch(first, mine[0].kind, mine[0].mode, batch_digest(part), part))
        client.commit_load(load_id, len(mine))
    client.list_documents()
    stage.unplug()
    stage.reader.app.index.find([stage.documents[0].invoice.beneficiary_key])
    gc.collect()
    added, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return added


_BATCH: Final = MAX_BATCH_BYTES // 1_024
