"""A reader in memory with both cards in it, reached as over each link, and a program on its cable."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import tla_sim
from tests.galss_kit import Program, serve_galss
from tla_sim.host.ssv.server.galss.desk import GalssDesk


@pytest.fixture
def reader() -> Iterator[tla_sim.SimulatedReader]:
    with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
        reader.insert_ps("PIQURE2969")
        reader.insert_vitale("MARTIN")
        yield reader


@pytest.fixture(params=["memory", "serial", "ccid", "vpcd"])
def link(request: pytest.FixtureRequest) -> str:
    """Each way to a reader in this process."""
    name: str = request.param
    return name


@pytest.fixture
def desk(reader: tla_sim.SimulatedReader) -> GalssDesk:
    return serve_galss(reader.transport)


@pytest.fixture
def program(desk: GalssDesk) -> Program:
    return Program(desk)
