"""Temporary directories for worlds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MEMORY_DISK: Final = Path("/dev/shm")


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a directory for a world, in memory where the system has such a place; remove it afterwards."""
    home = _MEMORY_DISK if _MEMORY_DISK.is_dir() else None
    directory = Path(tempfile.mkdtemp(prefix="tla-explore-", dir=home))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
