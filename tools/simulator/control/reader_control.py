"""All that can be done with one simulated reader. The page, the HTTP API and Python reach a reader by it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

from tla_sim.host.practice.model import Practice
from tla_sim.host.transport.base import Transport
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.moment import moment_text
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.board.slots import Slot, SlotOccupied
from tla_sim.reader_fw.reader import ReaderOff, ReaderPort
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.body import keys_of
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.controlled_reader import ControlledReader
from tla_sim.tools.simulator.control.events import Event, EventKind, Watcher
from tla_sim.tools.simulator.control.moments import Moments
from tla_sim.tools.simulator.control.named_ports import Answered, NamedPorts
from tla_sim.tools.simulator.control.opening import check_time, make_in_memory, open_directory, plan_of
from tla_sim.tools.simulator.control.ring import Part
from tla_sim.tools.simulator.control.rules import Matched, Rule, RuleBook
from tla_sim.tools.simulator.control.screens import ScreenForgotten, ScreenShown, Timeline
from tla_sim.tools.simulator.control.snapshots import SnapshotInfo, Snapshots, check_name, name_for
from tla_sim.tools.simulator.control.trace_ring import TracedExchange, TraceRing
from tla_sim.tools.simulator.control.tray import TrayCard
from tla_sim.tools.simulator.control.waits import Wait, Waited, Waits
from tla_sim.tools.simulator.history.chapters import HistoryFull
from tla_sim.tools.simulator.history.snapshot_file import (
    build_snapshot,
    parse_snapshot,
    read_snapshot,
    write_snapshot,
)

API_PORT: Final = "api"
_MAY_WAIT: Final = bytes((Ins.VERIFY_CODE,))
"""The only command that may wait for what a person does."""


class BadBattery(TlaError, ValueError):
    """A battery cannot have this charge."""

    category = Category.BAD_INPUT


class BadMoment(TlaError, ValueError):
    """Not one moment is given, to which to go back."""

    category = Category.BAD_INPUT


class FaultsNow(NamedTuple):
    """The faults that are still to strike, and those that struck, in order."""

    pending: tuple[Fault, ...]
    struck: tuple[Fault, ...]


class _Seen(NamedTuple):
    """The state that was last told to those who watch."""

    changes: int
    movements: int
    on: bool
    cables: int

    def same_outside(self, other: _Seen) -> bool:
        return self[1:] == other[1:]


class ReaderControl:
    """One simulated reader, switched on, and everything that can be done with it and seen of it.

    Not for several threads at a time: `RunningReader` takes calls from any. Time passes in `advance`, while
    the reader works, and as whoever drives `tick` lets it. `name` is for people.
    """

    def __init__(self, controlled: ControlledReader, practice: Practice, name: str) -> None:
        self.name = name
        self.practice = practice
        self.seed = controlled.seed
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

    @classmethod
    def in_memory(
        cls,
        practice: Practice,
        *,
        seed: int = 1,
        profile: str = TLA_1_40.name,
        moment: int = MORNING,
        faults: FaultPlan | str = "",
        name: str = "reader-1",
    ) -> Self:
        """Make a reader that leaves nothing on disk and is on a visit, without cable and cards.

        Raises as `SimulatedReader.in_memory`.
        """
        return cls(make_in_memory(practice, seed, profile, moment, faults), practice, name)

    @classmethod
    def on_directory(
        cls,
        directory: str | os.PathLike[str],
        practice: Practice,
        *,
        seed: int | None = None,
        profile: str = "",
        moment: int | None = None,
        faults: FaultPlan | str = "",
        name: str = "",
    ) -> Self:
        """Open the reader of a state directory, made on first use. Raises as `SimulatedReader.open`."""
        controlled = open_directory(directory, practice, seed, profile, moment, faults)
        return cls(controlled, practice, name or Path(directory).name)

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
    def slots(self) -> dict[Slot, TrayCard | None]:
        """The card in each slot, `None` for an empty one."""
        inside = {card.slot: card for card in self.tray}
        return {slot: inside.get(slot) for slot in Slot}

    @property
    def strikes(self) -> Strikes:
        """The faults that are planned and those that struck."""
        return self._controlled.strikes

    # What a person does

    def press(self, *legends: str) -> ScreenShown:
        """Press keys by their legends, digits also as one string. Return the settled screen.

        Raises UnknownKey, before any key is pressed.
        """
        for key in tuple(keys_of(legends)):
            self.reader.press(key)
        return self.screen

    def insert(self, slot: Slot, card: str | Path | bytes) -> ScreenShown:
        """Put a card in, taking the present one out. Return the settled screen.

        A card is named as in the tray or by its holder's last name, or is a file, or the image of one, which
        is added to the tray. Raises UnknownCard, SlotOccupied when it is in the other slot,
        CardFileUnreadable, CardImageCorrupted, CardImageNewer.
        """
        tray = self._controlled.tray
        if isinstance(card, bytes):
            card = tray.add(tray.free_name("card"), card).name
        name = card if isinstance(card, Path) else tray.find(card)
        for other, inside in self._controlled.inside.items():
            if other is not slot and inside == name:
                raise SlotOccupied(
                    "{path} is in the {slot} slot", "Take it out there first", path=name, slot=other.value
                )
        self._controlled.remove(slot)
        self._controlled.insert(slot, name)
        return self.screen

    def remove(self, slot: Slot) -> ScreenShown:
        """Take the card out, if there is one. Return the settled screen."""
        self._controlled.remove(slot)
        return self.screen

    def power(self, on: bool) -> ScreenShown:
        """Switch on or off; off is a power cut, which only the flash survives. Return the settled screen.

        Raises StateDamaged when the flash holds nothing that it can start from.
        """
        self._controlled.power(on)
        return self.screen

    def cable(self, plugged: bool) -> ScreenShown:
        """Plug the cables in, that of the control and those of served links, or pull all out.

        Return the settled screen. Raises PortUnavailable when a served device is lost.
        """
        if plugged:
            self._ports.plug(API_PORT)
            self.on_cable(True)
        else:
            self.on_cable(False)
            self._ports.unplug()
            self._controlled.unplug()
        self._changed()
        return self.screen

    def battery(self, percent: int) -> None:
        """Set the charge of the battery, 0 to 100 per cent. Raises BadBattery."""
        if not 0 <= percent <= 100:
            raise BadBattery("A battery cannot have {percent} %", "Give 0 to 100", percent=percent)
        self.reader.set_battery(percent)
        self._changed()

    def open_case(self) -> None:
        """Open the case: the reader notices for good."""
        self.reader.open_case()
        self._changed()

    # The tray

    @property
    def tray(self) -> tuple[TrayCard, ...]:
        """The cards at hand, those of the practice first."""
        return self._controlled.cards

    def add_card(self, name: str, image: bytes) -> TrayCard:
        """Add a card to the tray. Raises as `Tray.add`."""
        card = self._controlled.tray.add(name, image)
        self._changed()
        return card

    def discard_card(self, name: str) -> None:
        """Take an uploaded card from the tray for good. Raises UnknownCard, CardNeeded."""
        self._controlled.tray.discard(name, self._controlled.inside.values())
        self._changed()

    # What a host does

    def transmit(self, lad: Lad, apdu: bytes, port: str = API_PORT) -> bytes:
        """Exchange an APDU on a cable of the control's own. The time that it takes passes at once.

        Raises CableOut, CommandUnderWay, and LinkError when there is no answer.
        """
        answers: list[bytes | TlaError] = []
        self.begin(lad, apdu, answers.append, port)
        while not answers:
            if self.ms_until_due is None:
                self.hang_up(port)
            self.jump_to_due()
        if isinstance(answers[0], TlaError):
            raise answers[0]
        return answers[0]

    def begin(self, lad: Lad, apdu: bytes, answered: Answered, port: str = API_PORT) -> None:
        """Start a command; `answered` is called with the response, or with the error that there is none.

        That is before this returns, unless the command waits for a code at the keypad. Raises CableOut and
        CommandUnderWay.
        """
        self._ports.begin(port, lad, apdu, answered)

    def hang_up(self, port: str = API_PORT) -> None:
        """End the session on a cable of the control's own, and drop the command on it."""
        self._ports.hang_up(port)

    def transport(self, link: str = "", baud: int | None = 9600) -> Transport:
        """Return a host's transport on a new cable, in virtual time. Raises UnknownLink."""
        if link in ("", "memory"):
            name = "in process"
            port = self.reader.attach(name)
            return InProcessTransport(self._exchange_on(port), on_close=port.detach)
        return self._controlled.transport(link, baud)

    # Time

    def advance(self, ms: int) -> ScreenShown:
        """Let `ms` milliseconds of the reader's time pass at once. Return the settled screen.

        Raises BadTime.
        """
        check_time(ms)
        self.reader.tick(ms)
        return self.screen

    def wait(
        self, condition: Condition, timeout_ms: int, done: Callable[[Waited], None]
    ) -> Callable[[], None]:
        """Call `done` once the condition is met, or once `timeout_ms` of the reader's time have passed.

        That is before this returns if the screen meets it already. Return a function that cancels the wait.
        Raises BadTime, TooManyWaits.
        """
        check_time(timeout_ms)
        self._last_ms = self.clock_ms
        wait = Wait(condition, self._passed_ms + timeout_ms, done)
        cancel = self._waits.add(wait, self.screen)
        self._waits.pass_time(self._passed_ms, self.screen)
        return cancel

    def wait_for(self, condition: Condition, timeout_ms: int) -> Waited:
        """Let the reader's time pass until the condition is met, at most `timeout_ms`. Return how it ended.

        Raises as `wait`.
        """
        ended: list[Waited] = []
        cancel = self.wait(condition, timeout_ms, ended.append)
        try:
            while not ended:
                self.jump_to_due()
        finally:
            cancel()
        return ended[0]

    # Going back

    def rewind(self, revision: int | None = None, clock_ms: int | None = None) -> ScreenShown:
        """Go back to a screen of the timeline, or to a time of the reader's clock. Return the settled screen.

        It is shown under a new revision, and later ones are forgotten. The present is kept as a snapshot
        first. Hosts' sessions end. Raises BadMoment, ScreenForgotten, HistoryFull, MomentForgotten.
        """
        if (revision is None) == (clock_ms is None):
            raise BadMoment("A moment is a revision or a time of the clock", "Give one of the two")
        if revision is not None:
            self._go_back(self._timeline.at(revision).step, f"before rewind to {revision}")
        elif clock_ms is not None:
            moment = self._moments.at(clock_ms)
            if moment is None:
                raise ScreenForgotten(
                    "Nothing is known of that time", "Take a later time, or a revision of the timeline"
                )
            self._go_back(moment.step, f"before rewind to {moment_text(clock_ms).replace(':', '.')}")
            if clock_ms > self.clock_ms:
                self.reader.tick(clock_ms - self.clock_ms)
        return self.screen

    def save(self, name: str) -> SnapshotInfo:
        """Keep the present moment under a name, in place of an older one of that name.

        Raises BadSnapshotName, TooManySnapshots, HistoryFull.
        """
        check_name(name)
        info = self._snapshots.keep(name, self.reader.snapshot(name), self.screen)
        self._emit(EventKind.SNAPSHOT, name)
        return info

    def restore(self, name: str) -> ScreenShown:
        """Go to the moment that is kept under a name. Return the settled screen.

        The present is kept as a snapshot first. Hosts' sessions end. Raises UnknownSnapshot, OtherGeometry,
        OtherReader, UnknownProfile.
        """
        snapshot = self._snapshots.find(name)
        snapshot.check_fits(self.reader)
        self._keep_present(f"before restore of {name}"[:64])
        self.reader.restore(snapshot)
        return self.screen

    @property
    def snapshots(self) -> tuple[SnapshotInfo, ...]:
        """The moments that are kept, the oldest first."""
        return tuple(self._snapshots)

    def forget(self, name: str) -> None:
        """Forget a snapshot. Raises UnknownSnapshot."""
        self._snapshots.forget(name)
        self._emit(EventKind.SNAPSHOT, name)

    def snapshot_image(self, name: str) -> bytes:
        """Return the bytes of a snapshot's file. Raises UnknownSnapshot."""
        return build_snapshot(self._snapshots.find(name))

    def add_snapshot(self, name: str, image: bytes) -> SnapshotInfo:
        """Keep the snapshot of a file's bytes under a name.

        Raises SnapshotRefused, BadSnapshotName, TooManySnapshots.
        """
        info = self._snapshots.keep(name, parse_snapshot(image))
        self._emit(EventKind.SNAPSHOT, name)
        return info

    def write_snapshot(self, name: str, path: Path) -> None:
        """Write a snapshot to a file that other machines open, readable by its owner only.

        It holds the test keys of cards and reader. Raises UnknownSnapshot, SnapshotUnwritable.
        """
        write_snapshot(path, self._snapshots.find(name))

    def read_snapshot(self, path: Path) -> SnapshotInfo:
        """Keep the snapshot in a file. Return what is told of it.

        Raises FileUnusable, NotASnapshot, SnapshotNewer, SnapshotDamaged, TooManySnapshots.
        """
        snapshot = read_snapshot(path)
        info = self._snapshots.keep(name_for(snapshot.name, path), snapshot)
        self._emit(EventKind.SNAPSHOT, info.name)
        return info

    # What was seen

    def timeline(self, after: int = 0, limit: int | None = None) -> tuple[ScreenShown, ...]:
        """Return the settled screens newer than a revision, the oldest first, of the newest 10,000."""
        return self._timeline.after(after, limit)

    def screen_at(self, revision: int) -> ScreenShown:
        """Return the screen of a revision. Raises ScreenForgotten."""
        return self._timeline.at(revision)

    def trace(self, after: int = 0, limit: int | None = None) -> Part[TracedExchange]:
        """Return the exchanges with a number above `after`, the oldest first, of the newest 10,000."""
        return self._trace.after(after, limit)

    @property
    def exchanges(self) -> int:
        """The number of the newest exchange, 0 before the first."""
        return self._trace.last

    @property
    def last_exchange(self) -> TracedExchange | None:
        """The newest exchange, if it is kept."""
        return self._trace.get(self._trace.last)

    def exchange(self, number: int) -> TracedExchange | None:
        """Return the exchange of a number, `None` when it is not kept."""
        return self._trace.get(number)

    def clear_trace(self) -> None:
        """Forget the exchanges so far; their numbers go on."""
        self._trace.clear()

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with every event from now on. Return a function that ends this."""
        key = object()
        self._watchers[key] = watcher
        return lambda: self._watchers.pop(key, None) and None

    # Rules

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they were added."""
        return tuple(self._rules)

    def add_rule(self, rule: Rule) -> tuple[Rule, tuple[Matched, ...]]:
        """Add a rule and carry it out at once if the present screen meets it.

        Return it with its `id`, and what it matched. Raises TooManyRules.
        """
        for _, name in rule.insert:
            self._controlled.tray.find(name)
        added, matched = self._rules.add(rule, self.screen)
        self._changed()
        self._act()
        return added, matched

    def remove_rule(self, number: int) -> None:
        """Remove a rule by its `id`. Raises UnknownRule."""
        self._rules.remove(number)
        self._changed()

    # Faults

    @property
    def faults(self) -> FaultsNow:
        """The faults that are still to strike, and those that struck."""
        return FaultsNow(self.strikes.pending, tuple(self.strikes.struck))

    def inject(self, plan: FaultPlan | str) -> tuple[Fault, ...]:
        """Have the faults of a plan strike, counted from now. Return them as they are counted in full.

        Raises PlanMalformed and HostFault.
        """
        added = self.reader.inject(plan_of(plan))
        self._changed()
        return added

    def clear_faults(self) -> None:
        """Call off the faults that have not struck yet."""
        self.reader.clear_faults()
        self._changed()

    def close(self) -> None:
        """Switch the reader off and release it. May be called twice."""
        self._controlled.close()
        if not self._closed:
            self._closed = True
            self._emit(EventKind.GONE)

    # What drives it

    @property
    def command_under_way(self) -> bool:
        """Whether a host waits for an answer, or for a code to be typed."""
        return any(port.due_ms is not None for port in self.reader.ports)

    @property
    def waits(self) -> bool:
        """Whether somebody waits for a condition."""
        return bool(self._waits)

    @property
    def waits_alone(self) -> bool:
        """Whether somebody waits, and only for what the reader may show by itself."""
        return bool(self._waits) and not self._waits.for_hosts

    @property
    def answer_due_ms(self) -> int | None:
        """The clock time of the next answer that a host waits for while the reader or a card works."""
        due = [
            port.due_ms for port in self.reader.ports if port.due_ms is not None and port.code_entry is None
        ]
        return min(due, default=None)

    @property
    def ms_until_due(self) -> int | None:
        """The milliseconds of the reader's time until something happens by itself or a wait is over."""
        waits = [] if self._waits.until_ms is None else [self._waits.until_ms - self._passed_ms]
        if self.reader.due_ms is not None:
            waits.append(self.reader.due_ms - self.clock_ms)
        return max(min(waits), 0) if waits else None

    def jump_to_due(self) -> None:
        """Let the time pass at once until something happens by itself or a wait is over."""
        ms = self.ms_until_due
        if ms is not None:
            self.reader.tick(ms)

    def _exchange_on(self, port: ReaderPort) -> Callable[[Lad, bytes], bytes]:
        """Return an exchange on a port in which rules can act while a command waits for its code."""
        reader, clock = self.reader, self.reader.board.clock

        def exchange(lad: Lad, apdu: bytes) -> bytes:
            if apdu[1:2] != _MAY_WAIT or lad is not Lad.LOG_SV:
                return port.exchange(lad, apdu)
            try:
                port.begin(lad, apdu)
                while (response := port.poll()) is None:
                    due = port.due_ms
                    if due is None:
                        raise ReaderOff
                    reader.tick(max(due - clock.now_ms, 0))
                return response
            except BaseException:
                port.abort()
                raise

        return exchange

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

    def _carry_out(self, matched: Matched) -> None:
        rule = matched.rule
        problem = matched.problem
        if problem is None:
            try:
                for slot in rule.remove:
                    self.remove(slot)
                for slot, name in rule.insert:
                    self.insert(slot, name)
                if rule.fault:
                    self.inject(rule.fault)
                self.press(*rule.keys)
            except TlaError as error:
                problem = error
        self._emit(EventKind.RULE, Matched(rule, matched.screen, problem))

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
        number = self._trace.add(link, lad, command, response, started_ms, ended_ms)
        if (self._watchers or self._waits) and (traced := self._trace.get(number)) is not None:
            self._emit(EventKind.EXCHANGE, traced)
            self._waits.hear(traced, self.screen)

    def _go_back(self, step: int, keep_as: str) -> None:
        self._keep_present(keep_as)
        self.reader.rewind(step)

    def _keep_present(self, name: str) -> None:
        # What cannot be kept must not keep anybody from going back.
        with suppress(HistoryFull):
            self._snapshots.keep(name, self.reader.snapshot(name), self.screen, automatic=True)
            self._emit(EventKind.SNAPSHOT, name)

    def _restored(self) -> None:
        """Take note that the reader is at another moment now."""
        reader = self.reader
        self._controlled.find_cards()
        self._ports.forget_commands()
        self._last_ms = reader.board.clock.now_ms
        self._timeline.drop_after(reader.step)
        self._moments.drop_after(reader.step)
        shown = self._timeline.show(self._last_ms, reader.display, reader.on, reader.step, again=True)
        self._seen = self._state()
        self._moments.add(reader.step, self._last_ms)
        self._rules.settle(self.screen)
        self._emit(EventKind.REWOUND, shown)
        self._waits.see(self.screen)
        self.on_rewound()

    def _struck(self, fault: Fault) -> None:
        self._emit(EventKind.FAULT, fault)

    def _changed(self) -> None:
        self._seen = self._state()
        self._emit(EventKind.READER)

    def _emit(self, kind: EventKind, payload: object = None) -> None:
        if self._watchers:
            event = Event(kind, payload)
            for watcher in tuple(self._watchers.values()):
                watcher(event)
