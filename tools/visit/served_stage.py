"""A visit script on a served reader: in real time, with hosts on its cables."""

from __future__ import annotations

from pathlib import Path

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.serve import Server
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.simulator.kept_reader import KeptReader
from tla_sim.tools.visit.cable import ScriptCable
from tla_sim.tools.visit.kept_stage import CABLE, describe, put_in, take_out


class ServedStage:
    """A person's hands on a served reader. Waiting takes real time, in which the reader goes on working."""

    def __init__(self, kept: KeptReader, server: Server) -> None:
        self._kept = kept
        self._server = server
        self._plugged = True
        self._cable = ScriptCable(kept.reader)

    @property
    def screen(self) -> Screen:
        """The four lines of 20 characters."""
        return self._kept.reader.display

    def insert(self, slot: Slot, card: Path | str) -> None:
        """Put a card into a slot. Raises as `put_in`."""
        put_in(self._kept, slot, card)

    def remove(self, slot: Slot) -> None:
        """Take a card out. Raises SlotEmpty."""
        take_out(self._kept, slot)

    def press(self, key: Key) -> None:
        """Press a key."""
        self._kept.reader.press(key)

    def wait(self, ms: int) -> None:
        """Go on serving for `ms` milliseconds."""
        self._server.run(ms)

    def power(self, on: bool) -> None:
        """Switch the reader on or off; without power every host's session ends."""
        if on:
            self._kept.power_on()
        else:
            self._kept.reader.power_off()
            self._kept.directory.sync()
        self._server.run(0)

    def cable(self, plugged: bool) -> None:
        """Unplug all cables, or plug them back in. Raises PortUnavailable for a lost device."""
        if plugged != self._plugged:
            self._cable.plug(False)
            self._server.plug(plugged)
            self._plugged = plugged

    def send(self, lad: Lad, apdu: bytes) -> bytes | None:
        """Send a command over a cable of the script's own. Raises as `ScriptCable.send`."""
        self._cable.plug(self._plugged)
        return self._cable.send(lad, apdu)

    def verify(self, code: str) -> None:
        """Verify a code porteur over a cable of the script's own. Raises as `ScriptCable.verify`."""
        self._cable.plug(self._plugged)
        self._cable.verify(code)

    def save(self, path: Path) -> None:
        """Write a snapshot. Raises as `ScriptCable.save`."""
        self._cable.save(path)

    def restore(self, path: Path) -> None:
        """Go to the moment of a snapshot; the sessions of all hosts end. Raises as `ScriptCable.restore`."""
        self._cable.restore(path)
        plugged = self._cable.plugged
        self._cable.plug(False)
        self._server.plug(False)
        if plugged:
            self._server.plug(True)
        self._plugged = plugged

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
        """Return a line each for the switch, the clock, the slots, the cables and the reader's addresses."""
        doors = (
            Sentence("link    {door} at {address}", door=door.name, address=door.address)
            for door in self._server.doors
        )
        return (*describe(self._kept), CABLE[self._plugged], *doors)
