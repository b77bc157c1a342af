"""A serial cable in virtual time between a host's transport and a link of a simulated reader.

Bytes take as long as on a real line and the reader's clock follows, so a push at 9600 baud is timed to the
byte without waiting for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tla_sim.host.transport.t1_transport import T1Transport
from tla_sim.protocol.errors import ConnectionLost, PortUnavailable
from tla_sim.protocol.t1.actions import BITS_PER_BYTE, LinkSettings
from tla_sim.reader_fw.links.port import Link, Now

Damage = Callable[[bytes], bytes]


def _intact(data: bytes) -> bytes:
    return data


class VirtualCable:
    """A `tla_sim.host.transport.t1_transport.Line` that advances `link` and its reader by `tick(ms)`.

    `damage` maps each piece sent, in either direction, to what arrives; `late_ms`, called right after it,
    gives the extra delay of that piece. `carried` counts the bytes sent. Set `plugged` to false to cut the
    line. `baud` is in bit/s; `None` takes no time.
    """

    def __init__(
        self,
        link: Link,
        clock: Now,
        tick: Callable[[int], None],
        baud: int | None = 9600,
        damage: Damage = _intact,
        late_ms: Callable[[], int] = lambda: 0,
    ) -> None:
        self.carried = 0
        self.plugged = True
        self._link = link
        self._clock = clock
        self._tick = tick
        self._baud = baud
        self._damage = damage
        self._late_ms = late_ms
        self._now_us = 0
        self._down = _Way()
        self._up = _Way()

    def open(self) -> None:
        """Take the line and drop what was on its way to the host. Raises PortUnavailable when unplugged."""
        if not self.plugged:
            raise PortUnavailable("The virtual cable is unplugged", "Plug it in")
        self._up.pieces.clear()

    def now_ms(self) -> int:
        """Return the virtual milliseconds since the cable was made."""
        return self._now_us // 1000

    @property
    def elapsed_us(self) -> int:
        """Virtual microseconds since the cable was made."""
        return self._now_us

    def write(self, data: bytes) -> None:
        """Send bytes from the host. Raises ConnectionLost."""
        self._check()
        self._send(self._down, data)

    def read(self, wait_ms: int) -> bytes:
        """Return the bytes that arrive at the host within `wait_ms`. Raises ConnectionLost."""
        self._check()
        until = (self.now_ms() + wait_ms) * 1000
        while not self._up.due(self._now_us):
            at = self._next_event()
            if at is None or at > until:
                self._pass_time(until)
                return b""
            self._pass_time(at)
            self._serve_reader()
        return self._up.take(self._now_us)

    def close(self) -> None:
        """Release the line; bytes already sent by the host still arrive."""
        while self._down.pieces:
            self._pass_time(max(self._now_us, self._down.pieces[0][0]))
            self._serve_reader()

    def _check(self) -> None:
        if not self.plugged:
            raise ConnectionLost("The virtual cable was unplugged", "Plug it in")

    def _send(self, way: _Way, data: bytes) -> None:
        if not data:
            return
        self.carried += len(data)
        takes = 0 if self._baud is None else len(data) * BITS_PER_BYTE * 1_000_000 // self._baud
        way.free_at = max(self._now_us, way.free_at) + takes
        # `damage` first: it decides the delay that `late_ms` then returns for the same piece.
        arriving = self._damage(data)
        way.pieces.append((way.free_at + 1000 * self._late_ms(), arriving))

    def _next_event(self) -> int | None:
        times = [way.pieces[0][0] for way in (self._down, self._up) if way.pieces]
        if (wake_at := self._link.wake_at) is not None:
            # Relative to now, because a reader's clock jumps back after its battery was flat.
            due = self._now_us // 1000 + wake_at - self._clock.now_ms
            times.append(max(due * 1000, self._now_us))
        return min(times, default=None)

    def _pass_time(self, to_us: int) -> None:
        ms = to_us // 1000 - self._now_us // 1000
        self._now_us = to_us
        if ms > 0:
            self._tick(ms)

    def _serve_reader(self) -> None:
        while self._down.due(self._now_us):
            self._send(self._up, self._link.receive(self._down.take(self._now_us)))
        self._send(self._up, self._link.tick())


class _Way:
    def __init__(self) -> None:
        self.free_at = 0
        self.pieces: deque[tuple[int, bytes]] = deque()

    def due(self, now_us: int) -> bool:
        return bool(self.pieces) and self.pieces[0][0] <= now_us

    def take(self, now_us: int) -> bytes:
        out = b""
        while self.due(now_us):
            out += self.pieces.popleft()[1]
        return out


def cable_transport(cable: VirtualCable, settings: LinkSettings | None = None) -> T1Transport:
    """Return a host's T=1 transport over a virtual cable."""
    return T1Transport("virtual:", cable, settings or LinkSettings())
