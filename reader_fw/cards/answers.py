"""How a card gives its data: at once, or behind 61xx and 6Cxx as T=0 requires (ISO/IEC 7816-3 §12.2).

The data of a case 4 command wait for GET RESPONSE, and a wrong Le is answered with 6Cxx. A T=1 card, and any
card that is asked with extended lengths, answers with the data at once.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.apdu import MAX_NE, MAX_SHORT_NE, CommandApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.cards.channel import Channel
from tla_sim.reader_fw.cards.refusal import CardRefusal

OK: Final = b"\x90\x00"
_END_OF_FILE: Final = b"\x62\x82"
_WHOLE_FILE: Final = (MAX_SHORT_NE, MAX_NE)


class Answers:
    """The answers of a card that speaks T=0, or T=1 (`at_once`)."""

    def __init__(self) -> None:
        self.at_once = False

    def respond(self, channel: Channel, command: CommandApdu, data: bytes) -> bytes:
        """Answer a case 4 command with data, at once if the transport allows, else through GET RESPONSE."""
        given = command.ne if self.at_once or command.extended else 0
        channel.pending = data[given:]
        if channel.pending:
            return data[:given] + _more(channel.pending)
        return data + OK

    def give(self, command: CommandApdu, data: bytes) -> bytes:
        """Answer a case 2 command with data, of which there may be fewer than its Le asks for."""
        if len(data) >= command.ne:
            return data[: command.ne] + OK
        if self.at_once or command.extended:
            return data + (OK if command.ne in _WHOLE_FILE else _END_OF_FILE)
        raise CardRefusal(0x6C00 | len(data))

    def get_response(self, channel: Channel, command: CommandApdu) -> bytes:
        """GET RESPONSE: give the data that wait, or a part of them."""
        pending = channel.pending
        if not pending:
            raise CardRefusal(Status.CONDITIONS_NOT_SATISFIED)
        if command.p1 or command.p2 or command.data:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        wanted = command.ne or MAX_SHORT_NE
        if wanted > len(pending) and wanted not in _WHOLE_FILE:
            raise CardRefusal(0x6C00 | len(pending) & 0xFF)
        channel.pending = pending[wanted:]
        return pending[:wanted] + (_more(channel.pending) if channel.pending else OK)


def _more(pending: bytes) -> bytes:
    return bytes((0x61, min(len(pending), 0x100) & 0xFF))
