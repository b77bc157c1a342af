"""Where a visit script plays that leaves nothing on disk: a fresh reader in memory, in virtual time."""

from __future__ import annotations

from pathlib import Path

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.moment import moment_text
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.kept_reader import WORD_OF
from tla_sim.tools.simulator.live_reader import ReaderInMemory
from tla_sim.tools.visit.cable import ScriptCable
from tla_sim.tools.visit.kept_stage import CABLE, POWER, no_card_in


class MemoryStage:
    """A person's hands on a reader in memory, with the cards of the shipped practice.

    The same seed, profile and script give the same screens each time. Keys take no time: it passes in card
    signatures and `wait`. Raises UnknownProfile.
    """

    def __init__(self, seed: int, profile: str) -> None:
        practice = demo_practice()
        self._body = ReaderInMemory(practice, seed, MORNING, find_profile(profile), Strikes(FaultPlan()))
        self._cable = ScriptCable(self._body.reader)
        self._inside: dict[Slot, Path | str] = {}

    @property
    def screen(self) -> Screen:
        """The four lines of 20 characters."""
        return self._body.reader.display

    def insert(self, slot: Slot, card: Path | str) -> None:
        """Put a card into a slot. Raises UnknownCard, CardFileUnreadable, SlotOccupied."""
        self._body.insert(slot, card)
        self._inside[slot] = card

    def remove(self, slot: Slot) -> None:
        """Take a card out. Raises SlotEmpty."""
        if self._inside.pop(slot, None) is None:
            raise no_card_in(slot)
        self._body.remove(slot)

    def press(self, key: Key) -> None:
        """Press a key."""
        self._body.press(key.value)

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds of virtual time pass, instantly."""
        self._body.wait(ms)

    def power(self, on: bool) -> None:
        """Switch the reader on or off. Off is a power cut: only the flash contents survive."""
        self._body.power(on)

    def cable(self, plugged: bool) -> None:
        """Plug in a cable whose other end the script holds, or unplug it."""
        self._cable.plug(plugged)

    def send(self, lad: Lad, apdu: bytes) -> bytes | None:
        """Send a command over the cable. Raises as `ScriptCable.send`."""
        return self._cable.send(lad, apdu)

    def verify(self, code: str) -> None:
        """Verify a code porteur over the cable. Raises as `ScriptCable.verify`."""
        self._cable.verify(code)

    def describe(self) -> tuple[str, ...]:
        """Return a line each for the switch, the clock, the slots and the cable."""
        reader = self._body.reader
        moment = reader.app.moment() if reader.on else None
        slots = (
            Sentence("{slot:<7} {card}", slot=word, card=self._inside.get(slot) or Sentence("no card"))
            for slot, word in WORD_OF.items()
        )
        return (
            POWER[reader.on],
            Sentence("clock   {moment}", moment=moment_text(moment)),
            *slots,
            CABLE[self._cable.plugged],
        )

    def close(self) -> None:
        """Switch the reader off."""
        self._body.close()
