"""A reader under faults: resets, flat batteries, power cuts in the flash and around card writes.

It is a Reader in every respect, except that the power cuts of its board end here, as a user sees them: the
screen goes dark and the cable mute until the reader is switched on again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import Board
from tla_sim.reader_fw.board.flash import PowerCut
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Card, Slot
from tla_sim.reader_fw.reader import Reader, ReaderOff, ReaderPort
from tla_sim.tools.faults.cards import CardCount, ContactState, FaultyCard, tear_persist
from tla_sim.tools.faults.flash import FlashFaults
from tla_sim.tools.faults.kinds import Counted, FaultKind, Where
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.faults.striking import Strikes

_SOUND: Final = ContactState()
_SLOT_OF: Final = {Where.PS: Slot.PS, Where.VITALE: Slot.VITALE}


class FaultyReader(Reader):
    """A reader with the flash, card and reader faults of a plan. Adds the flash hook to the board.

    `used_counter` is the highest signature counter given out, whatever became of the signature.
    With `comes_back_ms` a reader that lost its power is switched on again after that many ms.
    `on_request` is called when the firmware has finished a command, a key or the insertion of a card.
    """

    def __init__(
        self,
        board: Board,
        strikes: Strikes,
        profile: Profile = TLA_1_40,
    ) -> None:
        super().__init__(board, profile)
        self.strikes = strikes
        self.flash_faults = FlashFaults(strikes, self._note_counter)
        self.card_counts = {slot: CardCount() for slot in Slot}
        self.on_request: Callable[[], None] = lambda: None
        self.used_counter = 0
        self.comes_back_ms: int | None = None
        self._dark_since: int | None = None
        self._pulled: list[Slot] = []
        board.flash.hooks.append(self.flash_faults)

    def power_on(self) -> None:
        """Switch on; a power cut meanwhile leaves it off. Raises as Reader for an unusable flash."""
        self.flash_faults.power_on()
        self._dark_since = None
        self._surviving(super().power_on)

    def power_off(self) -> None:
        """Switch off, or lose power."""
        # First: once the firmware is off, its counter can no longer be read.
        self._note_counter()
        super().power_off()

    def attach(self, name: str) -> ReaderPort:
        """Plug a cable in and return its port."""
        port = FaultyPort(self, name)
        self._ports.append(port)
        self.refresh()
        return port

    def press(self, key: Key) -> None:
        """Press a key."""
        self.before_request()
        self._surviving(lambda: super(FaultyReader, self).press(key))
        self.after_request()

    def insert(self, slot: Slot, card: Card) -> None:
        """Insert a card, subject to the slot's faults from now on. Raises SlotOccupied."""
        faulty = self.wrap_card(slot, card)
        self._surviving(lambda: super(FaultyReader, self).insert(slot, faulty))
        self.after_request()

    def wrap_card(self, slot: Slot, card: Card, contacts: ContactState = _SOUND) -> FaultyCard:
        """Return a card as it is in a slot, subject to the slot's faults."""
        faulty = FaultyCard(card, slot, self.strikes, self.card_counts[slot], lambda: self._pull(slot))
        faulty.put_back(contacts)
        return faulty

    def remove(self, slot: Slot) -> Card | None:
        """Take the card out and return it, without its faults; `None` for an empty slot."""
        taken: list[Card | None] = []
        self._surviving(lambda: taken.append(super(FaultyReader, self).remove(slot)))
        card = taken[0] if taken else None
        return card.card if isinstance(card, FaultyCard) else card

    def tick(self, ms: int) -> None:
        """Let `ms` milliseconds pass."""
        self._surviving(lambda: super(FaultyReader, self).tick(ms))
        back, since = self.comes_back_ms, self._dark_since
        if back is not None and since is not None and self.board.clock.now_ms - since >= back:
            self.power_on()

    @property
    def due_ms(self) -> int | None:
        """The clock time at which something happens by itself next, `None` when nothing will."""
        back, since = self.comes_back_ms, self._dark_since
        return since + back if back is not None and since is not None else super().due_ms

    def before_request(self) -> None:
        """Carry out the reader's faults that strike just before a command or a key."""
        if not self.on:
            return
        for fault, _ in self.strikes.next(Counted.REQUESTS, Where.READER):
            if fault.kind.what == "flat":
                self.power_off()
                self.board.clock.drain()
                self._dark_since = self.board.clock.now_ms
                continue
            for _ in range(int(fault.value)):
                self.power_off()
                self.power_on()

    def after_request(self) -> None:
        """Finish a request: only now does the firmware notice the cards that left meanwhile."""
        pulled, self._pulled = self._pulled, []
        for slot in pulled:
            self.remove(slot)
        self.on_request()

    def cut(self) -> None:
        """Cut all power."""
        self.flash_faults.cut()
        self.power_off()
        self._dark_since = self.board.clock.now_ms

    def add_faults(self, plan: FaultPlan) -> tuple[Fault, ...]:
        """Have the faults of a plan strike, counted from now. Return them with their counts in full."""
        added = tuple(replace(fault, at=fault.at + self._counted(fault.kind)) for fault in plan.faults)
        self.strikes.add(added)
        return added

    def tear_writes(self, persist: Callable[[bytes], None] = lambda _: None) -> Callable[[bytes], None]:
        """Wrap a card's `persist` so that the power may fail before or after each write.

        Without `persist` the card's memory is kept in the card object alone.
        """
        return tear_persist(self.strikes, persist, self.cut)

    def _note_counter(self) -> None:
        if self._app is not None:
            self.used_counter = max(self.used_counter, self._app.store.counter)

    def _counted(self, kind: FaultKind) -> int:
        if kind.counted is Counted.NOTHING:
            return 0
        slot = _SLOT_OF.get(kind.where)
        return self.strikes.counts[kind.counted] if slot is None else self.card_counts[slot].commands

    def _pull(self, slot: Slot) -> None:
        self.board.slots.remove(slot)
        self._pulled.append(slot)

    def _surviving(self, act: Callable[[], object]) -> None:
        try:
            act()
        except PowerCut:
            self.cut()


class FaultyPort(ReaderPort):
    """A cable of a faulty reader, mute after a power cut."""

    def __init__(self, reader: FaultyReader, name: str) -> None:
        super().__init__(reader, name)
        self._faulty = reader

    def begin(self, lad: Lad, apdu: bytes) -> None:
        """Start a command. Raises ReaderOff, also when the power fails meanwhile."""
        self._faulty.before_request()
        try:
            super().begin(lad, apdu)
        except PowerCut:
            self._faulty.cut()
            raise ReaderOff from None
        finally:
            self._faulty.after_request()
