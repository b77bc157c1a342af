"""Fixtures of the bench's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.web.bench_kit import TestClient, new_bench, new_client
from tla_sim.tools.web.bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    with new_bench() as made:
        yield made


@pytest.fixture
def client(bench: Bench) -> Iterator[TestClient]:
    with new_client(bench) as made:
        yield made
