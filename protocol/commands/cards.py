"""Reading the PS card and the Vitale, and verifying a code porteur.

Source: Project-defined, after the SSV functions named.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.commands.declaration import EMPTY, Authentication, Command
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.wire.forms import Differs, Holds
from tla_sim.protocol.wire.record import (
    Record,
    blob8,
    blob16,
    boolean,
    choice,
    fixed,
    string,
    u8,
    u64,
)


@dataclass(frozen=True)
class PsCardData:
    """The card in the PS slot, and the key with which to encipher the next code porteur."""

    profile: int = choice(CardProfile, "CPS or CPE")
    kind: int = choice(CardKind, "test or real")
    serial: str = string("card serial number, hex")
    tries_left: int = u8("wrong codes the card still allows")
    verified: bool = boolean("the code porteur is verified on this link")
    code_key: bytes = fixed(
        32, "X25519 public key of the reader, good for one verify_code", differs=Differs.BY_RUN
    )
    groups: bytes = blob16("groups 1 and 2", Holds.GROUPS)


READ_PS_CARD = Command(
    Ins.READ_PS_CARD,
    "Read holder and situations from the PS card, and open a channel for its code porteur.",
    EMPTY,
    Record(PsCardData),
    ssv="SSV_LireCartePS",
    errors=(Status.PS_CARD_ABSENT, Status.PS_CARD_UNUSABLE, Status.PS_CARD_EXPIRED),
    vectors=(
        (
            PsCardData(CardProfile.CPE, CardKind.TEST, "AB", 3, False, bytes(32), b"\0\0"),
            "0100024142" + "0300" + "00" * 32 + "00020000",
        ),
    ),
)


@dataclass(frozen=True)
class VitaleRequest:
    """The date at which rights are looked up."""

    moment: int = u64("milliseconds since 1970-01-01 00:00; 0 for the reader's date", Holds.MOMENT)


@dataclass(frozen=True)
class VitaleData:
    """The card in the Vitale slot."""

    kind: int = choice(CardKind, "test or real")
    serial: str = string("card serial number")
    valid: int = u8("beneficiaries with AMO rights at that date")
    groups: bytes = blob16("group 101, then each beneficiary: 104 and its 105 to 109", Holds.GROUPS)


READ_VITALE = Command(
    Ins.READ_VITALE,
    "Read insured, beneficiaries and rights from the Vitale card.",
    Record(VitaleRequest),
    Record(VitaleData),
    ssv="SSV_LireDroitsVitale",
    needs=Authentication.PS_CODE,
    errors=(
        Status.VITALE_ABSENT,
        Status.VITALE_MUTE,
        Status.VITALE_WITHDRAWN,
        Status.VITALE_UNUSABLE,
        Status.VITALE_NOT_READ,
        Status.CARDS_MIXED,
    ),
    vectors=(
        (VitaleRequest(0), "0000000000000000"),
        (VitaleData(CardKind.TEST, "1", 1, b""), "000131010000"),
    ),
)


class CodeEntry(IntEnum):
    """Where the code porteur is entered."""

    KEYPAD = 0
    HOST = 1


@dataclass(frozen=True)
class CodePresentation:
    """A code porteur to verify, typed at the reader or enciphered by the workstation."""

    entry: int = choice(CodeEntry, "typed on the reader's keypad, or enciphered here")
    host_key: bytes = blob8(
        "X25519 public key of the workstation, 32 bytes; empty for KEYPAD", differs=Differs.BY_RUN
    )
    cryptogram: bytes = blob8("AES-256-GCM of the code's digits; empty for KEYPAD", differs=Differs.BY_RUN)


VERIFY_CODE = Command(
    Ins.VERIFY_CODE,
    "Verify the code porteur of the PS card; this authenticates the link until the card is removed.",
    Record(CodePresentation),
    EMPTY,
    errors=(
        Status.PS_CARD_ABSENT,
        Status.PS_CARD_UNUSABLE,
        Status.PS_CARD_EXPIRED,
        Status.CODE_WRONG,
        Status.CODE_BLOCKED,
        Status.CONDITIONS_NOT_SATISFIED,
    ),
    changes=True,
    vectors=((CodePresentation(CodeEntry.KEYPAD, b"", b""), "000000"),),
)
