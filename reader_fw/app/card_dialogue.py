"""The firmware's exchanges with a card: by APDUs alone, over a function that carries one there and back.

Source: ISO/IEC 7816-4, and 7816-3 §12.2 for the answers 61xx and 6Cxx of T=0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.apdu import MAX_SHORT_NE, CommandApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import Category, CodecError, StatusError, TlaError
from tla_sim.protocol.groups.declaration import Group, decode_typed
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards import addresses as at

Transmit = Callable[[bytes], bytes]

MAX_FILE_BYTES: Final = 0x8000

_GET_RESPONSE: Final = bytes.fromhex("00C0000000")
_SERIAL_HEADER: Final = b"\x5a\x0a"
_MAX_STEPS: Final = 400
"""The number of APDUs after which an answer that does not end is given up."""


class CardMute(TlaError):
    """The card gave no answer, or less than a status word: it was removed, or has no power."""

    category = Category.LINK

    ssv = 0xF014


class CardWithdrawn(CardMute):
    """The card gave no answer because it was taken out of the slot."""


class CardUnusable(TlaError):
    """The card does not hold what a card of its kind must hold."""

    category = Category.REFUSED

    ssv = 0xF004


class CardForeign(CardUnusable):
    """The card refuses the class of every command that the firmware sends, as a Vitale 1 does."""

    ssv = 0xF014


class CardRefused(StatusError):
    """The card answered with `word`, a status word that ends the operation."""


class CardDialogue:
    """The exchanges with one card: fetches data after 61xx, repeats with the length of 6Cxx, reads files."""

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit

    def exchange(self, command: CommandApdu) -> tuple[bytes, int]:
        """Return the response data and the final status word of one command.

        Raises CardMute, or CardUnusable when the answer does not end.
        """
        return self.exchange_raw(command.build())

    def exchange_raw(self, apdu: bytes) -> tuple[bytes, int]:
        """Do the same as `exchange` for a command that is already in bytes."""
        data = b""
        for _ in range(_MAX_STEPS):
            answer = self._transmit(apdu)
            if len(answer) < 2:
                raise CardMute("The card does not answer", "Take it out and insert it again")
            sw1, sw2 = answer[-2], answer[-1]
            if sw1 == 0x6C and _ends_with_length(apdu):
                apdu = apdu[:-1] + bytes((sw2,))
                continue
            data += answer[:-2]
            if sw1 != 0x61:
                return data, sw1 << 8 | sw2
            if len(data) > MAX_FILE_BYTES:
                break
            apdu = _GET_RESPONSE
        raise CardUnusable("The card's answer does not end", "Use another card")

    def request(self, command: CommandApdu) -> bytes:
        """Return the response data of a command that must succeed. Raises CardRefused, too."""
        data, word = self.exchange(command)
        if word != Status.OK:
            raise refusal_of(word, command)
        return data

    def select_application(self, aid: bytes) -> None:
        """Select a DF by name. Raises CardForeign, or CardUnusable for a card without this application."""
        _, word = self.exchange(CommandApdu(0, 0xA4, 0x04, 0x0C, aid))
        if word == Status.CLASS_NOT_SUPPORTED:
            raise CardForeign(
                "The card knows no command of this reader's; it may be a Vitale 1", "Use another card"
            )
        if word == Status.FILE_NOT_FOUND:
            raise CardUnusable("The card is not of the kind that belongs here", "Use another card")
        if word != Status.OK:
            raise CardRefused(word, "selecting the card's application")

    def read_short(self, sfi: int) -> bytes:
        """Return the whole content of the file with a short identifier in the current DF.

        Raises CardUnusable when the file does not end.
        """
        content = self.request(CommandApdu(0, 0xB0, 0x80 | sfi, 0, ne=MAX_SHORT_NE))
        # A short answer is the end of the file. A file that ends with a full one shows by WRONG_OFFSET.
        while content and len(content) % MAX_SHORT_NE == 0:
            if len(content) >= MAX_FILE_BYTES:
                raise CardUnusable("A file of the card has no end", "Use another card")
            offset = len(content)
            more, word = self.exchange(CommandApdu(0, 0xB0, offset >> 8, offset & 0xFF, ne=MAX_SHORT_NE))
            if word == Status.WRONG_OFFSET:
                break
            if word != Status.OK or not more:
                raise CardRefused(word, "reading a file of the card")
            content += more
        return content

    def serial(self) -> str:
        """Return the card's serial number from EF.SN in the MF: 20 digits. Raises CardUnusable."""
        self.request(CommandApdu(0, 0xA4, 0x00, 0x0C, bytes.fromhex("3F00")))
        content = self.read_short(at.EF_SN_SFI)
        number = content[2:].hex()
        if content[:2] != _SERIAL_HEADER or len(number) != 2 * _SERIAL_HEADER[1] or not number.isdigit():
            raise CardUnusable("The card's serial number is unreadable", "Use another card")
        return number

    def groups(self, sfi: int) -> tuple[Group, ...]:
        """Return the groups in the file with a short identifier in the current DF. Raises CardUnusable."""
        try:
            return decode_typed(self.read_short(sfi))
        except CodecError as error:
            raise CardUnusable(
                "The card's data are unreadable: {reason}", "Use another card", reason=error.message
            ) from None


def refusal_of(word: int, command: CommandApdu) -> CardRefused:
    """Return the error of a command that the card refused with `word`."""
    return CardRefused(word, Sentence("command {instruction:02X} to the card", instruction=command.ins))


def _ends_with_length(apdu: bytes) -> bool:
    """Return whether the last byte of a short command is an Le.

    Otherwise it is data, such as a digit of a code or a byte to be signed, which must not be replaced.
    """
    return len(apdu) == 5 or (len(apdu) > 5 and len(apdu) == 6 + apdu[4])
