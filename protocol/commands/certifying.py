"""Signing at the desk: certification, final signatures, lots.

Source: Project-defined, after the SSV functions named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.commands.declaration import Authentication, Command
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.wire.forms import Holds
from tla_sim.protocol.wire.record import (
    Record,
    blob16,
    blobs,
    choice,
    records,
    u16,
)

CERTIFICATION_ERRORS: Final = (
    Status.VITALE_ABSENT,
    Status.VITALE_MUTE,
    Status.VITALE_WITHDRAWN,
    Status.VITALE_UNUSABLE,
    Status.VITALE_NOT_READ,
    Status.CARDS_MIXED,
    Status.PS_CARD_EXPIRED,
    Status.NOT_ENTITLED,
    Status.BENEFICIARY_MISMATCH,
    Status.NO_RIGHTS,
    Status.NO_FREE_SLOT,
    Status.TAMPERED,
)


@dataclass(frozen=True)
class CertifyRequest:
    """One invoice to certify with the cards in the slots."""

    kind: DocumentKind = choice(DocumentKind, "FSE or DRE")
    mode: SecurityMode = choice(SecurityMode, "secured or degraded")
    content: bytes = blob16("the invoice", Holds.DOCUMENT)


@dataclass(frozen=True)
class Certified:
    """The certified document, which also stays on board until it is acknowledged."""

    content: bytes = blob16("the FSE", Holds.DOCUMENT)


CERTIFY = Command(
    Ins.CERTIFY,
    "Certify one invoice at the desk with the cards in the slots; repeating it returns the same FSE.",
    Record(CertifyRequest),
    Record(Certified),
    ssv="SSV_SecuriserFacture",
    needs=Authentication.PS_CODE,
    errors=(
        *CERTIFICATION_ERRORS,
        Status.NOT_OWNER,
        Status.INVOICE_CONFLICT,
        Status.INVOICE_STATE,
        Status.TOO_MANY_OWNERS,
        Status.RECORD_DAMAGED,
    ),
    changes=True,
    vectors=(
        (CertifyRequest(DocumentKind.FSE, SecurityMode.SECURED, b"x"), "0101000178"),
        (Certified(b"y"), "000179"),
    ),
)


@dataclass(frozen=True)
class FinalSignatureRequest:
    """Partially signed documents of the owner whose card is in the slot."""

    documents: tuple[bytes, ...] = blobs("FSEs", Holds.DOCUMENT)


@dataclass(frozen=True)
class FinalSignature:
    """The signature block to append to one document, or the status that says why there is none."""

    status: int = u16("9000, or the status word for this document", Holds.STATUS)
    block: bytes = blob16("the signature block; empty on error", Holds.SIGNATURE_BLOCK)


@dataclass(frozen=True)
class FinalSignatures:
    """One answer for each document, in order."""

    blocks: tuple[FinalSignature, ...] = records(FinalSignature, "in the order sent")


SIGN_FINAL = Command(
    Ins.SIGN_FINAL,
    "Give partially signed FSEs the final signature with their owner's CPS; refuses any other card.",
    Record(FinalSignatureRequest),
    Record(FinalSignatures),
    ssv="SSV_SecuriserFacture",
    needs=Authentication.PS_CODE,
    errors=(Status.PS_CARD_EXPIRED, Status.TAMPERED),
    changes=True,
    in_batches=True,
    vectors=(
        (FinalSignatureRequest((b"x",)), "01000178"),
        (FinalSignatures((FinalSignature(0x9207, b""),)), "000192070000"),
    ),
)


@dataclass(frozen=True)
class LotSignatureRequest:
    """Lots of the owner whose card is in the slot."""

    lots: tuple[bytes, ...] = blobs("headers of lots, group 9210", Holds.GROUPS)


SIGN_LOT = Command(
    Ins.SIGN_LOT,
    "Sign lots with their owner's CPS, if it is entitled to sign lots; refuses any other card.",
    Record(LotSignatureRequest),
    Record(FinalSignatures),
    ssv="SSV_FormaterLot",
    needs=Authentication.PS_CODE,
    errors=(Status.PS_CARD_EXPIRED, Status.TAMPERED),
    changes=True,
    in_batches=True,
    vectors=(
        (LotSignatureRequest((b"x",)), "01000178"),
        (FinalSignatures((FinalSignature(0x9208, b""),)), "000192080000"),
    ),
)
