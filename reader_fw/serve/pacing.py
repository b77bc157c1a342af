"""Pacing: bytes are held back until a line of a given speed would have carried them."""

from __future__ import annotations

from collections import deque

from tla_sim.protocol.t1.actions import BITS_PER_BYTE


class Pacer:
    """One direction of a line. A `baud` of `None` lets everything through at once. Times are in seconds."""

    def __init__(self, baud: int | None) -> None:
        self._per_byte = 0.0 if baud is None else BITS_PER_BYTE / baud
        self._free_at = 0.0
        self._pieces: deque[tuple[float, bytes]] = deque()

    def put(self, data: bytes, now: float) -> None:
        """Put bytes on the line; they come out together, once the last of them is through."""
        if data:
            self._free_at = max(self._free_at, now) + len(data) * self._per_byte
            self._pieces.append((self._free_at, data))

    def take(self, now: float) -> bytes:
        """Return the bytes that are through."""
        out = b""
        while self._pieces and self._pieces[0][0] <= now:
            out += self._pieces.popleft()[1]
        return out

    @property
    def due(self) -> float | None:
        """When the next bytes are through."""
        return self._pieces[0][0] if self._pieces else None

    def clear(self) -> None:
        """Drop what is on the line."""
        self._pieces.clear()
