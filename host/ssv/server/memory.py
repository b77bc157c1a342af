"""The memory that frames on the way in may take, over all connections."""

from __future__ import annotations

import threading
from typing import Final

MAX_BYTES: Final = 128 * 1024 * 1024
"""Bytes of long frames at once: those of four programs with the longest ones."""


class FrameMemory:
    """A count of bytes that is never more than `most`. Threads may share it."""

    def __init__(self, most: int = MAX_BYTES) -> None:
        self._free = most
        self._lock = threading.Lock()

    def take(self, count: int) -> bool:
        """Take bytes, and return whether there were as many."""
        with self._lock:
            if count > self._free:
                return False
            self._free -= count
            return True

    def give_back(self, count: int) -> None:
        """Give back bytes that were taken."""
        with self._lock:
            self._free += count
