"""The two card slots as the GALSS tells of them: state, counter of states, answer to reset."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.apdu import ResponseApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError, IncoherentAnswer, LinkError, ReaderHeld
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.slot_order import SLOT_STATE, SlotOrder, SlotState

_NOTHING: Final = SlotState(present=False, boots=0, insertion=0, uses=0, atr=b"")
_COUNTERS: Final = 0x100


class CardState(IntEnum):
    """The state of a slot in messages."""

    ABSENT = 0
    OFF = 1
    ON = 3


class NoSlotOrders(LinkError):
    """The reader's software is too old to power a card when it is asked to."""


@dataclass
class CardSlot:
    """What is known of a slot.

    `counter` goes up, modulo 256, whenever the card in it changes, gains or loses power, or is used by the
    reader itself after a program powered it: what a program selected or verified is then gone.
    """

    lad: Lad
    counter: int = 0
    powered: bool = False
    _seen: SlotState | None = field(default=None, repr=False)

    @property
    def state(self) -> CardState:
        """The state as last seen."""
        if self._seen is None or not self._seen.present:
            return CardState.ABSENT
        return CardState.ON if self.powered else CardState.OFF

    @property
    def is_empty(self) -> bool:
        """Whether there was no card in it when last seen."""
        return self.state is CardState.ABSENT

    @property
    def boots(self) -> int:
        """How often the reader had been switched on when last seen, 0 where it does not say."""
        return 0 if self._seen is None else self._seen.boots

    def look(self, reader: Transport) -> None:
        """Find out the state of the slot now. Raises LinkError."""
        known = self._seen is not None and self._seen.present
        if not known and not self._is_occupied(reader):
            # Asked of the reader's software, as PC/SC has no way to a slot without a card.
            self._note(replace(self._seen or _NOTHING, present=False))
            return
        try:
            found = _order(reader, self.lad, SlotOrder.LOOK)
        except NoSlotOrders:
            found = replace(_NOTHING, present=self._is_occupied(reader))
        except LinkError:
            if self._is_occupied(reader):
                raise
            found = replace(self._seen or _NOTHING, present=False)
        self._note(found)

    def power_on(self, reader: Transport) -> bytes:
        """Power the card on, or reset it; return its answer to reset, empty where it gives none.

        Raises NoSlotOrders, LinkError.
        """
        found = _order(reader, self.lad, SlotOrder.POWER_ON)
        self._seen = replace(found, atr=b"")
        self.powered = bool(found.present and found.atr)
        self._count()
        return found.atr

    def power_off(self, reader: Transport) -> None:
        """Take the card's power. Raises NoSlotOrders, LinkError."""
        found = _order(reader, self.lad, SlotOrder.POWER_OFF)
        self._note(found)

    def _is_occupied(self, reader: Transport) -> bool:
        found = ReaderClient(reader).diagnostics()
        return found.ps_card if self.lad is Lad.PS else found.vitale_card

    def _note(self, found: SlotState) -> None:
        found, before = replace(found, atr=b""), self._seen
        self._seen = found
        if before is None or found == before:
            return
        moved = (found.present, found.boots, found.insertion) != (
            before.present,
            before.boots,
            before.insertion,
        )
        if moved or self.powered:
            self.powered = False
            self._count()

    def _count(self) -> None:
        self.counter = (self.counter + 1) % _COUNTERS


def _order(reader: Transport, lad: Lad, order: SlotOrder) -> SlotState:
    try:
        response = ResponseApdu.parse(reader.transmit(order.apdu, lad))
        if response.word == Status.OK:
            return SLOT_STATE.parse(response.data)
    except CodecError as error:
        raise IncoherentAnswer(error.message, "Switch the reader off and on, then try again") from None
    if response.word == Status.READER_HELD:
        raise ReaderHeld(Status.READER_HELD.en, Status.READER_HELD.en_action)
    raise NoSlotOrders("The reader takes no orders for its card slots", "Update the reader's software")
