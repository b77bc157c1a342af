"""Where a visit script plays while the reader is served: in real time, with its cables in hosts' hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1_block import Edc
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.reader_fw.serve import LinkSpec, Server
from tla_sim.tools.kept_reader import KeptReader
from tla_sim.tools.kept_stage import Screen, describe, take_out


class WatchedReader:
    """A reader as the serving loop drives it; `on_screen` is called when what it shows has changed."""

    def __init__(self, reader: Reader, on_screen: Callable[[Screen], None]) -> None:
        self._reader = reader
        self._on_screen = on_screen
        self._shown: Screen | None = None

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return self._reader.on

    def attach(self, name: str) -> ReaderPort:
        """Plug a cable in."""
        return self._reader.attach(name)

    def tick(self, ms: int) -> None:
        """Let time pass, then look at the screen."""
        self._reader.tick(ms)
        self.look()

    def look(self, again: bool = False) -> None:
        """Tell of the screen if it changed, or `again` in any case."""
        screen = self._reader.display
        if again or screen != self._shown:
            self._shown = screen
            self._on_screen(screen)


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
        doors = (f"link    {door.name} at {door.address}" for door in self._server.doors)
        return (*describe(self._kept), f"cable   {'in' if self._plugged else 'out'}", *doors)


def reader_url(spec: LinkSpec, address: str) -> str:
    """How a host names a reader that is served at `address`; empty for the far end of a real cable."""
    if spec.kind in ("ccid", "vpcd"):
        return "pcsc:" if Lad.LOG_SV in spec.slots else ""
    scheme = {"pty": "serial:", "tcp": "socket://"}.get(spec.kind)
    if scheme is None:
        return ""
    options = [f"baud={spec.baud}"] if spec.baud else []
    if spec.edc is not Edc.CRC:
        options.append(f"edc={spec.edc.value}")
    place = address.replace("%", "%25").replace("?", "%3F")
    return scheme + place + ("?" + "&".join(options) if options else "")
