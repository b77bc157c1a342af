"""A simulated reader inside this process, in virtual time: in memory, or on a state directory."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.practice.model import Practice
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.links.ccid_link import CcidLink
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.reader_fw.links.vpcd_link import VpcdLink
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.cards import Cast
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.cast.tray import CardTray
from tla_sim.tools.faults.line import LineFaults
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.body import UnknownLink, keys_of
from tla_sim.tools.simulator.ccid_host import CcidHost, CcidTransport
from tla_sim.tools.simulator.in_process import in_process
from tla_sim.tools.simulator.kept_reader import KeptReader, open_card_file
from tla_sim.tools.simulator.virtual_cable import Damage, VirtualCable, cable_transport
from tla_sim.tools.simulator.vpcd_host import VpcdTransport

LINKS: Final = ("memory", "serial", "ccid", "vpcd")
_FLASH_BYTES: Final = 2 * 1024 * 1024


def sound_reader(flash: NorFlash, seed: int, profile: Profile = TLA_1_40) -> Reader:
    """Return a reader on a flash, switched off and without faults."""
    return Reader(assemble_board(MORNING, SeededEntropy(seed), flash), profile)


class LiveReader:
    """A reader in this process with its cables: what simulator, explorer, fuzzer, benches and tests play on.

    Time passes in `wait` and while the reader works. `line_faults` damages what its serial cables carry.
    """

    def __init__(self, reader: Reader, strikes: Strikes | None = None) -> None:
        self.reader = reader
        self.strikes = strikes or Strikes(FaultPlan())
        self.line_faults = LineFaults(self.strikes, self._pull_out)
        self._cable: VirtualCable | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        """Empty: this reader is reached by `transport`."""
        return ()

    @property
    def screen(self) -> tuple[str, ...]:
        """The four lines of the display, without trailing blanks."""
        return tuple(line.rstrip() for line in self.reader.display)

    @property
    def struck(self) -> tuple[str, ...]:
        """The planned faults that have happened so far, in order."""
        return tuple(str(fault) for fault in self.strikes.struck)

    def client(self, link: str = "") -> ReaderClient:
        """Return the typed client on a new cable. Raises UnknownLink."""
        return ReaderClient(self.transport(link, 9600), self.random)

    def plug_line(self, settings: LinkSettings, damage: Damage | None = None) -> VirtualCable:
        """Plug a serial cable in and return it. `damage` replaces what `line_faults` does to its bytes."""
        clock, faults = self.reader.board.clock, self.line_faults
        end = T1Link(self.reader.attach("serial"), clock, settings)
        self._cable = VirtualCable(
            end, clock, self.wait, settings.baud, damage or faults.damage, lambda: faults.late_ms
        )
        return self._cable

    def unplug(self) -> None:
        """Unplug every cable."""
        self.reader.unplug()

    def _pull_out(self) -> None:
        """Unplug all, so that the host at the serial cable is told."""
        if self._cable is not None:
            self._cable.plugged = False
        self.unplug()

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
                return cable_transport(self.plug_line(settings), settings)
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

    def insert_chip(self, slot: Slot, image: CardImage) -> Card:
        """Put a chip fresh from the issuer in, replacing the current card, and return it."""
        self.remove(slot)
        card = Card(image, self.reader.board.entropy)
        self.reader.insert(slot, card)
        return card

    def press(self, *legends: str) -> None:
        """Press keys by their legends. Raises UnknownKey."""
        for key in keys_of(legends):
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
            self.unplug()

    def close(self) -> None:
        """Switch the reader off."""
        self.reader.power_off()


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
