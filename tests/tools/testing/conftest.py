"""Runs of pytest inside a test's own process."""

from __future__ import annotations

from collections.abc import Callable

# littlefs loads importlib_metadata, which puts its own finder in place of Python's. If that happened inside a
# run, pytester would take the finder out again, and no package had a version any more.
import littlefs  # noqa: F401
import pytest
from _pytest import pytester

_WRITTEN_FOR_ONE_TEST = ("test_", "conftest", "inner", "outer")


@pytest.fixture(autouse=True)
def _keep_what_was_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pytester forget the modules of its own tests alone: ours are declared once in a process."""
    snapshot = pytester.SysModulesSnapshot

    def kept(preserve: Callable[[str], bool] | None = None) -> pytester.SysModulesSnapshot:
        del preserve
        return snapshot(lambda name: not name.startswith(_WRITTEN_FOR_ONE_TEST))

    monkeypatch.setattr(pytester, "SysModulesSnapshot", kept)
