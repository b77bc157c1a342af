"""Fixtures of the tests of running readers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.capture.live.kit import Loop, socket_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for sockets, not made yet."""
    with socket_folder() as path:
        yield path


@pytest.fixture
def loop() -> Loop:
    """A serving loop that turns when told to."""
    return Loop()
