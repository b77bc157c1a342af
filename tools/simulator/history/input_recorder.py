"""A reader that records what is done to it from outside.

Recorded is what a person, a host or the passing of time does (an input), never what follows from it inside:
the same inputs from the same beginning lead to the same state. Damage on a line happens outside: what is
recorded is its outcome at the reader's end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import Board
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Card, Slot
from tla_sim.reader_fw.cards.card import Card as Chip
from tla_sim.reader_fw.reader import ReaderPort
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.history.chapters import Chapters
from tla_sim.tools.simulator.history.input_log import InputLog
from tla_sim.tools.simulator.history.inputs import KEY_NUMBER, SLOT_NUMBER, Op, chip_data
from tla_sim.tools.simulator.history.recorded_port import RecordedPort
from tla_sim.tools.simulator.history.restorable_reader import RestorableReader
from tla_sim.tools.simulator.history.tapes import Tapes

Result = TypeVar("Result")
Exchanged = tuple[str, Lad, bytes, bytes | None, int, int]
OnExchange = Callable[[str, Lad, bytes, bytes | None, int, int], None]


class InputRecorder(RestorableReader):
    """A reader whose inputs are recorded.

    After each input `on_exchange` is called for every command that it ended: with the name of the port, the
    logical device, the command, the response (`None` when it was dropped or power failed), and the reader's
    clock in ms when it began and ended. Commands may hold a code porteur: blank them before you keep them.
    Then `on_input` is called. Neither is called while history is replayed.
    """

    def __init__(
        self, board: Board, strikes: Strikes, profile: Profile = TLA_1_40, seed: int | None = None
    ) -> None:
        self.on_input: Callable[[], None] = lambda: None
        self.on_exchange: OnExchange = lambda *_: None
        self._ended: list[Exchanged] = []
        super().__init__(board, strikes, profile, seed)
        self._was_on = False
        self._given = self._entropy.given
        self._back = self.comes_back_ms
        self.chapters = Chapters(self.freeze())

    @property
    def step(self) -> int:
        """How many inputs were recorded so far."""
        return self.chapters.step

    @property
    def log(self) -> InputLog:
        """The inputs since the reader was last off. Raises HistoryFull."""
        return self.chapters.present.log

    @property
    def tapes(self) -> Tapes:
        """What is on tape since the reader was last off."""
        return Tapes(self.codes.kept, self.writes.failed)

    def enter(self, op: Op, subject: int = 0, number: int = 0, data: bytes = b"") -> None:
        """Record an input that is about to be taken; what it leads to is not recorded until `leave`."""
        self.inside = True
        self.note_draws()
        if self._back != self.comes_back_ms:
            self._back = self.comes_back_ms
            self.chapters.add(Op.COMES_BACK, 0 if self._back is None else self._back + 1)
        self.chapters.add(op, subject, number, data)

    def note_draws(self) -> None:
        """Record the random bytes that others drew since the last input."""
        if self._given != self._entropy.given:
            self.chapters.add(Op.DRAW, self._entropy.given - self._given)
            self._given = self._entropy.given

    def leave(self) -> None:
        """Note that the input was taken, and call the observers."""
        self.inside = False
        self._given = self._entropy.given
        on = self._app is not None
        if self._was_on and not on:
            self._begin_chapter()
        self._was_on = on
        if self._ended:
            self.tell_ended()
        self.on_input()

    def report(self, *exchange: *Exchanged) -> None:
        """Take note of a command that has ended."""
        self._ended.append(exchange)

    def tell_ended(self) -> None:
        """Call `on_exchange` for the commands that have ended."""
        ended, self._ended = self._ended, []
        for exchange in ended:
            self.on_exchange(*exchange)

    def power_on(self) -> None:
        """Switch on; a power cut meanwhile leaves it off. Raises as Reader for an unusable flash."""
        self._take(super().power_on, Op.POWER_ON)

    def power_off(self) -> None:
        """Switch off, or lose power."""
        self._take(super().power_off, Op.POWER_OFF)

    def restart_if_wanted(self) -> None:
        """Start again, with the cables in place, if new software is to run. Raises like `power_on`."""
        self._take(super().restart_if_wanted, Op.RESTART)

    def cut(self) -> None:
        """Cut all power."""
        self._take(super().cut, Op.CUT)

    def attach(self, name: str) -> RecordedPort:
        """Plug a cable in and return its port."""
        port = self.new_port(name, self._next_port)
        self._plug_in(port)
        return port

    def new_port(self, name: str, number: int) -> RecordedPort:
        """Return a cable that is not plugged in yet."""
        return RecordedPort(self, name, number)

    def replug(self, port: RecordedPort) -> None:
        """Plug a cable in again that a rewind has unplugged."""
        if port.displaced:
            port.displaced = False
            self._plug_in(port)

    def plug_again(self, number: int, name: str) -> None:
        """Plug in the cable of a replay."""
        port = self.find_port(number, name)
        port.begin_anew()
        self._plug(port)

    def plugged(self, number: int) -> RecordedPort:
        """Return the cable with a number, plugged in or pulled out. Raises KeyError."""
        return self._live_ports[number]

    def detach(self, port: ReaderPort) -> None:
        """Unplug a cable: its session ends; without any cable the reader is on a visit."""
        if not isinstance(port, RecordedPort):
            return
        if self.inside:
            super().detach(port)
            return
        port.left = True
        if port.displaced:
            port.displaced = False
            return
        self._take(lambda: super(InputRecorder, self).detach(port), Op.DETACH, port.number)

    def unplug(self) -> None:
        """Unplug every cable."""
        self._take(super().unplug, Op.UNPLUG)

    def press(self, key: Key) -> None:
        """Press a key."""
        self._take(lambda: super(InputRecorder, self).press(key), Op.PRESS, KEY_NUMBER[key])

    def insert(self, slot: Slot, card: Card, name: str = "") -> None:
        """Insert a card, subject to the slot's faults from now on; `cards` finds it by its name.

        Raises SlotOccupied, and TypeError for a card whose memory cannot be read.
        """
        if self.inside:
            super().insert(slot, card)
            return
        if not isinstance(card, Chip):
            raise TypeError(f"the memory of {card!r} cannot be read")
        number, fresh = self.chips.number(card, name)
        if fresh:
            self.enter(Op.CHIP, number, data=chip_data(name, card.image.build()))
            self.inside = False
        self._take(
            lambda: super(InputRecorder, self).insert(slot, card),
            Op.INSERT,
            SLOT_NUMBER[slot],
            number,
            name.encode(),
        )

    def remove(self, slot: Slot) -> Card | None:
        """Take the card out and return it, without its faults; `None` for an empty slot."""
        empty = self.board.slots.card(slot) is None
        return self._take(
            lambda: super(InputRecorder, self).remove(slot), Op.REMOVE, SLOT_NUMBER[slot], empty
        )

    def tick(self, ms: int) -> None:
        """Let `ms` milliseconds pass."""
        self._take(lambda: super(InputRecorder, self).tick(ms), Op.TICK, 1, ms)

    def follow(self, ms: int) -> None:
        """Let `ms` of real time pass, less what has passed already for the work of cards."""
        self._take(lambda: super(InputRecorder, self).follow(ms), Op.FOLLOW, 1, ms)

    def set_battery(self, percent: int) -> None:
        """Charge or discharge the battery, in per cent."""
        self._take(lambda: setattr(self.board.power, "battery", percent), Op.BATTERY, percent)

    def open_case(self) -> None:
        """Open the reader's case, which it never forgets."""
        self._take(self.board.tamper.open_case, Op.OPEN_CASE)

    def drain_clock(self) -> None:
        """Let the clock's battery run flat."""
        self._take(self.board.clock.drain, Op.DRAIN)

    def inject(self, plan: FaultPlan) -> tuple[Fault, ...]:
        """Have the faults of a plan strike, counted from now. Return them as they are counted in full."""
        return self._take(lambda: self.add_faults(plan), Op.INJECT, data=str(plan).encode())

    def clear_faults(self) -> None:
        """Call off the faults that have not struck yet."""
        self._take(self.strikes.clear, Op.CLEAR)

    def rub_out(self) -> None:
        """Forget the digits of a code that is half typed."""
        self._take(self._forget_digits, Op.RUB_OUT)

    def let_come_back(self, number: int) -> None:
        """Set `comes_back_ms` as an input has it: one more, 0 for never."""
        self.comes_back_ms = number - 1 if number else None

    def _take(
        self, act: Callable[[], Result], op: Op, subject: int = 0, number: int = 0, data: bytes = b""
    ) -> Result:
        """Take an input and return its result; what happens inside another input is none of its own."""
        if self.inside:
            return act()
        self.enter(op, subject, number, data)
        try:
            return act()
        finally:
            self.leave()

    def _forget_digits(self) -> None:
        if self.code_entry is not None:
            self.code_entry.rub_out()
            self.refresh()

    def _plug_in(self, port: RecordedPort) -> None:
        number = self._next_port
        self._renumber(port, number)
        self._take(lambda: self._plug(port), Op.ATTACH, number, data=port.name.encode())

    def _plug(self, port: RecordedPort) -> None:
        self._ports.append(port)
        self.refresh()

    def _begin_chapter(self) -> None:
        self.chapters.begin(self.freeze(), self.tapes)
        self.codes.wind(())
        self.writes.wind(())
