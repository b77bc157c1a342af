"""A simulated reader inside this process, in virtual time: in memory, or on a state directory."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.host.practice.model import Practice
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.app.software.profile import Profile
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.links.ccid_link import CcidLink
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.reader_fw.links.vpcd_link import VpcdLink
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.cards import Cast
from tla_sim.tools.cast.tray import CardTray
from tla_sim.tools.faults.line import LineFaults
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.body import UnknownLink
from tla_sim.tools.simulator.ccid_host import CcidHost, CcidTransport
from tla_sim.tools.simulator.in_process import in_process
from tla_sim.tools.simulator.kept_reader import KeptReader, open_card_file
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport
from tla_sim.tools.simulator.vpcd_host import VpcdTransport

LINKS: Final = ("memory", "serial", "ccid", "vpcd")
_FLASH_BYTES: Final = 2 * 1024 * 1024


class LiveReader:
    """A reader in this process with its cables. Time passes in `wait` and while the reader works."""

    def __init__(self, reader: Reader, strikes: Strikes) -> None:
        self.reader = reader
        self._strikes = strikes

    @property
    def urls(self) -> tuple[str, ...]:
        """Empty: this reader is reached by `transport`."""
        return ()

    @property
    def screen(self) -> Screen:
        """The four lines of the display, each 20 characters."""
        return self.reader.display

    @property
    def struck(self) -> tuple[str, ...]:
        """The planned faults that have happened so far, in order."""
        return tuple(str(fault) for fault in self._strikes.struck)

    def transport(self, link: str, baud: int | None) -> Transport:
        """Return a host's transport on a new cable: plain calls, T=1 at `baud`, or the slots over PC/SC.

        Raises UnknownLink.
        """
        reader, clock = self.reader, self.reader.board.clock
        match link or LINKS[0]:
            case "memory":
                return in_process(reader)
            case "serial":
                settings = LinkSettings(baud=baud)
                end = T1Link(reader.attach("serial"), clock, settings)
                faults = LineFaults(self._strikes, lambda: self._pull_out(cable))
                cable = VirtualCable(end, clock, self.wait, baud, faults.damage, lambda: faults.late_ms)
                return cable_transport(cable, settings)
            case "ccid":
                cards, software = reader.attach("ccid-cards"), reader.attach("ccid-software")
                return CcidTransport(CcidHost(CcidLink(cards, software, clock), clock, self.wait))
            case "vpcd":
                port = reader.attach("vpcd")
                return VpcdTransport({lad: VpcdLink(port, clock, lad) for lad in Lad}, clock, self.wait)
            case _:
                raise UnknownLink(
                    "A reader in this process has no link {link}",
                    "Use {links}",
                    link=link,
                    links=", ".join(LINKS),
                )

    def random(self, count: int) -> bytes:
        """Return `count` random bytes for a host, reproducible when the reader's own are."""
        return self.reader.board.entropy.take(count)

    def remove(self, slot: Slot) -> None:
        """Take the card out, if there is one in the slot."""
        self.reader.remove(slot)

    def press(self, key: Key) -> None:
        """Press a key."""
        self.reader.press(key)

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds of virtual time pass."""
        self.reader.tick(ms)

    def power(self, on: bool) -> None:
        """Switch the reader on or off. Off is a power cut: only the flash contents survive."""
        if on:
            self.reader.power_on()
        else:
            self.reader.power_off()

    def cable(self, plugged: bool) -> None:
        """Unplug every cable; `transport` plugs in a new one."""
        if not plugged:
            self.reader.unplug()

    def close(self) -> None:
        """Switch the reader off."""
        self.reader.power_off()

    def _pull_out(self, cable: VirtualCable) -> None:
        cable.plugged = False
        self.cable(False)


class ReaderInMemory(LiveReader):
    """A reader that leaves nothing on disk, switched on, with the cards of a practice at hand."""

    def __init__(
        self, practice: Practice, seed: int, moment: int, profile: Profile, strikes: Strikes
    ) -> None:
        entropy = SeededEntropy(seed)
        board = assemble_board(moment, entropy, NorFlash(blank_image(_FLASH_BYTES)))
        reader = FaultyReader(board, strikes, profile)
        super().__init__(reader, strikes)
        reader.power_on()
        self._torn = reader.tear_writes
        self._entropy = entropy
        self._cast = Cast(practice, entropy, persist=reader.tear_writes())

    def insert(self, slot: Slot, card: str | Path) -> None:
        """Put a card in; a name stands for the same chip each time.

        Raises UnknownCard, SlotOccupied, CardFileUnreadable.
        """
        if isinstance(card, Path):
            self.reader.insert(slot, open_card_file(card, self._entropy, self._torn))
        else:
            self.reader.insert(slot, self._cast.named(card))


class ReaderInDirectory(LiveReader):
    """A reader on its state directory, switched on; a card given by name has its file in the tray."""

    def __init__(self, kept: KeptReader, tray: CardTray, strikes: Strikes) -> None:
        super().__init__(kept.reader, strikes)
        self._kept = kept
        self._tray = tray

    def insert(self, slot: Slot, card: str | Path) -> None:
        """Put a card in; it stays in when this program ends. Raises as `KeptReader.insert`, UnknownCard."""
        self._kept.insert(slot, card if isinstance(card, Path) else self._tray.path(card))

    def remove(self, slot: Slot) -> None:
        """Take the card out; the slot stays empty when this program ends."""
        self._kept.remove(slot)

    def power(self, on: bool) -> None:
        """Switch on or off. Off is a power cut: only the flash contents survive. Raises StateDamaged."""
        if on:
            self._kept.power_on()
        else:
            super().power(False)
            self._kept.directory.sync()

    def close(self) -> None:
        """Switch the reader off and release its directory."""
        self._kept.close()
