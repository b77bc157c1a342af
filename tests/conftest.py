"""One seed by chance for a whole run, the same in every process and printed at its end; long tests first."""

from __future__ import annotations

import os
import secrets

import pytest
from hypothesis import HealthCheck, settings

# A busy machine must not fail a test: nothing here is judged by how long it took.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

SEED = "TLA_TEST_SEED"


def pytest_configure(config: pytest.Config) -> None:
    """Draw it, unless it is given; processes started later inherit it."""
    os.environ.setdefault(SEED, str(secrets.randbelow(10_000)))
    config.addinivalue_line("markers", "long: takes most of a minute in continuous integration; begun first")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal the long tests out to the workers, in front of their shares: none of them is begun last."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.get_closest_marker("long") is not None]
    rest = [item for item in items if item.get_closest_marker("long") is None]
    share = -(-len(rest) // workers)
    items[:] = [
        item
        for worker in range(workers)
        for item in (*long[worker::workers], *rest[worker * share : (worker + 1) * share])
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""
    terminalreporter.write_line(f"Seed by chance: {os.environ[SEED]} (repeat with {SEED}=N)")
