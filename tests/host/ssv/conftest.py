"""The libraries, compiled once for all tests of a process."""

from __future__ import annotations

import pytest

from tests.host.ssv.sgd_kit import Sgd, shared_sgd


@pytest.fixture(scope="session")
def sgd() -> Sgd:
    """libsgdlux in this process."""
    return shared_sgd()
