"""A reader whose state without power can be taken as a value, and put back in place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final
from weakref import WeakValueDictionary

from tla_sim.reader_fw.app.software.boot_area import SoftwareDamaged
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.reader_fw.board.board import Board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash
from tla_sim.reader_fw.board.slots import Card as SlotCard
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.reader import ReaderPort
from tla_sim.tools.faults.cards import ContactState, FaultyCard
from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes, StrikesState
from tla_sim.tools.simulator.history.chips import Chips
from tla_sim.tools.simulator.history.cold_image import ColdImage, Origin, PortState, SlotState
from tla_sim.tools.simulator.history.flash_copy import FlashCopy, damaged
from tla_sim.tools.simulator.history.recorded_port import RecordedPort
from tla_sim.tools.simulator.history.tapes import CodeTape, Tapes, WriteTape

_NO_FLASH: Final = FlashCopy(0, 0, b"")
_OUTSIDE: Final = (Where.LINE, Where.HOST)
_OUTSIDE_COUNTS: Final = (Counted.BYTES, Counted.BLOCKS, Counted.LEDGER_WRITES, Counted.EXCHANGES)


class RestorableReader(FaultyReader, ABC):
    """A reader in memory or on a state directory that can go back to a former state without power.

    It stays the same object, and so do its board, its cables and the cards that were put in. `inside` is set
    while something is done to it. Faults of lines and hosts happen outside and stay as they are. `kept` says
    that device key and flash are kept elsewhere: neither the key nor the size can become another. `origin` is
    what it began with, `seed` for one whose random bytes follow from it.
    """

    def __init__(
        self, board: Board, strikes: Strikes, profile: Profile = TLA_1_40, seed: int | None = None
    ) -> None:
        # Before all else: `inside` is asked by everything that the base classes call.
        self.inside = True
        if not isinstance(board.entropy, SeededEntropy):
            raise TypeError("the random bytes of a reader that can be restored follow from a seed")
        self._entropy = board.entropy
        self.codes = CodeTape()
        self.writes = WriteTape()
        self.chips: Chips = Chips(self._make_card, self.codes)
        self._live_ports: WeakValueDictionary[int, RecordedPort] = WeakValueDictionary()
        self._next_port = 1
        self._settling = False
        self.kept = False
        super().__init__(board, strikes, profile)
        # An altered software has the name of the one that it was.
        made = profile.name if self.installed == profile.release else self.installed
        self.origin = Origin(seed, made)
        self.inside = False

    @property
    def installed(self) -> str | None:
        """The release of the software that is installed, `None` when it cannot be read."""
        try:
            return self.profile.release
        except SoftwareDamaged:
            return None

    @property
    def cards(self) -> dict[str, Card]:
        """The cards that were put in under a name, by that name."""
        return self.chips.named

    @property
    def card_names(self) -> dict[Slot, str]:
        """The names under which the cards in the slots were put in."""
        chips, slots = self.chips, self.board.slots
        inside = {slot: card for slot in Slot if isinstance(card := slots.card(slot), FaultyCard)}
        return {slot: chips.names.get(chips.number_of(card.card), "") for slot, card in inside.items()}

    def tear_writes(self, persist: Callable[[bytes], None] = lambda _: None) -> Callable[[bytes], None]:
        """Wrap a card's `persist` so that the power may fail around it, and that a replay writes nothing.

        Without `persist` the card's memory is kept in the card object alone.
        """
        torn = super().tear_writes(lambda image: self.writes.write(persist, image))

        def write(image: bytes) -> None:
            if self._settling:
                persist(image)
            else:
                torn(image)

        return write

    def freeze(self, *, with_flash: bool = True) -> ColdImage:
        """Return what would be left if power failed now; the flash, too, unless it is left out."""
        board, flash = self.board, self.board.flash
        return ColdImage(
            profile=self._delivered.name,
            origin=self.origin,
            flash=FlashCopy.of(flash.read_image(), flash.size) if with_flash else _NO_FLASH,
            device_key=board.device_key,
            clock_ms=board.clock.now_ms,
            ahead_ms=self._ahead_ms,
            battery=board.power.battery,
            entropy=self._entropy.state,
            chips=self.chips.states,
            slots={slot: self._slot_state(slot) for slot in Slot},
            movements=board.slots.movements,
            ports=tuple(
                PortState(port.number, port.name, port.session.last_ms, port.protocols)
                for port in self._ports
                if isinstance(port, RecordedPort)
            ),
            strikes=self.strikes.state,
            flash_faults=self.flash_faults.state,
            used_counter=self.used_counter,
            comes_back_ms=self.comes_back_ms,
            dark_since=self._dark_since,
        )

    def thaw(self, cold: ColdImage) -> None:
        """Be the reader of a cold image, switched off. An image without a flash leaves it as it is.

        Raises CodecError, FlashImageError, CardImageRefused or UnknownProfile for one that cannot be used.
        """
        board = self.board
        image = b"" if cold.flash is _NO_FLASH else cold.flash.image()
        profile = find_profile(cold.profile)
        # Checked like the image of a state directory, before anything is changed.
        if image and NorFlash(image).size != cold.flash.array_bytes:
            raise damaged()
        self._stop()
        if image:
            board.flash.put_back(image)
        self._delivered = profile
        self.origin = cold.origin
        board.replace_device_key(cold.device_key)
        board.clock.put_back(cold.clock_ms)
        board.power.battery = cold.battery
        self._entropy.put_back(cold.entropy)
        self._ahead_ms = cold.ahead_ms
        self.chips.put_back(cold.chips)
        self._fill_slots(cold)
        self._ports.clear()
        for state in cold.ports:
            port = self.find_port(state.number, state.name)
            port.begin_anew(state.last_ms, state.protocols)
            self._ports.append(port)
        self.strikes.put_back(_merge(cold.strikes, self.strikes.state))
        self.flash_faults.put_back(cold.flash_faults)
        self.used_counter = cold.used_counter
        self.comes_back_ms = cold.comes_back_ms
        self._dark_since = cold.dark_since
        self._pulled.clear()

    def play(self, tapes: Tapes | None) -> None:
        """Play tapes from their beginning, or go on recording behind what was played."""
        if tapes is None:
            self.codes.cut()
            self.writes.cut()
        else:
            self.codes.wind(tapes.hashes)
            self.writes.wind(tapes.failed)
        self.codes.playing = self.writes.playing = tapes is not None

    def displace(self, plugged: Iterable[ReaderPort]) -> None:
        """Mark those of some cables that are no longer plugged in; they plug themselves in when used."""
        for _, port in sorted(self._live_ports.items()):
            port.displaced = port not in self._ports and (port.displaced or port in plugged)

    def settle(self, number: int) -> None:
        """Write a card's memory to where it is kept. A failure is only reported by the card's owner."""
        self._settling = True
        try:
            with suppress(OSError):
                self.chips.card(number).save()
        finally:
            self._settling = False

    def find_port(self, number: int, name: str) -> RecordedPort:
        """Return the cable that is meant by number and name: one that its owner still holds, or a new one."""
        live = self._live_ports
        port = live.get(number)
        if port is None or port.name != name:
            if port is not None:
                self._renumber(port, max(self._next_port, number + 1))
            port = self._find_held(name)
            if port is None:
                port = self.new_port(name, number)
                port.left = True
            self._renumber(port, number)
        self._next_port = max(self._next_port, number + 1)
        return port

    @abstractmethod
    def new_port(self, name: str, number: int) -> RecordedPort:
        """Return a cable that is not plugged in yet."""

    def _find_held(self, name: str) -> RecordedPort | None:
        """Return a cable of this name that its owner still holds and that is not plugged in."""
        for _, port in sorted(self._live_ports.items()):
            if port.name == name and not port.left and port not in self._ports:
                return port
        return None

    def _renumber(self, port: RecordedPort, number: int) -> None:
        if self._live_ports.get(port.number) is port:
            del self._live_ports[port.number]
        port.number = number
        self._live_ports[number] = port
        self._next_port = max(self._next_port, number + 1)

    def _slot_state(self, slot: Slot) -> SlotState:
        slots = self.board.slots
        card = slots.card(slot)
        faulty = card if isinstance(card, FaultyCard) else None
        return SlotState(
            -1 if faulty is None else self.chips.number_of(faulty.card),
            slots.insertions(slot),
            self.card_counts[slot].commands,
            ContactState() if faulty is None else faulty.state,
        )

    def _fill_slots(self, cold: ColdImage) -> None:
        cards: dict[Slot, SlotCard] = {}
        for slot, state in cold.slots.items():
            self.card_counts[slot].commands = state.commands
            if state.chip >= 0:
                cards[slot] = self.wrap_card(slot, self.chips.card(state.chip), state.contacts)
        insertions = {slot: state.insertions for slot, state in cold.slots.items()}
        self.board.slots.put_back(cards, insertions, cold.movements)

    def _make_card(self, _name: str, image: CardImage) -> Card:
        return Card(image, self._entropy, self.tear_writes())


def _merge(inside: StrikesState, now: StrikesState) -> StrikesState:
    """Return the faults of a former state, but those of lines and hosts as they are now."""
    pending = [fault for fault in inside.pending if fault.kind.where not in _OUTSIDE]
    pending += [fault for fault in now.pending if fault.kind.where in _OUTSIDE]
    counts = [
        present if counted in _OUTSIDE_COUNTS else former
        for counted, former, present in zip(Counted, inside.counts, now.counts, strict=True)
    ]
    return inside._replace(pending=tuple(pending), counts=tuple(counts))
