"""Where a visit script plays that leaves nothing on disk: a fresh reader in memory, in virtual time."""

from __future__ import annotations

from pathlib import Path

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.moment import moment_text
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot, SlotOccupied
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.kept_reader import WORD_OF
from tla_sim.tools.visit.kept_stage import CABLE, POWER, no_card_in


class MemoryStage:
    """A person's hands on a reader in memory, with the cards of the shipped practice.

    The same seed, profile and script give the same screens each time. Keys take no time: it passes in card
    signatures and `wait`. Raises UnknownProfile.
    """

    def __init__(self, seed: int, profile: str) -> None:
        self.control = ReaderControl.in_memory(demo_practice(), seed=seed, profile=profile)

    @property
    def screen(self) -> Screen:
        """The four lines of 20 characters."""
        return self.control.screen.lines

    def insert(self, slot: Slot, card: Path | str) -> None:
        """Put a card into a slot. Raises UnknownCard, CardFileUnreadable, SlotOccupied."""
        if self.control.slots[slot] is not None:
            raise SlotOccupied(
                "There is already a card in the {slot} slot", "Take it out first", slot=WORD_OF[slot]
            )
        self.control.insert(slot, card)

    def remove(self, slot: Slot) -> None:
        """Take a card out. Raises SlotEmpty."""
        if self.control.slots[slot] is None:
            raise no_card_in(slot)
        self.control.remove(slot)

    def press(self, key: Key) -> None:
        """Press a key."""
        self.control.press(key.value)

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds of virtual time pass, instantly."""
        self.control.advance(ms)

    def power(self, on: bool) -> None:
        """Switch the reader on or off. Off is a power cut: only the flash contents survive."""
        self.control.power(on)

    def cable(self, plugged: bool) -> None:
        """Plug in a cable whose other end the script holds, or unplug it."""
        self.control.cable(plugged)

    def send(self, lad: Lad, apdu: bytes) -> bytes | None:
        """Send a command over the cable; `None` while it waits for a code.

        Raises as `ReaderControl.begin`.
        """
        answers: list[bytes | TlaError] = []
        self.control.begin(lad, apdu, answers.append)
        if answers and isinstance(answers[0], TlaError):
            raise answers[0]
        return answers[0] if answers and isinstance(answers[0], bytes) else None

    def verify(self, code: str) -> None:
        """Verify a code porteur over the cable. Raises as `ReaderClient.verify_code`."""
        transport = InProcessTransport(self.control.transmit)
        ReaderClient(transport, self.control.reader.board.entropy.take).verify_code(code)

    def save(self, path: Path) -> None:
        """Write a snapshot. Raises HistoryFull, SnapshotUnwritable."""
        from tla_sim.tools.simulator.history.snapshot_file import write_snapshot

        write_snapshot(path, self.control.reader.snapshot(path.stem))

    def restore(self, path: Path) -> None:
        """Go to the moment of a snapshot, also of a reader with another flash.

        Its cards are at hand by their names. Raises FileUnusable, SnapshotRefused, OtherGeometry.
        """
        from tla_sim.tools.simulator.history.snapshot_file import read_snapshot

        self.control.reader.restore(read_snapshot(path))

    def inject(self, plan: FaultPlan) -> None:
        """Plan faults, counted from now. Raises HostFault."""
        self.control.inject(plan)

    def charge(self, percent: int) -> None:
        """Set the charge of the battery. Raises BadBattery."""
        self.control.battery(percent)

    def open_case(self) -> None:
        """Open the reader's case."""
        self.control.open_case()

    def describe(self) -> tuple[str, ...]:
        """Return a line each for the switch, the clock, the slots and the cable."""
        reader = self.control.reader
        moment = reader.app.moment() if reader.on else None
        slots = (
            Sentence("{slot:<7} {card}", slot=WORD_OF[slot], card=card.name if card else Sentence("no card"))
            for slot, card in self.control.slots.items()
        )
        return (
            POWER[reader.on],
            Sentence("clock   {moment}", moment=moment_text(moment)),
            *slots,
            CABLE[self.control.plugged],
        )

    def close(self) -> None:
        """Switch the reader off."""
        self.control.close()
