"""Tests repeat exactly, unless `--soak` gives them chance and time."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SEED = "TLA_TEST_SEED"
"""The environment variable with the seed of a run; processes that tests start inherit it."""

FIXED_SEED = "1"
_FEWEST_IN_A_SOAK = 50
_SOAK = Path(__file__).with_name("soak")
_EXPLORE, _FUZZ = (Path(__file__).parent / "tools" / name for name in ("explore", "fuzz"))

# A busy machine must not fail a test: nothing here is judged by how long it took.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeated", _UNTIMED, derandomize=True, max_examples=30, database=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--soak`."""
    parser.addoption(
        "--soak",
        type=float,
        metavar="SECONDS",
        help="run what has chance in it, with the seed in TLA_TEST_SEED: property tests with more examples, "
        "all cases of large tables, and each fuzz target for so many seconds",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile of hypothesis and the seed before tests are read."""
    seconds: float | None = config.getoption("--soak")
    if seconds is None:
        settings.load_profile("repeated")
    else:
        examples = max(_FEWEST_IN_A_SOAK, round(seconds * 10))
        settings.register_profile("soak", _UNTIMED, max_examples=examples, print_blob=True)
        settings.load_profile("soak")
    os.environ.setdefault(SEED, FIXED_SEED)
    speak_english()
    config.addinivalue_line("markers", "share(n): make test runs each n-th case, make soak all")
    config.addinivalue_line("markers", "soak: make soak alone runs it; it stands beside what it tests")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts background jobs so, and what tests start would inherit it and be deaf to Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        # So does nohup, and what tests start would outlive its terminal.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def speak_english() -> None:
    """Take out of the environment what asks for another language: tests quote what `tla` says in English."""
    for name in ("TLA_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        os.environ.pop(name, None)
    os.environ["LANG"] = "C.UTF-8"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the soak out of the tests, and what neither draws nor was left out there out of the soak."""
    soaks = config.getoption("--soak") is not None
    met: Counter[str] = Counter()
    wanted = []
    for item in items:
        share = item.get_closest_marker("share")
        soak = item.path.is_relative_to(_SOAK) or item.get_closest_marker("soak") is not None
        if soaks:
            takes = soak or _draws(item) or share is not None
        else:
            takes = not soak and (share is None or met[_function(item)] % share.args[0] == 0)
            met[_function(item)] += 1
        if takes:
            wanted.append(item)
        if item.path.is_relative_to(_EXPLORE) or item.path.is_relative_to(_FUZZ):
            # They run the same round thousands of times, and other tests have each line of it.
            item.add_marker("no_cover")
    if len(wanted) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
        items[:] = wanted


def _draws(item: pytest.Item) -> bool:
    return item.get_closest_marker("hypothesis") is not None


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seed that repeats a soak."""
    if terminalreporter.config.getoption("--soak") is not None:
        terminalreporter.write_line(
            f"Seed: {os.environ[SEED]} (make soak SEED={os.environ[SEED]} repeats it)"
        )
