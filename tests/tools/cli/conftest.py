"""The surgery that the verbs are tried in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.cli.surgery import Surgery, open_surgery


@pytest.fixture
def surgery(tmp_path: Path) -> Iterator[Surgery]:
    """A reader at 1.40 with nothing on board."""
    with open_surgery(tmp_path) as surgery:
        yield surgery
