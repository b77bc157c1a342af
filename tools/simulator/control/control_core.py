"""What every part of a control rests on: the reader, who watches it, and what was seen of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tla_sim.host.practice.model import Practice
from tla_sim.protocol.lad import Lad
from tla_sim.tools.faults.plan import Fault
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.control.controlled_reader import ControlledReader
from tla_sim.tools.simulator.control.events import Event, EventKind, Watcher
from tla_sim.tools.simulator.control.moments import Moments
from tla_sim.tools.simulator.control.named_ports import NamedPorts
from tla_sim.tools.simulator.control.rules import Matched, RuleBook
from tla_sim.tools.simulator.control.screens import ScreenShown, Timeline
from tla_sim.tools.simulator.control.snapshots import Snapshots
from tla_sim.tools.simulator.control.telling import tell
from tla_sim.tools.simulator.control.trace_ring import LOOK_PORT, TraceRing
from tla_sim.tools.simulator.control.waits import Waits
from tla_sim.tools.simulator.history.cold_image import Origin


class _Seen(NamedTuple):
    """The state that was last told to those who watch."""

    changes: int
    movements: int
    on: bool
    cables: int

    def same_outside(self, other: _Seen) -> bool:
        return self[1:] == other[1:]


class ControlCore(ABC):
    """The reader of a control, and what happens after each thing that was done to it.

    `name` is for people, `practice` the one whose cards are at hand.
    """

    def __init__(self, controlled: ControlledReader, practice: Practice, name: str) -> None:
        self.name = name
        self.practice = practice
        self.reader = controlled.reader
        self.on_cable: Callable[[bool], None] = lambda _: None
        """Called when the cables of served links are to be pulled out or put back."""
        self.on_rewound: Callable[[], None] = lambda: None
        """Called after going back in time, when hosts must begin their sessions anew."""
        self._controlled = controlled
        self._watchers: dict[object, Watcher] = {}
        self._timeline = Timeline()
        self._moments = Moments()
        self._snapshots = Snapshots()
        self._trace = TraceRing()
        self._rules = RuleBook()
        self._waits = Waits()
        self._ports = NamedPorts(self.reader)
        self._acting = False
        self._closed = False
        self._seen = self._state()
        self._last_ms = self.reader.board.clock.now_ms
        self._passed_ms = 0
        controlled.strikes.report = self._struck
        self.reader.on_input = self._took_input
        self.reader.on_exchange = self._exchanged
        self.reader.on_restored = self._restored
        self._look()

    @property
    def origin(self) -> Origin:
        """What the reader began with: that of a snapshot, if it was restored from one."""
        return self.reader.origin

    @property
    def kept(self) -> Path | None:
        """The state directory, `None` for a reader in memory."""
        return self._controlled.kept

    @property
    def screen(self) -> ScreenShown:
        """The settled screen."""
        return self._timeline.now

    @property
    def clock_ms(self) -> int:
        """The reader's clock: milliseconds since 1970-01-01 00:00, local time."""
        return self.reader.board.clock.now_ms

    @property
    def plugged(self) -> bool:
        """Whether a cable is plugged in, without which the reader is on a visit."""
        return bool(self.reader.ports)

    @property
    def waiting(self) -> bool:
        """Whether somebody waits: a command of `begin` for its answer, or a `wait`."""
        return bool(self._ports.waiting or self._waits)

    @property
    def strikes(self) -> Strikes:
        """The faults that are planned and those that struck."""
        return self._controlled.strikes

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with every event from now on. Return a function that ends this."""
        key = object()
        self._watchers[key] = watcher

        def unsubscribe() -> None:
            self._watchers.pop(key, None)

        return unsubscribe

    def close(self) -> None:
        """Switch the reader off and release it. May be called twice."""
        self._controlled.close()
        if not self._closed:
            self._closed = True
            self._emit(EventKind.GONE)

    def _took_input(self) -> None:
        # Called for every exchange, most of which change nothing that is seen.
        board, seen, ports = self.reader.board, self._seen, self._ports
        same = board.display.changes == seen.changes and board.slots.movements == seen.movements
        if same and not ports.waiting and not self._waits:
            return
        self._look()
        if not self._acting and (ports.waiting or self._rules.due):
            self._act()

    def _act(self) -> None:
        """Answer what has become due, and carry out the rules that matched, until nothing is left to do."""
        if self._acting:
            return
        self._acting = True
        self._rules.rest()
        try:
            while True:
                served = self._ports.serve()
                matched = self._rules.next()
                if matched is not None:
                    self._carry_out(matched)
                elif not served:
                    return
        finally:
            self._acting = False

    def _look(self) -> None:
        """Take note of what the reader shows now and how much time has passed."""
        reader = self.reader
        now_ms = reader.board.clock.now_ms
        # A clock whose battery was flat goes back: that is no time that has passed.
        passed = now_ms - self._last_ms
        self._last_ms = now_ms
        shown = self._timeline.show(now_ms, reader.display, reader.on, reader.step)
        if shown is not None:
            self._moments.add(shown.step, now_ms)
            self._emit(EventKind.SCREEN, shown)
            self._rules.see(shown)
        if passed > 0:
            self._passed_ms += passed
        if self._waits:
            if shown is not None:
                self._waits.see(shown)
            self._waits.pass_time(self._passed_ms, self.screen)
        before, self._seen = self._seen, self._state()
        if self._seen.same_outside(before):
            return
        self._moments.add(reader.step, now_ms)
        self._emit(EventKind.READER)

    def _state(self) -> _Seen:
        reader = self.reader
        board = reader.board
        return _Seen(board.display.changes, board.slots.movements, reader.on, len(reader.ports))

    def _exchanged(
        self, link: str, lad: Lad, command: bytes, response: bytes | None, started_ms: int, ended_ms: int
    ) -> None:
        self._moments.add(self.reader.step, ended_ms)
        if link == LOOK_PORT:
            return
        number = self._trace.add(link, lad, command, response, started_ms, ended_ms)
        if (self._watchers or self._waits) and (traced := self._trace.get(number)) is not None:
            self._emit(EventKind.EXCHANGE, traced)
            self._waits.hear(traced, self.screen)

    def _struck(self, fault: Fault) -> None:
        self._emit(EventKind.FAULT, fault)

    def _changed(self) -> None:
        self._seen = self._state()
        self._emit(EventKind.READER)

    def _emit(self, kind: EventKind, payload: object = None) -> None:
        if self._watchers:
            event = Event(kind, payload)
            for watcher in tuple(self._watchers.values()):
                tell(watcher, event)

    @abstractmethod
    def _carry_out(self, matched: Matched) -> None:
        """Do what a rule says, and tell of it."""

    @abstractmethod
    def _restored(self) -> None:
        """Take note that the reader is at another moment now."""
