"""Where a visit script plays while the reader is served: in real time, with its cables in hosts' hands."""

from __future__ import annotations

from pathlib import Path

from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.serve import Server
from tla_sim.tools.simulator.kept_reader import KeptReader
from tla_sim.tools.visit.kept_stage import CABLE, describe, take_out


class ServedStage:
    """A person's hands on a reader that is served. Waiting takes real time, in which the reader works on."""

    def __init__(self, kept: KeptReader, server: Server) -> None:
        self._kept = kept
        self._server = server
        self._plugged = True

    @property
    def screen(self) -> Screen:
        """The four lines of 20 characters."""
        return self._kept.reader.display

    def insert(self, slot: Slot, path: Path) -> None:
        """Put a card into a slot. Raises as `KeptReader.insert`."""
        self._kept.insert(slot, path)

    def remove(self, slot: Slot) -> None:
        """Take a card out. Raises SlotEmpty."""
        take_out(self._kept, slot)

    def press(self, key: Key) -> None:
        """Press a key."""
        self._kept.reader.press(key)

    def wait(self, ms: int) -> None:
        """Serve on for a while."""
        self._server.run(ms)

    def power(self, on: bool) -> None:
        """Use the switch; every host's session ends with the power."""
        if on:
            self._kept.power_on()
        else:
            self._kept.reader.power_off()
            self._kept.directory.sync()
        self._server.run(0)

    def cable(self, plugged: bool) -> None:
        """Pull all cables out of the reader, or put them back. Raises PortUnavailable for a lost device."""
        if plugged != self._plugged:
            self._server.plug(plugged)
            self._plugged = plugged

    def describe(self) -> tuple[str, ...]:
        """The switch, the clock, the slots, the cables, and where hosts find the reader."""
        doors = (
            Sentence("link    {door} at {address}", door=door.name, address=door.address)
            for door in self._server.doors
        )
        return (*describe(self._kept), CABLE[self._plugged], *doors)
