"""The firmware's access to cards: what it reads of a PS card and of a Vitale, and the signatures of both.

`PsCard` and `VitaleCard` are made anew at each insertion and after each reset of the card. They keep what
they read; none of it is trusted before its certificate is verified. Once the key is prepared, a signature
takes two APDUs. Source: ISO/IEC 7816-4; files as in `tla_sim.reader_fw.cards.addresses`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, TypeVar

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Insured
from tla_sim.reader_fw.app.card_dialogue import (
    CardDialogue,
    CardRefused,
    CardUnusable,
    Transmit,
    refusal_of,
)
from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards.code_porteur import code_block
from tla_sim.reader_fw.cards.file_system import MF_FID
from tla_sim.reader_fw.cards.models import SIGNATURE_KEYS

G = TypeVar("G", bound=Group)

SIGNATURE_BYTES: Final = 256

_SIGNATURE_ALGORITHM: Final = 0x02
_LOST_ENVIRONMENT: Final = (Status.CONDITIONS_NOT_SATISFIED, Status.REFERENCE_NOT_FOUND)


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
            raise refusal_of(word, command)
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


def _take_one(groups: tuple[Group, ...], kind: type[G]) -> G:
    if len(groups) != 1 or not isinstance(groups[0], kind):
        raise CardUnusable(
            "The card's group {number} is missing or doubled",
            "Use another card",
            number=kind.DECLARATION.number,
        )
    return groups[0]
