"""One seed by chance for the whole run, the same in every process of it, and printed at its end."""

from __future__ import annotations

import os
import secrets

import pytest
from hypothesis import HealthCheck, settings

# A busy machine must not fail a test: nothing here is judged by how long it took.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

SEED = "TLA_TEST_SEED"


def pytest_configure() -> None:
    """Draw it, unless it is given; processes started later inherit it."""
    os.environ.setdefault(SEED, str(secrets.randbelow(10_000)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""
    terminalreporter.write_line(f"Seed by chance: {os.environ[SEED]} (repeat with {SEED}=N)")
