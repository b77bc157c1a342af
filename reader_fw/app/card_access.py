"""The firmware's access to cards: by APDUs alone, over a function that carries one to the card and back.

`PsCard` and `VitaleCard` are made anew at each insertion and after each reset of the card. They keep what
they read; none of it is trusted before its certificate is verified. Once the key is prepared, a signature
takes two APDUs. Source: ISO/IEC 7816-4; files as in `tla_sim.reader_fw.cards.addresses`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, TypeVar

from tla_sim.protocol.apdu import MAX_SHORT_NE, CommandApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import Category, CodecError, StatusError, TlaError
from tla_sim.protocol.groups.declaration import Group, decode_typed
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Insured
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards.code_porteur import code_block
from tla_sim.reader_fw.cards.file_system import MF_FID
from tla_sim.reader_fw.cards.models import SIGNATURE_KEYS

Transmit = Callable[[bytes], bytes]
G = TypeVar("G", bound=Group)

MAX_FILE_BYTES: Final = 0x8000
SIGNATURE_BYTES: Final = 256

_GET_RESPONSE: Final = bytes.fromhex("00C0000000")
_SERIAL_HEADER: Final = b"\x5a\x0a"
_MAX_STEPS: Final = 400
"""The number of APDUs after which an answer that does not end is given up."""
_SIGNATURE_ALGORITHM: Final = 0x02
_LOST_ENVIRONMENT: Final = (Status.CONDITIONS_NOT_SATISFIED, Status.REFERENCE_NOT_FOUND)


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


class Presented(Enum):
    """The card's verdict on a code porteur."""

    RIGHT = "right"
    WRONG = "wrong"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """The card's verdict on a code, and how many wrong ones it still allows (0..3)."""

    presented: Presented
    tries_left: int

    def __bool__(self) -> bool:
        return self.presented is Presented.RIGHT


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
            raise _refused(word, command)
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


def _refused(word: int, command: CommandApdu) -> CardRefused:
    return CardRefused(word, Sentence("command {instruction:02X} to the card", instruction=command.ins))


class _SigningKey:
    """A key that is prepared once (MANAGE SECURITY ENVIRONMENT) and signs until somebody else undoes it.

    The card has it under one of `references`, of which there is at least one, depending on its model.
    """

    def __init__(self, dialogue: CardDialogue, *references: int) -> None:
        self._dialogue = dialogue
        self._prepare = tuple(
            CommandApdu(0, 0x22, 0x41, 0xB6, bytes((0x84, 1, each, 0x80, 1, _SIGNATURE_ALGORITHM)))
            for each in references
        )
        self._ready = False

    def sign(self, digest_info: bytes) -> bytes:
        """Return the signature (256 bytes). Raises CardRefused, CardMute, CardUnusable."""
        apdu = CommandApdu(0, 0x2A, 0x9E, 0x9A, digest_info).build()
        was_ready = self._ready
        if not was_ready:
            self._make_ready()
        signature, word = self._dialogue.exchange_raw(apdu)
        # The workstation may have used the card in between. Only a key that was ready before is prepared a
        # second time: one that refuses right after it was prepared would refuse for ever.
        if was_ready and word in _LOST_ENVIRONMENT:
            self._make_ready()
            signature, word = self._dialogue.exchange_raw(apdu)
        if word != Status.OK:
            raise CardRefused(word, "signing")
        if len(signature) != SIGNATURE_BYTES:
            raise CardUnusable("The card's signature has a wrong length", "Use another card")
        return signature

    def _make_ready(self) -> None:
        self._ready = False  # for a card that refuses
        for command in self._prepare:
            _, word = self._dialogue.exchange(command)
            if word != Status.REFERENCE_NOT_FOUND:
                break
        if word != Status.OK:
            raise _refused(word, command)
        self._prepare = (command,)
        self._ready = True


class PsCard:
    """A PS card in the slot.

    Every property reads the card on first use, and raises CardMute, CardRefused or CardUnusable.
    """

    def __init__(self, transmit: Transmit) -> None:
        self._dialogue = CardDialogue(transmit)
        self._key = _SigningKey(self._dialogue, *SIGNATURE_KEYS)

    @cached_property
    def serial(self) -> str:
        """The card's serial number, 20 digits."""
        return self._dialogue.serial()

    @cached_property
    def holder(self) -> PsHolder:
        """The holder of the card."""
        self._dialogue.select_application(at.PS_AID)
        return _take_one(self._dialogue.groups(at.PS_HOLDER_SFI), PsHolder)

    @cached_property
    def tells_its_type(self) -> bool:
        """Whether the card has CPS_ID_CARD, as all since version 0.2, when the type of a CPE changed."""
        path = b"".join(fid.to_bytes(2, "big") for fid in (MF_FID, at.PS_DF, at.PS_ID_CARD))
        _, word = self._dialogue.exchange(CommandApdu(0, 0xA4, 0x09, 0x0C, path))
        return word == Status.OK

    @cached_property
    def situations(self) -> tuple[PsSituation, ...]:
        """The holder's billing situations."""
        self._dialogue.select_application(at.PS_AID)
        groups = self._dialogue.groups(at.PS_SITUATIONS_SFI)
        found = tuple(group for group in groups if isinstance(group, PsSituation))
        if len(found) != len(groups):
            raise CardUnusable("The card's situations are of another kind", "Use another card")
        return found

    @cached_property
    def certificate(self) -> bytes:
        """The certificate (DER) of the signature key, not verified."""
        self._dialogue.select_application(at.PS_AID)
        return self._dialogue.read_short(at.PS_SIGNATURE_CERTIFICATE_SFI)

    def tries_left(self) -> int:
        """Return how many wrong codes the card still allows, 0 when blocked; ask the card each time.

        A card whose code is verified does not tell, and is taken to have all three.
        """
        _, word = self._dialogue.exchange(CommandApdu(0, 0x20, 0, 1))
        return self._answer(word).tries_left

    def verify_code(self, code: bytes) -> CodeAnswer:
        """Present a code of 4 to 8 ASCII digits. Raises ValueError for another form, without using a try."""
        _, word = self._dialogue.exchange(CommandApdu(0, 0x20, 0, 1, code_block(code)))
        return self._answer(word)

    def forget_code(self) -> None:
        """End the card's security status: the code must be presented again before it signs."""
        self._dialogue.request(CommandApdu(0, 0x20, 0xFF, 1))

    def sign(self, digest_info: bytes) -> bytes:
        """Return the signature (256 bytes) of a DER DigestInfo (1..245 bytes).

        Raises CardRefused with 6982 when the code is not verified.
        """
        return self._key.sign(digest_info)

    @staticmethod
    def _answer(word: int) -> CodeAnswer:
        if word == Status.OK:
            return CodeAnswer(Presented.RIGHT, 3)
        if word & 0xFFF0 == Status.CODE_WRONG:
            return CodeAnswer(Presented.WRONG, word & 0xF)
        if word == Status.CODE_BLOCKED:
            return CodeAnswer(Presented.BLOCKED, 0)
        raise CardRefused(word, "presenting the code porteur")


class VitaleCard:
    """A Vitale card in the slot. Its properties work like those of `PsCard`; it signs without a code."""

    def __init__(self, transmit: Transmit) -> None:
        self._dialogue = CardDialogue(transmit)
        self._key = _SigningKey(self._dialogue, at.VITALE_KEY)

    @property
    def serial(self) -> str:
        """The card's serial number, 20 digits, from group 101."""
        return self.insured.card_serial

    @cached_property
    def insured(self) -> Insured:
        """Group 101."""
        self._dialogue.select_application(at.VITALE_AID)
        return _take_one(self._dialogue.groups(at.VITALE_INSURED_SFI), Insured)

    @cached_property
    def beneficiaries(self) -> tuple[Group, ...]:
        """The groups 104 in the card's order, each followed by its groups 105 to 109."""
        self._dialogue.select_application(at.VITALE_AID)
        return self._dialogue.groups(at.VITALE_BENEFICIARIES_SFI)

    @cached_property
    def certificate(self) -> bytes:
        """The certificate (DER) of the card's key, not verified."""
        self._dialogue.select_application(at.VITALE_AID)
        return self._dialogue.read_short(at.VITALE_CERTIFICATE_SFI)

    def sign(self, digest_info: bytes) -> bytes:
        """Return the signature (256 bytes) of a DER DigestInfo (1..245 bytes)."""
        return self._key.sign(digest_info)


def _ends_with_length(apdu: bytes) -> bool:
    """Return whether the last byte of a short command is an Le.

    Otherwise it is data, such as a digit of a code or a byte to be signed, which must not be replaced.
    """
    return len(apdu) == 5 or (len(apdu) > 5 and len(apdu) == 6 + apdu[4])


def _take_one(groups: tuple[Group, ...], kind: type[G]) -> G:
    if len(groups) != 1 or not isinstance(groups[0], kind):
        raise CardUnusable(
            "The card's group {number} is missing or doubled",
            "Use another card",
            number=kind.DECLARATION.number,
        )
    return groups[0]
