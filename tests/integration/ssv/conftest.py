"""The C libraries, compiled once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ssv.fake_server import FakeServer, serving
from tests.integration.ssv.library_kit import LoadedLibraries, built_once
from tla_sim.host.ssv.build import Built


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The libraries of 64 bits."""
    return built_once(tmp_path_factory, "libraries")


@pytest.fixture(scope="session")
def libraries(built: Built) -> LoadedLibraries:
    """The libraries in this process."""
    return LoadedLibraries(built)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """A server that answers soundly, where this process's libraries look for it."""
    path = tmp_path / "socket"
    monkeypatch.setenv("TLA_SSV_SOCKET", str(path))
    with serving(path) as server:
        yield server


@pytest.fixture
def begun(libraries: LoadedLibraries, server: FakeServer) -> Iterator[LoadedLibraries]:
    """The libraries, begun with that server."""
    assert server.path.exists()
    assert libraries.raw("SSV_InitLIB") == 0
    yield libraries
    libraries.raw("SSV_TermLIB")
