"""The serving loop: several doors of one reader in one thread, which sleeps until something is due."""

from __future__ import annotations

import math
import select
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import FrameType, TracebackType
from typing import Final, Protocol, Self

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.links.port import Now, SlotPort
from tla_sim.reader_fw.serve.ccid_door import CcidDoor
from tla_sim.reader_fw.serve.channel import Ear
from tla_sim.reader_fw.serve.door import Door, LinkMaker, t1_link
from tla_sim.reader_fw.serve.line_door import PtyDoor, SerialDoor
from tla_sim.reader_fw.serve.lines import Lines
from tla_sim.reader_fw.serve.log import LOG
from tla_sim.reader_fw.serve.spec import LinkSpec
from tla_sim.reader_fw.serve.tcp_door import TcpDoor
from tla_sim.reader_fw.serve.vpcd_door import VpcdDoor

_LONGEST_SLEEP: Final = 1.0
"""The seconds after which the reader's clock is advanced at the latest."""
_DUTY_SLEEP: Final = 3_600.0
_BETWEEN_EXCHANGES: Final = 5
"""The milliseconds until the doors tick after an exchange, unless another follows. A shorter timer would cost
each exchange the time to set it."""
_STOPPING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ServedReader(Protocol):
    """A reader as the loop needs it."""

    @property
    def on(self) -> bool:
        """Whether the reader is switched on."""

    def attach(self, name: str) -> SlotPort:
        """Plug in a cable."""

    def follow(self, ms: int) -> None:
        """Let `ms` milliseconds of real time pass."""


_DOORS: Final[dict[str, Callable[..., Door]]] = {
    "pty": PtyDoor,
    "tcp": TcpDoor,
    "serial": SerialDoor,
    "ccid": CcidDoor,
    "vpcd": VpcdDoor,
}


class Drive(Protocol):
    """How the reader's time goes beside real time."""

    def passed(self, real_ms: int) -> int:
        """Return the milliseconds that pass at the reader while `real_ms` pass outside."""

    def seconds(self, reader_ms: int) -> float:
        """Return the seconds until `reader_ms` milliseconds have passed at the reader."""


class RealTime:
    """The reader's time is real time."""

    def passed(self, real_ms: int) -> int:
        """Return the same number."""
        return real_ms

    def seconds(self, reader_ms: int) -> float:
        """Return the same time in seconds."""
        return reader_ms / 1000


class Duty(Protocol):
    """Something other than a door that the loop does when it is due."""

    @property
    def wake_in(self) -> float | None:
        """The seconds until `tick` has something to do."""

    def tick(self) -> None:
        """Do what is due now."""


Ears = Callable[[LinkSpec, Lad | None, str], Ear | None]
"""Returns who listens to a new channel of a link, at the slot for an address if it has slots, by its name."""


class Server:
    """Serves the doors of one reader, and advances its clock with real time, or as `drive` says.

    Everything happens in the thread that calls `run`; only `stop` and `call` may be called from another
    thread. `run` raises PowerCut when that happens to the reader's flash, and may be called again once the
    reader is on. `duty` is done before the doors whenever something may have happened. `ears` is asked, for
    each new channel of a link, who listens to its bytes.
    """

    def __init__(
        self,
        reader: ServedReader,
        clock: Now,
        *,
        drive: Drive | None = None,
        duty: Duty | None = None,
        ears: Ears | None = None,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._drive = drive or RealTime()
        self._duty = duty
        self._ears = ears
        # A duty says itself when the clock must be looked at next.
        self._longest_sleep = _LONGEST_SLEEP if duty is None else _DUTY_SLEEP
        self._calls: deque[Callable[[], None]] = deque()
        # Faster than the selectors module, and every answer waits for it.
        self._poll = select.poll()
        self._watched: dict[int, Callable[[], object]] = {}
        self._doors: list[Door] = []
        self._lines: Lines | None = None
        self._was_on = reader.on
        self._last_ms = _real_ms()
        self._stopped = False
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self.watch(self._woken.fileno(), self._drain)

    def open(self, link: str | LinkSpec, make_link: LinkMaker = t1_link) -> Door:
        """Serve one more link. Raises BadLink or PortUnavailable."""
        spec = LinkSpec.parse(link) if isinstance(link, str) else link
        door = _DOORS[spec.kind](self, self._reader, self._clock, spec, make_link)
        self._doors.append(door)
        LOG.debug("serving %s at %s", door.name, door.address)
        return door

    def shut(self, door: Door) -> None:
        """Close one door for good."""
        self._doors.remove(door)
        door.close()
        LOG.debug("no longer serving %s", door.name)

    @property
    def doors(self) -> tuple[Door, ...]:
        """The doors that are open."""
        return tuple(self._doors)

    def read_lines(self, fd: int, on_line: Callable[[str], None], on_end: Callable[[], None]) -> None:
        """While serving, call `on_line` with each line from `fd`, and `on_end` at the end.

        No line is read while one is being handled, so `on_line` may call `run(ms)` to wait.
        """
        self._lines = Lines(self, fd, on_line, on_end)

    def plug(self, plugged: bool) -> None:
        """Pull all cables out of the reader, or put them back. Raises PortUnavailable for a lost device."""
        LOG.debug("all cables are %s", "in" if plugged else "out")
        for door in self._doors:
            door.plug(plugged)

    def end_sessions(self) -> None:
        """End every host's session; the links stay open for the next ones."""
        for door in self._doors:
            door.end_sessions()

    def call(self, act: Callable[[], None]) -> None:
        """Have the loop call `act` soon, which must not raise. Any thread may ask for it."""
        self._calls.append(act)
        with suppress(OSError):
            self._waker.send(b"\0")

    def run(self, ms: int | None = None) -> None:
        """Serve for `ms` milliseconds, or until `stop`; in the main thread also until a stopping signal."""
        until = None if ms is None else _real_ms() + ms
        with self.stop_on_signals():
            while not self._stopped:
                self._pass_time()
                self._notice_power()
                if self._duty is not None:
                    self._duty.tick()
                for door in self._doors:
                    door.tick()
                if self._lines is not None:
                    self._lines.deliver()
                now = _real_ms()
                if self._stopped or (until is not None and now >= until):
                    return
                self._wait(None if until is None else (until - now) / 1000)

    def stop_on_signals(self) -> AbstractContextManager[None]:
        """Return a context in which SIGINT, SIGTERM and SIGHUP call `stop`, in the main thread only.

        SIGHUP, which a closed terminal sends, stays ignored if it was (nohup).

        `run` enters one itself. Enter one before, if you announce that the reader is served before you call
        `run`: a signal may come right after the announcement.
        """
        return _StopOnSignals(self.stop)

    def stop(self) -> None:
        """Make `run` return soon, and every later call of it at once."""
        self._stopped = True
        with suppress(OSError):
            self._waker.send(b"\0")

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called, or a signal came."""
        return self._stopped

    def close(self) -> None:
        """Close every door. The reader itself stays as it is."""
        doors, self._doors = self._doors, []
        for door in doors:
            door.close()
            LOG.debug("no longer serving %s", door.name)
        if self._lines is not None:
            self._lines.close()
        self._waker.close()
        self._woken.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def now(self) -> float:
        """Seconds of a clock that never goes back."""
        return time.monotonic()

    @property
    def awake(self) -> bool:
        """Whether the reader is switched on."""
        return self._reader.on

    def ear(self, spec: LinkSpec, lad: Lad | None = None, name: str = "") -> Ear | None:
        """Return who listens to a new channel of a link, `None` if nobody does."""
        return None if self._ears is None else self._ears(spec, lad, name or spec.text)

    def seconds_until(self, clock_ms: int) -> float:
        """Return the seconds until a moment of the reader's clock."""
        return self._drive.seconds(clock_ms - self._clock.now_ms)

    def watch(
        self, fd: int, reading: Callable[[], object], writing: Callable[[], object] | None = None
    ) -> None:
        """Call `reading` when there is something to read, or, if given, only `writing` when there is room.

        One that returns `True` says that nothing else became due by it.
        """
        self._poll.register(fd, select.POLLIN if writing is None else select.POLLOUT)
        self._watched[fd] = writing or reading

    def unwatch(self, fd: int) -> None:
        """Stop watching a descriptor."""
        if self._watched.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def _pass_time(self) -> None:
        now = time.monotonic_ns() // 1_000_000
        if now > self._last_ms:
            ms, self._last_ms = now - self._last_ms, now
            passed = self._drive.passed(ms)
            if passed:
                self._reader.follow(passed)

    def _notice_power(self) -> None:
        on = self._reader.on
        if self._was_on and not on:
            LOG.debug("the reader has no power: every session ends")
            for door in self._doors:
                door.hang_up()
        self._was_on = on

    def _wait(self, longest: float | None) -> None:
        wait = self._longest_sleep if longest is None else min(self._longest_sleep, longest)
        if self._duty is not None and (wake_in := self._duty.wake_in) is not None and wake_in < wait:
            wait = wake_in
        for door in self._doors:
            wake_in = door.wake_in
            if wake_in is not None and wake_in < wait:
                wait = wake_in
        timeout = max(0, math.ceil(wait * 1000))
        ticked_ms = self._last_ms
        while self._handle(timeout) and self._last_ms == ticked_ms and not self._stopped:
            # Ticks after each exchange would take time from the host, which is about to send its next
            # command. While exchanges follow one another, one round a millisecond is enough.
            timeout = min(timeout, _BETWEEN_EXCHANGES)

    def _handle(self, timeout: int) -> bool:
        """Handle what arrives within `timeout` ms; return whether any did, and nothing is due by it."""
        arrived = self._poll.poll(timeout)
        settled = bool(arrived)
        for fd, _ in arrived:
            # The clock first: bytes that came after a deadline must not be taken as if they came before it.
            self._pass_time()
            # A call before this one may have closed the descriptor.
            call = self._watched.get(fd)
            if call is not None and call() is not True:
                settled = False
        return settled

    def _drain(self) -> None:
        with suppress(OSError):
            self._woken.recv(4096)
        while self._calls:
            self._calls.popleft()()


class _StopOnSignals(AbstractContextManager[None]):
    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._before: list[tuple[signal.Signals, object]] = []

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in _STOPPING_SIGNALS:
                if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                    continue
                self._before.append((number, signal.signal(number, self._handle)))

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._stop()


def _real_ms() -> int:
    return time.monotonic_ns() // 1_000_000
