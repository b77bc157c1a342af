"""Where a visit script plays without a cable: a kept reader in virtual time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.moment import moment_text
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.reader import ReaderPort
from tla_sim.tools.simulator.kept_reader import WORD_OF, KeptReader

KEY_MS: Final = 200
"""The time, in virtual ms, that a person needs for a key."""


class SlotEmpty(TlaError):
    """The slot has no card to take out."""

    category = Category.REFUSED


class KeptStage:
    """A person's hands on a kept reader. Time passes only in keys, card signatures and `wait`."""

    def __init__(self, kept: KeptReader) -> None:
        self.kept = kept
        self._cable: ReaderPort | None = None

    @property
    def plugged(self) -> bool:
        """Whether a cable is plugged in."""
        return self._cable is not None

    @property
    def screen(self) -> Screen:
        """The four lines of 20 characters."""
        return self.kept.reader.display

    def insert(self, slot: Slot, path: Path) -> None:
        """Put a card into a slot. Raises as `KeptReader.insert`."""
        self.kept.insert(slot, path)

    def remove(self, slot: Slot) -> None:
        """Take a card out. Raises SlotEmpty."""
        take_out(self.kept, slot)

    def press(self, key: Key) -> None:
        """Press a key, which takes KEY_MS."""
        self.kept.reader.press(key)
        self.kept.reader.tick(KEY_MS)

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds of virtual time pass, instantly."""
        self.kept.reader.tick(ms)

    def power(self, on: bool) -> None:
        """Switch the reader on or off. Off is a power cut: only the flash contents survive."""
        if on:
            self.kept.power_on()
        else:
            self.kept.reader.power_off()
            self.kept.directory.sync()

    def cable(self, plugged: bool) -> None:
        """Plug in a cable with no host at its other end, or unplug it."""
        if plugged and self._cable is None:
            self._cable = self.kept.reader.attach("cable")
        elif not plugged and self._cable is not None:
            self._cable.detach()
            self._cable = None

    def describe(self) -> tuple[str, ...]:
        """Return a line each for the switch, the cable, the clock and the slots."""
        return (*describe(self.kept), CABLE[self._cable is not None])


POWER: Final = {True: Sentence("power   on"), False: Sentence("power   off")}
CABLE: Final = {True: Sentence("cable   in"), False: Sentence("cable   out")}
"""Whole lines, because a state such as "on" cannot be translated apart from its sentence."""


def take_out(kept: KeptReader, slot: Slot) -> None:
    """Take a card out of a slot. Raises SlotEmpty."""
    if kept.remove(slot) is None:
        raise SlotEmpty("There is no card in the {slot} slot", "Look with: show", slot=WORD_OF[slot])


def describe(kept: KeptReader) -> tuple[str, ...]:
    """Return a line each for the switch, the clock and the slots of a kept reader."""
    reader = kept.reader
    moment = reader.app.moment() if reader.on else None
    slots = (
        Sentence("{slot:<7} {card}", slot=word, card=kept.cards.get(slot) or Sentence("no card"))
        for slot, word in WORD_OF.items()
    )
    return (POWER[reader.on], Sentence("clock   {moment}", moment=moment_text(moment)), *slots)
