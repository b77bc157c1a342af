"""The commands for the code porteur: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER.

Source: ISO/IEC 7816-4 §§7.5.6, 7.5.7, 7.5.10.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.apdu import MAX_SHORT_NE, CommandApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.cards import data_objects
from tla_sim.reader_fw.cards.answers import OK
from tla_sim.reader_fw.cards.channel import Channel
from tla_sim.reader_fw.cards.code_porteur import BLOCK_BYTES, CodePorteur
from tla_sim.reader_fw.cards.refusal import CardRefusal

CODE_MS: Final = 20
"""Virtual time of a presentation of the code. Project-defined, as of cards in the field."""

_LOG_OUT: Final = 0xFF
_LEFT_OUT: Final = 0x01
_NO_UNBLOCKING_CODE: Final = 0x02
"""Bits of P1 for what the data leave out: the present code (24) or a new one (2C), the unblocking code."""
_LOCAL: Final = 0x80
"""What middleware for ChipDoc adds to the code's reference when it unblocks."""


class CodeCommands:
    """The commands for the code porteur of one card."""

    def __init__(self, code: CodePorteur) -> None:
        self._code = code

    def verify(self, channel: Channel, command: CommandApdu) -> bytes:
        """VERIFY: present a code, ask for its status (no data), or log out (P1 = FF)."""
        code = self._porteur(channel, command, data_objects.UNBLOCKING_REFERENCE)
        unblocking = command.p2 == data_objects.UNBLOCKING_REFERENCE
        if command.p1 == _LOG_OUT and not command.data:
            code.forget()
            return OK
        if command.p1:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if not command.data and command.ne in (0, MAX_SHORT_NE):
            channel.latency_ms = 0
            return (code.unblocking_status() if unblocking else code.status()).to_bytes(2, "big")
        if len(command.data) != BLOCK_BYTES:
            raise CardRefusal(Status.WRONG_LENGTH)
        present = code.verify_unblocking if unblocking else code.verify
        return present(command.data).to_bytes(2, "big")

    def change(self, channel: Channel, command: CommandApdu) -> bytes:
        """CHANGE REFERENCE DATA: present the code and replace it, or with P1 = 01 replace it after VERIFY."""
        code = self._porteur(channel, command)
        data = command.data
        if command.p1 & ~_LEFT_OUT:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if len(data) != (BLOCK_BYTES if command.p1 else 2 * BLOCK_BYTES):
            raise CardRefusal(Status.WRONG_LENGTH)
        word = code.renew(data) if command.p1 else code.change(data[:BLOCK_BYTES], data[BLOCK_BYTES:])
        return word.to_bytes(2, "big")

    def unblock(self, channel: Channel, command: CommandApdu) -> bytes:
        """RESET RETRY COUNTER: with the unblocking code or after its VERIFY, with a new code or without."""
        code = self._porteur(channel, command, data_objects.CODE_REFERENCE | _LOCAL)
        if command.p1 & ~(_LEFT_OUT | _NO_UNBLOCKING_CODE):
            raise CardRefusal(Status.WRONG_PARAMETERS)
        unblocks = not command.p1 & _NO_UNBLOCKING_CODE
        replaces = not command.p1 & _LEFT_OUT
        if len(command.data) != (unblocks + replaces) * BLOCK_BYTES:
            raise CardRefusal(Status.WRONG_LENGTH)
        unblocking = command.data[:BLOCK_BYTES] if unblocks else None
        new = command.data[-BLOCK_BYTES:] if replaces else None
        return code.unblock(unblocking, new).to_bytes(2, "big")

    def _porteur(self, channel: Channel, command: CommandApdu, *others: int) -> CodePorteur:
        if command.p2 not in (data_objects.CODE_REFERENCE, *others):
            raise CardRefusal(Status.REFERENCE_NOT_FOUND)
        channel.latency_ms = CODE_MS
        return self._code
