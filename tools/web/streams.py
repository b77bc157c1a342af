"""What a server waits for on behalf of its clients: bounded in number, and ended when the server ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from tla_sim.tools.web.problems import BenchStopped, WebProblem

T = TypeVar("T")
MAX_STREAMS: Final = 64
"""How many streams and long waits a server serves at once (Project-defined)."""


class TooManyStreams(WebProblem):
    """The server serves as many streams as it takes."""

    http_status = 429


class Waker:
    """Wakes one task of the server's loop, from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Wake the task. May be called from any thread, and after the loop has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._woken.set)

    async def wait(self, seconds: float) -> bool:
        """Wait to be woken, at most so long, and return whether that came."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class Streams:
    """The streams that are open. Used in the server's loop alone."""

    def __init__(self, most: int = MAX_STREAMS) -> None:
        self._most = most
        self._open: set[Callable[[], None]] = set()
        self._awaited: set[asyncio.Future[Any]] = set()
        self._closers: list[Callable[[], None]] = []
        self.closing = False

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    @contextmanager
    def opened(self) -> Iterator[Waker]:
        """Count a stream while it is open, and give it its waker. Raises TooManyStreams."""
        if len(self._open) >= self._most:
            raise TooManyStreams(
                "The server serves {most} streams already", "Close another one first", most=self._most
            )
        waker = Waker(asyncio.get_running_loop())
        wake = waker.wake
        self._open.add(wake)
        try:
            yield waker
        finally:
            self._open.discard(wake)

    async def result(self, future: asyncio.Future[T]) -> T:
        """Return the result of a future. Raises BenchStopped when the server ends before it is there."""
        self._awaited.add(future)
        try:
            if self.closing:
                raise BenchStopped
            return await future
        finally:
            self._awaited.discard(future)

    def when_closing(self, act: Callable[[], None]) -> None:
        """Call `act`, too, when every stream is to end."""
        self._closers.append(act)

    def close(self) -> None:
        """Let every stream end."""
        self.closing = True
        for wake in tuple(self._open):
            wake()
        for future in tuple(self._awaited):
            if not future.done():
                future.set_exception(BenchStopped())
        for act in self._closers:
            act()
