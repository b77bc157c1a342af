"""Where a visit script plays without a cable: a kept reader in virtual time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.moment import moment_text
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.control.controlled_reader import TRAY
from tla_sim.tools.simulator.control.trays import DirectoryTray
from tla_sim.tools.simulator.kept_reader import WORD_OF, KeptReader
from tla_sim.tools.visit.cable import ScriptCable

KEY_MS: Final = 200
"""The time, in virtual ms, that a person needs for a key."""


class SlotEmpty(TlaError):
    """The slot has no card to take out."""

    category = Category.REFUSED


class KeptStage:
    """A person's hands on a kept reader. Time passes only in keys, card signatures and `wait`."""

    def __init__(self, kept: KeptReader) -> None:
        self.kept = kept
        self._cable = ScriptCable(kept.reader)

    @property
    def plugged(self) -> bool:
        """Whether a cable is plugged in."""
        return self._cable.plugged

    @property
    def screen(self) -> Screen:
        """The four lines of 20 characters."""
        return self.kept.reader.display

    def insert(self, slot: Slot, card: Path | str) -> None:
        """Put a card into a slot. Raises as `put_in`."""
        put_in(self.kept, slot, card)

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
        """Plug in a cable whose other end the script holds, or unplug it."""
        self._cable.plug(plugged)

    def send(self, lad: Lad, apdu: bytes) -> bytes | None:
        """Send a command over the cable. Raises as `ScriptCable.send`."""
        return self._cable.send(lad, apdu)

    def verify(self, code: str) -> None:
        """Verify a code porteur over the cable. Raises as `ScriptCable.verify`."""
        self._cable.verify(code)

    def save(self, path: Path) -> None:
        """Write a snapshot. Raises as `ScriptCable.save`."""
        self._cable.save(path)

    def restore(self, path: Path) -> None:
        """Go to the moment of a snapshot. Raises as `ScriptCable.restore`."""
        self._cable.restore(path)

    def inject(self, plan: FaultPlan) -> None:
        """Plan faults, counted from now. Raises NotRecorded."""
        self._cable.inject(plan)

    def charge(self, percent: int) -> None:
        """Set the charge of the battery. Raises NotRecorded."""
        self._cable.charge(percent)

    def open_case(self) -> None:
        """Open the reader's case. Raises NotRecorded."""
        self._cable.open_case()

    def describe(self) -> tuple[str, ...]:
        """Return a line each for the switch, the cable, the clock and the slots."""
        return (*describe(self.kept), CABLE[self.plugged])


POWER: Final = {True: Sentence("power   on"), False: Sentence("power   off")}
CABLE: Final = {True: Sentence("cable   in"), False: Sentence("cable   out")}
"""Whole lines, because a state such as "on" cannot be translated apart from its sentence."""


def put_in(kept: KeptReader, slot: Slot, card: Path | str) -> None:
    """Put a card into a slot: a file, or a card of the shipped practice by its name or its holder's.

    Cards by name are issued into the tray of the state directory. Raises as `KeptReader.insert`, UnknownCard.
    """
    if isinstance(card, str):
        tray = DirectoryTray(demo_practice(), kept.directory.path / TRAY)
        card = tray.path(tray.find(card))
    kept.insert(slot, card)


def take_out(kept: KeptReader, slot: Slot) -> None:
    """Take a card out of a slot. Raises SlotEmpty."""
    if kept.remove(slot) is None:
        raise no_card_in(slot)


def no_card_in(slot: Slot) -> SlotEmpty:
    """Return the error for an empty slot."""
    return SlotEmpty("There is no card in the {slot} slot", "Look with: show", slot=WORD_OF[slot])


def describe(kept: KeptReader) -> tuple[str, ...]:
    """Return a line each for the switch, the clock and the slots of a kept reader."""
    reader = kept.reader
    moment = reader.app.moment() if reader.on else None
    slots = (
        Sentence("{slot:<7} {card}", slot=word, card=kept.cards.get(slot) or Sentence("no card"))
        for slot, word in WORD_OF.items()
    )
    return (POWER[reader.on], Sentence("clock   {moment}", moment=moment_text(moment)), *slots)
