"""A bench with one reader and the practice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.web.surgery.bench_kit import PRACTICE
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """The bench, with `reader-1`."""
    bench = Bench(PRACTICE)
    bench.add("reader-1", ReaderControl.in_memory(PRACTICE, seed=1, name="reader-1"))
    yield bench
    bench.close()


@pytest.fixture
def reader(bench: Bench) -> RunningReader:
    """Its reader."""
    return bench.running("reader-1")
