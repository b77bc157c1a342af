"""A served link with the line faults of a plan, in real time."""

from __future__ import annotations

from collections import deque
from typing import Final

from tla_sim.reader_fw.links.port import Link, Now
from tla_sim.tools.faults.line import LineFaults
from tla_sim.tools.faults.striking import Strikes

OUT_MS: Final = 1_000
"""How long, in ms, a cable that a plan unplugs stays out."""


class FaultyLink:
    """A link behind a faulty line. While the cable is out, sent bytes are lost and the session has ended."""

    def __init__(self, inner: Link, clock: Now, strikes: Strikes) -> None:
        self._inner = inner
        self._clock = clock
        self._faults = LineFaults(strikes, self._unplug)
        self._out_until = 0
        self._late: deque[tuple[int, bytes]] = deque()

    def receive(self, data: bytes) -> bytes:
        """Take the host's bytes as they arrive. Return the bytes to send back now."""
        arriving = self._faults.damage(data)
        if self._out:
            return b""
        return self._sent(self._inner.receive(arriving))

    def tick(self) -> bytes:
        """Return the bytes to send now that the clock has moved."""
        out = b""
        while self._late and self._late[0][0] <= self._clock.now_ms:
            out += self._late.popleft()[1]
        return out + self._sent(self._inner.tick())

    @property
    def wake_at(self) -> int | None:
        """The time, on the reader's clock in ms, at which to call `tick` next."""
        times = [time for time in (self._inner.wake_at,) if time is not None]
        if self._late:
            times.append(self._late[0][0])
        return min(times, default=None)

    def hang_up(self) -> None:
        """End the session: the host went away, or the reader lost its power."""
        self._late.clear()
        self._inner.hang_up()

    @property
    def _out(self) -> bool:
        return self._clock.now_ms < self._out_until

    def _unplug(self) -> None:
        self._out_until = self._clock.now_ms + OUT_MS
        self.hang_up()

    def _sent(self, data: bytes) -> bytes:
        if not data:
            return b""
        arriving = self._faults.damage(data)
        if self._out:
            return b""
        if self._faults.late_ms or self._late:
            self._late.append((self._clock.now_ms + self._faults.late_ms, arriving))
            return b""
        return arriving
