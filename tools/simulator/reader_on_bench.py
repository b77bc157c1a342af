"""A reader on a test bench, for tests of software that talks to one: in virtual time, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.practice.model import Practice
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.board.board import Board
from tla_sim.reader_fw.board.clock import Clock
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.issue import TEST_CODE
from tla_sim.reader_fw.links.ccid_link import CcidLink
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.reader_fw.links.vpcd_link import VpcdLink
from tla_sim.tools.cast.cards import Cast
from tla_sim.tools.faults.kinds import Where
from tla_sim.tools.faults.line import LineFaults
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.ccid_host import CcidHost, CcidTransport
from tla_sim.tools.simulator.in_process import in_process
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport
from tla_sim.tools.simulator.vpcd_host import VpcdTransport

MORNING: Final = 1_551_772_800_000
"""2019-03-05 08:00, reader local time."""

LINKS: Final = ("memory", "serial", "ccid", "vpcd")
_FLASH_BYTES: Final = 2 * 1024 * 1024


class UnknownCard(LookupError):
    """No card of the practice has this name."""


def _kept_nowhere(image: bytes) -> None:
    """A card on the bench is its own memory."""


class ReaderOnBench:
    """One reader, the cards of a practice beside it, faults as planned, and the clock in your hand.

    `code` is the code porteur of every card. Cards are named by the holder's last name, Vitales by the
    patient's. Faults of the line strike on `serial` alone. Raises ValueError for a plan with faults of a
    host: the host is yours.
    """

    code = TEST_CODE

    def __init__(self, practice: Practice, plan: FaultPlan | None = None, seed: int = 1) -> None:
        self.practice = practice
        self.strikes = Strikes(plan or FaultPlan())
        if hosts := self.strikes.plan.of(Where.HOST).faults:
            raise ValueError(f"{hosts[0]} happens to a host, not to a reader")
        self.entropy = SeededEntropy(seed)
        self.clock = Clock(MORNING)
        self._image = blank_image(_FLASH_BYTES)
        board = Board(self.clock, self.entropy, NorFlash(self._image), bytes(range(32)))
        self.reader = FaultyReader(board, self.strikes)
        self.reader.power_on()
        self._cast = Cast(practice, self.entropy, persist=self.reader.torn(_kept_nowhere))

    def transport(self, link: str = "memory", baud: int | None = 9600) -> Transport:
        """A transport of the host on a new cable.

        `memory` is plain calls, `serial` T=1 at `baud`, `ccid` and `vpcd` the slots as PC/SC has them.
        Raises ValueError for another link.
        """
        match link:
            case "memory":
                return in_process(self.reader)
            case "serial":
                settings = LinkSettings(baud=baud)
                end = T1Link(self.reader.attach("serial"), self.clock, settings)
                faults = LineFaults(self.strikes, lambda: self._pull_out(cable))
                cable = VirtualCable(
                    end, self.clock, self.advance, baud, faults.damage, lambda: faults.late_ms
                )
                return cable_transport(cable, settings)
            case "ccid":
                cards, software = self.reader.attach("ccid-cards"), self.reader.attach("ccid-software")
                slots = CcidLink(cards, software, self.clock)
                return CcidTransport(CcidHost(slots, self.clock, self.advance))
            case "vpcd":
                port = self.reader.attach("vpcd")
                links = {lad: VpcdLink(port, self.clock, lad) for lad in Lad}
                return VpcdTransport(links, self.clock, self.advance)
            case _:
                raise ValueError(f"there is no link {link}: {', '.join(LINKS)}")

    def client(self, link: str = "memory") -> ReaderClient:
        """The typed client on a new cable."""
        return ReaderClient(self.transport(link), self.entropy.take)

    def unplug(self) -> None:
        """Every cable out: the reader is on a visit."""
        for port in self.reader.ports:
            port.detach()

    def _pull_out(self, cable: VirtualCable) -> None:
        cable.plugged = False
        self.unplug()

    def advance(self, ms: int) -> None:
        """Let virtual time pass."""
        self.reader.tick(ms)

    def card(self, name: str) -> Card:
        """A card by name; the same chip each time. Raises UnknownCard."""
        for who in (*self.practice.practitioners, *self.practice.staff):
            if who.last_name == name:
                return self._cast.ps(who)
        for patient in self.practice.patients:
            if any(each.last_name == name for each in patient.beneficiaries):
                return self._cast.vitale(patient)
        raise UnknownCard(name)

    def insert_ps(self, name: str) -> None:
        """Put a PS card in, the one before out."""
        self._insert(Slot.PS, name)

    def insert_vitale(self, name: str) -> None:
        """Put a Vitale in, the one before out."""
        self._insert(Slot.VITALE, name)

    def _insert(self, slot: Slot, name: str) -> None:
        self.reader.remove(slot)
        self.reader.insert(slot, self.card(name))

    def remove_cards(self) -> None:
        """Both slots empty."""
        for slot in Slot:
            self.reader.remove(slot)

    def press(self, *keys: str) -> None:
        """Press keys by their legends; a text of digits is typed digit by digit."""
        for key in keys:
            for each in key if key.isdigit() else (key,):
                self.reader.press(Key(each))

    @property
    def screen(self) -> tuple[str, ...]:
        """The four lines of the display, without blanks at their ends."""
        return tuple(line.rstrip() for line in self.reader.display)


MakeBench = Callable[..., ReaderOnBench]
"""`make(plan="", seed=1)`: another reader, with a fault plan as text."""
