"""Codes porteur taken out of the commands that are recorded. What a card made of a code is on tape instead.

The stand-in has the same form, so that reader and card take the same way through it: each digit becomes 0,
padding stays, and anything else becomes 00. A code that travels enciphered is replaced under the same key.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.commands.cards import VERIFY_CODE
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card as Chip
from tla_sim.tools.faults.cards import FaultyCard

if TYPE_CHECKING:
    from tla_sim.tools.simulator.history.recorded_port import RecordedPort

_CARD_CODES: Final = tuple(int(ins) for ins in CardIns if ins.has_code)
_DIGIT: Final = ord("0")
_FORM: Final = bytes(
    _DIGIT if chr(byte) in "0123456789" else 0xFF if byte == 0xFF else 0 for byte in range(256)
)
_HEADER: Final = 4
_MALFORMED: Final = b"\0\0"
"""What makes a command of any header too short for its length field."""


def blank_command(port: RecordedPort, lad: Lad, apdu: bytes) -> bytes:
    """Return a command that the reader and its cards take in the same way, without a code porteur in it."""
    ins = apdu[1:2]
    if not ins or ins[0] not in _CARD_CODES:
        return apdu
    if lad is Lad.LOG_SV and apdu[0] == CLA:
        return _blank_enciphered(port, apdu) if ins[0] == Ins.VERIFY_CODE else apdu
    try:
        command = CommandApdu.parse(apdu)
    except CodecError:
        return apdu[:_HEADER] + _MALFORMED
    start = _HEADER + (1 if apdu[_HEADER : _HEADER + 1] > b"\0" else 3)
    end = start + len(command.data)
    return apdu[:start] + command.data.translate(_FORM) + apdu[end:]


def _blank_enciphered(port: RecordedPort, apdu: bytes) -> bytes:
    channel = port.session.channel
    card = port.reader.board.slots.card(Slot.PS)
    try:
        command = CommandApdu.parse(apdu)
        presented = VERIFY_CODE.request.parse(command.data)
    except CodecError:
        return apdu
    blank = bytes(len(presented.cryptogram))
    if channel is not None and isinstance(card, FaultyCard) and isinstance(card.card, Chip):
        # One that does not open for this card stays one that does not open.
        with suppress(CodecError):
            blank = channel.seal_zeros(presented.cryptogram, presented.host_key, card.card.serial)
    data = VERIFY_CODE.request.build(replace(presented, cryptogram=blank))
    return command._replace(data=data).build()
