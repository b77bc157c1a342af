"""Messages of `Echange`: orders to a card slot, instructions to its card or to the reader's own software.

A message has three bytes (domain 00, LAD, command), then what the command takes. An answer begins with the
result `cr`; answers of the domain go on with state and counter, but for an unknown domain or command, and for
a reader that was restarted.

    00 lad 16                      is there a card?           cr state counter
    00 lad 14                      power on, or reset         cr state counter ATR
    00 lad 15 01                   power off                  cr state counter
    00 lad 15 00                   power off to be taken out  cr state counter
    00 lad 00|01 counter TPDU      T=0 instruction, in|out    cr state counter data SW

Source: the public sources of the CPS Cryptolib. Project-defined: an instruction to LAD 0, the reader's own
software, is a whole command APDU, short or extended; that LAD is always on, its counter 0. Inferred: a LAD
other than the session's is an unknown application; 04 answers the first instruction after the reader was
restarted; 12 says that a card is still there, without waiting for it to be taken out. The common domain FF
has no command that we know: 02.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.server.galss.sessions import Session
from tla_sim.host.ssv.server.galss.slots import CardSlot, CardState, NoSlotOrders
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import LinkError, ReaderHeld
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.slot_order import CLA as SLOT_CLASS

_CARDS, _COMMON = 0x00, 0xFF
_HEAD: Final = 3
_TPDU: Final = 5
_APDU: Final = 4
_SW: Final = 2
_ABSENT: Final = {Lad.PS: Status.PS_CARD_ABSENT, Lad.VITALE: Status.VITALE_ABSENT}
_TS: Final = (0x3B, 0x3F)
_ATR_BYTES: Final = range(2, 34)
_PPSS: Final = 0xFF
_TO_BE_TAKEN_OUT, _STAYS_IN = b"\0", b"\1"


class Command(IntEnum):
    """What a message asks for."""

    INCOMING = 0x00
    OUTGOING = 0x01
    POWER_ON = 0x14
    POWER_OFF = 0x15
    PRESENCE = 0x16


class Result(IntEnum):
    """The first byte of an answer."""

    DONE = 0x00
    APPLICATION = 0x01
    COMMAND = 0x02
    REFUSED = 0x03
    RESET = 0x04
    UNSUPPORTED = 0x10
    MUTE = 0x11
    STILL_PRESENT = 0x12
    INCOHERENT = 0x13
    COUNTER = 0x16
    ABSENT = 0x17


class Messenger:
    """Carries messages to the reader. It must be called by one thread at a time, with the turn."""

    def __init__(self) -> None:
        self._slots = {lad: CardSlot(lad) for lad in (Lad.PS, Lad.VITALE)}

    def answer(self, session: Session, reader: Transport, message: bytes) -> bytes:
        """Return the answer to a message.

        Raises CallRefused with 4000 for less than three bytes, LinkError.
        """
        if len(message) < _HEAD:
            raise CallRefused(SsvCode.PARAMETER, "A message has at least three bytes", "Send it whole")
        domain, lad, number = message[:_HEAD]
        if domain not in (_CARDS, _COMMON) or (domain == _CARDS and lad != session.lad):
            return bytes((Result.APPLICATION,))
        if domain == _COMMON or number not in list(Command):
            return bytes((Result.COMMAND,))
        command, rest = Command(number), message[_HEAD:]
        if session.lad is Lad.LOG_SV:
            return _answer_for_log_sv(reader, command, rest)
        return self._answer_for_card(session, reader, command, rest)

    def _answer_for_card(self, session: Session, reader: Transport, command: Command, rest: bytes) -> bytes:
        slot = self._slots[session.lad]
        slot.look(reader)
        restarted = session.boots not in (None, slot.boots)
        session.boots = slot.boots
        if command in (Command.INCOMING, Command.OUTGOING):
            if restarted:
                return bytes((Result.RESET,))
            return _instruct(slot, reader, command, rest)
        if not _fits(command, rest):
            return _told(Result.INCOHERENT, slot)
        if command is Command.PRESENCE:
            return _told(Result.DONE, slot)
        if slot.is_empty:
            done = command is Command.POWER_OFF
            return _told(Result.DONE if done else Result.ABSENT, slot)
        if command is Command.POWER_ON:
            return _power_on(slot, reader)
        try:
            slot.power_off(reader)
        except NoSlotOrders:
            return _told(Result.REFUSED, slot)
        to_be_taken_out = rest == _TO_BE_TAKEN_OUT and not slot.is_empty
        return _told(Result.STILL_PRESENT if to_be_taken_out else Result.DONE, slot)


def _fits(command: Command, rest: bytes) -> bool:
    return rest in (_TO_BE_TAKEN_OUT, _STAYS_IN) if command is Command.POWER_OFF else not rest


def _told(result: Result, slot: CardSlot, data: bytes = b"") -> bytes:
    return bytes((result, slot.state, slot.counter)) + data


def _power_on(slot: CardSlot, reader: Transport) -> bytes:
    try:
        atr = slot.power_on(reader)
    except NoSlotOrders:
        return _told(Result.UNSUPPORTED, slot)
    if slot.is_empty:
        return _told(Result.ABSENT, slot)
    if not atr:
        return _told(Result.MUTE, slot)
    if atr[0] not in _TS or len(atr) not in _ATR_BYTES:
        slot.power_off(reader)
        return _told(Result.UNSUPPORTED, slot)
    return _told(Result.DONE, slot, atr)


def _instruct(slot: CardSlot, reader: Transport, command: Command, rest: bytes) -> bytes:
    if slot.is_empty:
        return _told(Result.ABSENT, slot)
    if not rest or not _is_tpdu(command, rest[1:]):
        return _told(Result.INCOHERENT, slot)
    if rest[0] != slot.counter:
        return _told(Result.COUNTER, slot)
    if slot.state is not CardState.ON:
        return _told(Result.REFUSED, slot)
    try:
        response = reader.transmit(rest[1:], slot.lad)
    except ReaderHeld:
        raise
    except LinkError:
        # PC/SC fails for a card that was taken out; the reader itself says what happened.
        slot.look(reader)
        if not slot.is_empty:
            raise
        return _told(Result.ABSENT, slot)
    if len(response) < _SW:
        slot.look(reader)
        return _told(Result.ABSENT if slot.is_empty else Result.MUTE, slot)
    _check_held(response)
    if int.from_bytes(response, "big") == _ABSENT[slot.lad]:
        slot.look(reader)
        if slot.is_empty:
            return _told(Result.ABSENT, slot)
    return _told(Result.DONE, slot, response)


def _is_tpdu(command: Command, tpdu: bytes) -> bool:
    """Whether the bytes are a T=0 command (ISO/IEC 7816-3 §10.3) whose data go the way that is said."""
    if len(tpdu) < _TPDU or tpdu[0] in (SLOT_CLASS, _PPSS):
        return False
    data = tpdu[4] if command is Command.INCOMING else 0
    return len(tpdu) == _TPDU + data


def _answer_for_log_sv(reader: Transport, command: Command, rest: bytes) -> bytes:
    on = bytes((CardState.ON, 0))
    if command in (Command.INCOMING, Command.OUTGOING):
        if len(rest) < 1 + _APDU:
            return bytes((Result.INCOHERENT,)) + on
        if rest[0]:
            return bytes((Result.COUNTER,)) + on
        response = reader.transmit(rest[1:], Lad.LOG_SV)
        if len(response) < _SW:
            return bytes((Result.MUTE,)) + on
        _check_held(response)
        return bytes((Result.DONE,)) + on + response
    if not _fits(command, rest):
        return bytes((Result.INCOHERENT,)) + on
    return bytes((Result.DONE,)) + on + (LOG_SV_ATR if command is Command.POWER_ON else b"")


def _check_held(response: bytes) -> None:
    if int.from_bytes(response, "big") == Status.READER_HELD:
        raise ReaderHeld(Status.READER_HELD.en, Status.READER_HELD.en_action)
