"""A reader in memory, and a program on its cable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tla_sim
from tests.ssv_kit import Program


@pytest.fixture
def reader() -> Iterator[tla_sim.SimulatedReader]:
    with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
        yield reader


@pytest.fixture
def program(reader: tla_sim.SimulatedReader, tmp_path: Path) -> Program:
    return Program(reader.client(), tmp_path / "ledger.db")
