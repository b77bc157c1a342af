"""Orders to a card slot itself instead of to the card in it: look, power on, power off. Project-defined.

They travel like a command to the card, as APDUs of case 2 with the class FE, which no card here knows. So
every link carries them, a PC/SC slot included. An older reader passes them on to the card, which refuses the
class. Their instructions are the command bytes that GALSS messages have for the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from tla_sim.protocol.apdu import MAX_SHORT_NE, CommandApdu
from tla_sim.protocol.wire.forms import Differs
from tla_sim.protocol.wire.record import Record, blob16, boolean, u32

CLA: Final = 0xFE


class SlotOrder(IntEnum):
    """What the slot is to do."""

    POWER_ON = 0x14
    POWER_OFF = 0x15
    LOOK = 0x16

    @property
    def apdu(self) -> bytes:
        """The APDU that carries the order (5 bytes)."""
        return CommandApdu(CLA, self, ne=MAX_SHORT_NE).build()


@dataclass(frozen=True)
class SlotState:
    """What a slot answers to every order.

    Equal `boots`, `insertion` and `uses` say that the card was neither moved nor touched by anybody but the
    hosts that pass APDUs to it.
    """

    present: bool = boolean("a card is in the slot")
    boots: int = u32("times the reader was switched on", differs=Differs.BY_RUN)
    insertion: int = u32("cards put into this slot so far", differs=Differs.BY_RUN)
    uses: int = u32(
        "times that the reader powered the card or spoke to it for itself", differs=Differs.BY_RUN
    )
    atr: bytes = blob16("answer to reset, after power-on; empty where the card is mute or absent")


SLOT_STATE: Final = Record(SlotState)
