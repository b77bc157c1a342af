"""Faults of the cards: pulled, mute, slow, wrong answers, forgotten code, power cut while writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tla_sim.reader_fw.board.flash import PowerCut
from tla_sim.reader_fw.board.slots import Card, Slot
from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.striking import Strikes

_WHERE = {Slot.PS: Where.PS, Slot.VITALE: Where.VITALE}


class ContactState(NamedTuple):
    """What faults did to a card since it was put in, and the protocol that it speaks."""

    protocol: int | None = None
    mute: bool = False
    gone: bool = False
    late: int = 0


class FaultyCard:
    """A card in a slot, subject to the faults of that slot. Commands count over all cards inserted in it.

    `pull` is called when the card leaves in the middle of a command.
    """

    def __init__(
        self, card: Card, slot: Slot, strikes: Strikes, count: CardCount, pull: Callable[[], None]
    ) -> None:
        self.card = card
        self._where = _WHERE[slot]
        self._strikes = strikes
        self._count = count
        self._pull = pull
        self._protocol: int | None = None
        self._mute = False
        self._gone = False
        self._late = 0

    @property
    def state(self) -> ContactState:
        """What lasts until the card is taken out, for `put_back`."""
        return ContactState(self._protocol, self._mute, self._gone, self._late)

    def put_back(self, state: ContactState) -> None:
        """Go on from a former state."""
        self._protocol, self._mute, self._gone, self._late = state

    @property
    def atr(self) -> bytes:
        """The card's answer to reset."""
        return self.card.atr

    @property
    def latency_ms(self) -> int:
        """The time of the last command in virtual ms, including the delay of a fault."""
        return self.card.latency_ms + self._late

    def power_on(self) -> bytes:
        """Activate the contacts."""
        self._protocol = None
        return self.card.power_on()

    def power_off(self) -> None:
        """Deactivate the contacts."""
        self.card.power_off()

    def select_protocol(self, number: int | None) -> None:
        """Have the card speak T=`number`, or `None`: as after a reset."""
        self._protocol = number
        self.card.select_protocol(number)

    def transmit(self, apdu: bytes) -> bytes:
        """Return the card's answer, or what a fault makes of it; empty when no answer comes."""
        # Not `strikes.next`: the two slots share one plan, but each counts its own commands.
        before = self._count.commands
        self._count.commands += 1
        self._late = 0
        for fault, _ in self._strikes.reached(Counted.APDUS, self._where, before):
            match fault.kind.what:
                case "pull":
                    self._gone = True
                    self._pull()
                case "mute":
                    self._mute = True
                case "slow":
                    self._late = int(fault.value)
                case "wrong":
                    return bytes.fromhex(fault.value)
                case "forget":
                    self.card.power_off()
                    self.card.power_on()
                    self.card.select_protocol(self._protocol)
        return b"" if self._mute or self._gone else self.card.transmit(apdu)


class CardCount:
    """The number of commands sent to the cards of one slot."""

    def __init__(self) -> None:
        self.commands = 0


def tear_persist(
    strikes: Strikes, persist: Callable[[bytes], None], cut: Callable[[], None]
) -> Callable[[bytes], None]:
    """Wrap a card's write of its memory so that the power may fail before or after it.

    `cut` is called then, and the write raises PowerCut.
    """

    def write(image: bytes) -> None:
        faults = [fault for fault, _ in strikes.next(Counted.CARD_WRITES, Where.READER)]
        for fault in faults:
            if fault.value == "before":
                cut()
                raise PowerCut("cut before a card's memory was written")
        persist(image)
        if faults:
            cut()
            raise PowerCut("cut after a card's memory was written")

    return write
