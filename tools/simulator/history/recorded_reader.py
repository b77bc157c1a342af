"""A reader that records what is done to it from outside.

Recorded is what a person, a host or the passing of time does (an input), never what follows from it inside:
the same inputs from the same beginning lead to the same state. Damage on a line happens outside: what is
recorded is the bytes' outcome at the reader's end of it.
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
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.history.input_log import InputLog
from tla_sim.tools.simulator.history.inputs import KEY_NUMBER, SLOT_NUMBER, Op
from tla_sim.tools.simulator.history.recorded_port import RecordedPort

Result = TypeVar("Result")
Exchanged = tuple[str, Lad, bytes, bytes | None, int, int]
OnExchange = Callable[[str, Lad, bytes, bytes | None, int, int], None]


class RecordedReader(FaultyReader):
    """A reader whose inputs are recorded.

    After each input `on_exchange` is called for every command that it ended: with the name of the port, the
    logical device, the command, the response (`None` when it was dropped or power failed), and the reader's
    clock in ms when it began and ended. Commands may hold a code porteur: blank them before you keep them.
    Then `on_input` is called. Neither is called while history is replayed.
    """

    def __init__(self, board: Board, strikes: Strikes, profile: Profile = TLA_1_40) -> None:
        # Before all else: `inside` is asked by everything that the base classes call.
        self.inside = True
        self.on_input: Callable[[], None] = lambda: None
        self.on_exchange: OnExchange = lambda *_: None
        self.log = InputLog()
        self._chips: list[Chip] = []
        self._next_port = 1
        self._ended: list[Exchanged] = []
        super().__init__(board, strikes, profile)
        self.inside = False

    @property
    def step(self) -> int:
        """How many inputs were recorded so far."""
        return len(self.log)

    def enter(self, op: Op, subject: int = 0, number: int = 0, data: bytes = b"") -> None:
        """Record an input that is about to be taken; what it leads to is not recorded until `leave`."""
        self.inside = True
        self.log.add(op, subject, number, data)

    def leave(self) -> None:
        """Note that the input was taken, and call the observers."""
        self.inside = False
        if self._ended:
            ended, self._ended = self._ended, []
            for exchange in ended:
                self.on_exchange(*exchange)
        self.on_input()

    def report(self, *exchange: *Exchanged) -> None:
        """Take note of a command that has ended."""
        self._ended.append(exchange)

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
        port = RecordedPort(self, name, self._next_port)
        self._next_port += 1
        self._take(lambda: self._plug(port), Op.ATTACH, port.number, data=name.encode())
        return port

    def detach(self, port: ReaderPort) -> None:
        """Unplug a cable: its session ends; without any cable the reader is on a visit."""
        if isinstance(port, RecordedPort):
            self._take(lambda: super(RecordedReader, self).detach(port), Op.DETACH, port.number)

    def unplug(self) -> None:
        """Unplug every cable."""
        self._take(super().unplug, Op.UNPLUG)

    def press(self, key: Key) -> None:
        """Press a key."""
        self._take(lambda: super(RecordedReader, self).press(key), Op.PRESS, KEY_NUMBER[key])

    def insert(self, slot: Slot, card: Card) -> None:
        """Insert a card, subject to the slot's faults from now on. Raises SlotOccupied.

        Raises TypeError for a card whose memory cannot be read.
        """
        if self.inside:
            super().insert(slot, card)
            return
        chip = self._number_chip(card)
        self._take(lambda: super(RecordedReader, self).insert(slot, card), Op.INSERT, SLOT_NUMBER[slot], chip)

    def remove(self, slot: Slot) -> Card | None:
        """Take the card out and return it, without its faults; `None` for an empty slot."""
        return self._take(lambda: super(RecordedReader, self).remove(slot), Op.REMOVE, SLOT_NUMBER[slot])

    def tick(self, ms: int) -> None:
        """Let `ms` milliseconds pass."""
        self._take(lambda: super(RecordedReader, self).tick(ms), Op.TICK, 1, ms)

    def follow(self, ms: int) -> None:
        """Let `ms` of real time pass, less what has passed already for the work of cards."""
        self._take(lambda: super(RecordedReader, self).follow(ms), Op.FOLLOW, 1, ms)

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

    def _plug(self, port: RecordedPort) -> None:
        self._ports.append(port)
        self.refresh()

    def _number_chip(self, card: Card) -> int:
        if not isinstance(card, Chip):
            raise TypeError(f"the memory of {card!r} cannot be read")
        for number, known in enumerate(self._chips):
            if known is card:
                return number
        self._chips.append(card)
        self.log.add(Op.CHIP, len(self._chips) - 1, data=card.image.build())
        return len(self._chips) - 1
