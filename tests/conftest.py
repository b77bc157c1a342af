"""Tests repeat exactly, unless `--soak` gives them chance and time."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SEED = "TLA_TEST_SEED"
"""The environment variable with the seed of a run; processes that tests start inherit it."""

FIXED_SEED = "1"
_SOAK = Path(__file__).with_name("soak")

# A busy machine must not fail a test: nothing here is judged by how long it took.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeated", _UNTIMED, derandomize=True, max_examples=50, database=None)
settings.register_profile("soak", _UNTIMED, max_examples=300, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--soak`."""
    parser.addoption(
        "--soak",
        type=float,
        metavar="SECONDS",
        help="run what has chance in it, with the seed in TLA_TEST_SEED: property tests with more examples, "
        "and each fuzz target for so many seconds",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile of hypothesis and the seed before tests are read."""
    soaks = config.getoption("--soak") is not None
    settings.load_profile("soak" if soaks else "repeated")
    os.environ.setdefault(SEED, FIXED_SEED)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts background jobs so, and what tests start would inherit it and be deaf to Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the soak out of the tests, and what has no chance in it out of the soak."""
    soaks = config.getoption("--soak") is not None
    wanted = [item for item in items if (_in_soak(item) or _draws(item) if soaks else not _in_soak(item))]
    if len(wanted) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
        items[:] = wanted


def _in_soak(item: pytest.Item) -> bool:
    return item.path.is_relative_to(_SOAK)


def _draws(item: pytest.Item) -> bool:
    return item.get_closest_marker("hypothesis") is not None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seed that repeats a soak."""
    if terminalreporter.config.getoption("--soak") is not None:
        terminalreporter.write_line(
            f"Seed: {os.environ[SEED]} (make soak SEED={os.environ[SEED]} repeats it)"
        )
