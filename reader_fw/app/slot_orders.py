"""Orders to a card slot itself, which reach it in place of an APDU to its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.slot_order import SLOT_STATE, SlotOrder, SlotState

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.board.slots import Slot


def carry_out_order(app: LogSv, slot: Slot, apdu: bytes) -> bytes:
    """Carry out an order, and return the response APDU: the slot's state, or a status word that refuses."""
    try:
        command = CommandApdu.parse(apdu)
    except CodecError:
        return ResponseApdu(b"", Status.WRONG_LENGTH).build()
    if command.p1 or command.p2:
        return ResponseApdu(b"", Status.WRONG_PARAMETERS).build()
    if command.data or not command.ne:
        return ResponseApdu(b"", Status.WRONG_LENGTH).build()
    atr = b""
    match command.ins:
        case SlotOrder.POWER_ON:
            atr = app.cards.reset(slot)
        case SlotOrder.POWER_OFF:
            app.cards.power_off(slot)
        case SlotOrder.LOOK:
            pass
        case _:
            return ResponseApdu(b"", Status.INSTRUCTION_NOT_SUPPORTED).build()
    slots = app.board.slots
    state = SlotState(
        slots.card(slot) is not None, app.boots, slots.insertions(slot), app.cards.uses(slot), atr
    )
    return ResponseApdu(SLOT_STATE.build(state)).build()
