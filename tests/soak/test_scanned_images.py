"""No scanned image of the run's seed is taken with less than it shows."""

from __future__ import annotations

import os

from tests.conftest import SEED
from tests.tools.fuzz.test_scanned_images import made, violations


def test_whatever_image_comes_is_taken_whole_or_refused() -> None:
    assert violations(made(os.environ[SEED])) == []
