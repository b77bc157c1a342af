"""A reader that is switched off, as a value: everything that outlasts its power."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tla_sim.reader_fw.board.entropy import EntropyState
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.faults.cards import ContactState
from tla_sim.tools.faults.flash import FlashFaultsState
from tla_sim.tools.faults.striking import StrikesState
from tla_sim.tools.simulator.history.flash_copy import FlashCopy


class Origin(NamedTuple):
    """What a reader began with when its history did: the seed of its random bytes, and its software.

    `None` is what nobody knows: random bytes that follow from no seed, software that could not be read.
    """

    seed: int | None = None
    profile: str | None = None


class ChipState(NamedTuple):
    """A card that was in a slot before: its number in the history, its name, and its memory."""

    number: int
    name: str
    image: bytes

    def __repr__(self) -> str:
        # The memory has private keys.
        return f"ChipState({self.number}, {self.name!r}, {len(self.image)} bytes)"


class SlotState(NamedTuple):
    """A slot: the number of the card in it (-1: none), its insertions and commands, and its contacts."""

    chip: int
    insertions: int
    commands: int
    contacts: ContactState


class PortState(NamedTuple):
    """A cable that is plugged in: its number, its name, when it was used last, and protocols of cards."""

    number: int
    name: str
    last_ms: int
    protocols: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ColdImage:
    """All that outlasts the power of a reader: test keys, and what it stored, among them."""

    profile: str
    """The software that a flash without any runs."""
    origin: Origin
    flash: FlashCopy
    device_key: bytes = field(repr=False)
    clock_ms: int
    ahead_ms: int
    battery: int
    entropy: EntropyState
    chips: tuple[ChipState, ...]
    slots: dict[Slot, SlotState]
    movements: int
    ports: tuple[PortState, ...]
    strikes: StrikesState
    flash_faults: FlashFaultsState
    used_counter: int
    comes_back_ms: int | None
    dark_since: int | None

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        return len(self.flash.packed) + sum(len(chip.image) for chip in self.chips)
