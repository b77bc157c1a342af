"""A bench with one reader, whose clock stands still, and a client of its API in this process."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from tla_sim.host.practice.model import Practice
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.web.app import make_app
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.gate import Gate
from tla_sim.tools.web.streams import Streams

with warnings.catch_warnings():
    # It asks for another HTTP client than the one that is installed.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient as TestClient

BASE = "http://127.0.0.1:8000"
EPOCH = "e0"
READER = "/v1/readers/reader-1"


@contextmanager
def new_bench(practice: Practice | None = None) -> Iterator[Bench]:
    """Provide a bench with the reader `reader-1`."""
    bench = Bench(practice or demo_practice(), EPOCH)
    try:
        shown = bench.add("reader-1", ReaderControl.in_memory(bench.practice, seed=1))
        shown.running.pause().result()
        yield bench
    finally:
        bench.close()


@contextmanager
def new_client(
    bench: Bench, gate: Gate | None = None, streams: Streams | None = None
) -> Iterator[TestClient]:
    """Provide a client of the bench's API."""
    app = make_app(bench, gate or Gate.at("127.0.0.1", 8000), streams, body_seconds=0.2)
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
        yield client
