"""A reader that runs in a thread of its own: in real time or faster, with links that hosts come by."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.links.port import Link, LinkPort, Now
from tla_sim.reader_fw.reader import ReaderPort
from tla_sim.reader_fw.serve import LinkSpec, Server
from tla_sim.reader_fw.serve.door import Door, t1_link
from tla_sim.reader_fw.serve.log import LOG
from tla_sim.tools.capture.levels.wanted_ear import ears_of
from tla_sim.tools.capture.live.announcement import Announcement
from tla_sim.tools.capture.live.door import LiveDoor
from tla_sim.tools.capture.live.feed import LiveFeed
from tla_sim.tools.capture.reader_tap import ReaderTap
from tla_sim.tools.faults.link import FaultyLink
from tla_sim.tools.simulator.control.clock_drive import ClockDrive
from tla_sim.tools.simulator.control.event_ring import EventRing
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.trace_ring import LOOK_PORT
from tla_sim.tools.simulator.serving import reader_url

T = TypeVar("T")
MAX_LINKS: Final = 16
_STOP_SECONDS: Final = 10.0


class ReaderGone(TlaError, RuntimeError):
    """The reader was closed."""

    category = Category.REFUSED


class UnknownLinkId(TlaError, LookupError):
    """No link of this number is open."""

    category = Category.BAD_INPUT


class TooManyLinks(TlaError):
    """The reader has as many links as it can have."""

    category = Category.REFUSED


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A served link: its number, its text as given, the URL that hosts open, and its address."""

    id: int
    text: str
    url: str
    address: str


class RunningReader:
    """Runs a control in a thread until `close`. Any thread may call its methods.

    The thread sleeps while nothing is due. What happens is in `events`.
    """

    def __init__(self, control: ReaderControl) -> None:
        self.name = control.name
        self.events = EventRing()
        self._control = control
        self._drive = ClockDrive(control)
        self._tap = ReaderTap(control.reader, time.time_ns, frozenset({LOOK_PORT}))
        self._server = Server(
            _Served(control),
            control.reader.board.clock,
            drive=self._drive,
            duty=self._drive,
            ears=ears_of(self._tap),
        )
        self._doors: dict[int, Door] = {}
        self._links: tuple[OpenLink, ...] = ()
        self._last_link = 0
        self._live_door: LiveDoor | None = None
        self._pending: dict[Future[Any], None] = {}
        self._lock = threading.Lock()
        self._closed = False
        control.on_cable = self._server.plug
        control.on_rewound = self._server.end_sessions
        control.subscribe(self.events.add_event)
        self._thread = threading.Thread(target=self._run, name=f"reader {control.name}", daemon=True)
        self._thread.start()

    def call(self, act: Callable[[ReaderControl], T]) -> Future[T]:
        """Have the reader's thread call `act`, which must not wait for anything. Return its result to come.

        Raises ReaderGone, and the future does when the reader is closed before.
        """
        future: Future[T] = Future()

        def carry_out() -> None:
            with self._lock:
                self._pending.pop(future, None)
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(act(self._control))
                except BaseException as error:
                    future.set_exception(error)

        with self._lock:
            self.check_open()
            self._pending[future] = None
        self._server.call(carry_out)
        return future

    def check_open(self) -> None:
        """Raise ReaderGone if the reader was closed."""
        if self._closed:
            raise _gone(self.name)

    @property
    def links(self) -> tuple[OpenLink, ...]:
        """The links that are open."""
        return self._links

    def open_link(self, link: str) -> Future[OpenLink]:
        """Serve one more link, written as for `LinkSpec.parse`. Return it, to come.

        Raises BadLink; the future raises PortUnavailable and TooManyLinks.
        """
        spec = LinkSpec.parse(link)
        return self.call(lambda _: self._open(spec))

    def close_link(self, number: int) -> Future[None]:
        """Close a link for good. The future raises UnknownLinkId."""
        return self.call(lambda _: self._shut(number))

    def announce(self, program: str, http: str = "", state: str = "") -> Future[None]:
        """Let other programs of this user find and follow the reader, until it is closed.

        `http` is the address of its page and `state` its state directory. The future raises NotFollowable.
        """
        return self.call(lambda _: self._announce(program, http, state))

    @property
    def rate(self) -> int:
        """How many times faster than real time the reader's clock goes; 0 is as fast as it can."""
        return self._drive.rate

    @property
    def paused(self) -> bool:
        """Whether time passes at the reader only while it works, and when it is told."""
        return self._drive.paused

    def set_rate(self, rate: int) -> Future[None]:
        """Set the rate of the clock, 0 to 1,000. The future raises BadRate."""
        return self.call(lambda control: self._turn(control, lambda: self._drive.set_rate(rate)))

    def pause(self) -> Future[None]:
        """Let the clock stand still."""
        return self.call(lambda control: self._turn(control, lambda: setattr(self._drive, "paused", True)))

    def resume(self) -> Future[None]:
        """Let the clock go on."""
        return self.call(lambda control: self._turn(control, lambda: setattr(self._drive, "paused", False)))

    def close(self) -> None:
        """Close the links, switch the reader off, and end the thread. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._server.stop()
        if threading.current_thread() is not self._thread:
            self._thread.join(_STOP_SECONDS)

    def __enter__(self) -> RunningReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            while not self._server.stopped:
                try:
                    self._server.run()
                except TlaError as error:
                    # A flash that a fault has spoilt, for instance: the reader is off, and can be seen to be.
                    LOG.warning("the reader %s: %s", self.name, error.told)
        except Exception:
            LOG.exception("the reader %s stops", self.name)
        finally:
            with self._lock:
                self._closed = True
                pending, self._pending = self._pending, {}
            try:
                if self._live_door is not None:
                    self._live_door.close()
                self._server.close()
                self._control.close()
            except Exception:
                LOG.exception("the reader %s does not close", self.name)
            for future in pending:
                if future.set_running_or_notify_cancel():
                    future.set_exception(_gone(self.name))

    def _open(self, spec: LinkSpec) -> OpenLink:
        if len(self._doors) >= MAX_LINKS:
            raise TooManyLinks("The reader has {most} links already", "Close one of them", most=MAX_LINKS)
        door = self._server.open(spec, self._make_link)
        self._last_link += 1
        self._doors[self._last_link] = door
        opened = OpenLink(self._last_link, spec.text, reader_url(spec, door.address), door.address)
        self._show_links((*self._links, opened))
        return opened

    def _shut(self, number: int) -> None:
        door = self._doors.pop(number, None)
        if door is None:
            raise UnknownLinkId("No link has the number {number}", "Look at the list", number=number)
        self._server.shut(door)
        self._show_links(tuple(each for each in self._links if each.id != number))

    def _announce(self, program: str, http: str, state: str) -> None:
        def describe() -> Announcement:
            urls = tuple(link.url for link in self._links if link.url)
            return Announcement(self.name, program, os.getpid(), urls, state, http)

        self._live_door = LiveDoor(self._server, LiveFeed(self._tap), describe)

    def _show_links(self, links: tuple[OpenLink, ...]) -> None:
        self._links = links
        self._drive.linked = bool(links)
        self.events.add(EventKind.READER)

    def _make_link(self, port: LinkPort, clock: Now, spec: LinkSpec) -> Link:
        return FaultyLink(t1_link(port, clock, spec), clock, self._control.strikes)

    def _turn(self, _control: ReaderControl, act: Callable[[], None]) -> None:
        act()
        self.events.add(EventKind.READER)


class _Served:
    """The reader of a control, as the serving loop knows it."""

    def __init__(self, control: ReaderControl) -> None:
        self._reader = control.reader

    @property
    def on(self) -> bool:
        """Whether the reader is switched on."""
        return self._reader.on

    def attach(self, name: str) -> ReaderPort:
        """Plug a cable in and return its port."""
        return self._reader.attach(name)

    def follow(self, ms: int) -> None:
        """Let `ms` milliseconds pass at the reader."""
        self._reader.follow(ms)


def _gone(name: str) -> ReaderGone:
    return ReaderGone("The reader {name} was closed", "Make or open another one", name=name)
