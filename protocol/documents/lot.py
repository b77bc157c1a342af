"""A lot: documents of one owner, recipient, kind and mode, and the signature over them.

A CPS entitled to sign lots signs the lot's header (group 9210). The header holds the SHA-256 of the list of
documents and attached pieces (groups 9220 and 9230), and each line of the list the SHA-256 of a document. The
signature block has the form of an FSE's with role LOT, and covers the header and its own context and
certificate. Project-defined: not a B2 file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.documents.certificates import (
    CertificateRefused,
    SignerIdentity,
    TrustAnchors,
    verify_signer_certificate,
)
from tla_sim.protocol.documents.fse import DocumentKind, Role, SecurityMode, SignatureBlock, signed_part
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.protocol.groups.declaration import decode_typed, encode_typed
from tla_sim.protocol.groups.lot import LotDocument, LotHeader, LotPiece
from tla_sim.protocol.sentence import Sentence

MAX_LOT_DOCUMENTS: Final = 999
"""The most documents in one lot."""

MAX_HEADER_BYTES: Final = 1_024


class LotSignatureInvalid(TlaError):
    """A lot's signature does not hold; `reason` says why."""

    category = Category.REFUSED

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(
            "The signature of lot {number} does not hold: {reason}",
            "Do not use this lot",
            number=number,
            reason=reason,
        )
        self.reason = reason


@dataclass(frozen=True)
class Lot:
    """A lot's header and list. `of` makes one; `parse` reads one and checks that the two agree."""

    header: LotHeader
    documents: tuple[LotDocument, ...]
    pieces: tuple[LotPiece, ...] = ()

    @classmethod
    def of(cls, header: LotHeader, documents: Sequence[LotDocument], pieces: Sequence[LotPiece] = ()) -> Lot:
        """Return a lot of these documents, with count, total and digest of the header filled in.

        Raises CodecError for no documents or more than 999.
        """
        _check_count(len(documents))
        made = replace(
            header,
            count=len(documents),
            total=sum(each.total for each in documents),
            list_digest=digest(encode_typed((*documents, *pieces))).hex(),
        )
        return cls(made, tuple(documents), tuple(pieces))

    @property
    def kind(self) -> DocumentKind:
        """The kind of all its documents."""
        return DocumentKind(self.header.kind)

    @property
    def mode(self) -> SecurityMode:
        """How all its documents are secured."""
        return SecurityMode(self.header.mode)

    def header_bytes(self) -> bytes:
        """Return the bytes that are signed, together with the signature's own context."""
        return encode_typed((self.header,))

    def list_bytes(self) -> bytes:
        """Return the bytes of the list of documents and pieces."""
        return encode_typed((*self.documents, *self.pieces))

    @classmethod
    def parse(cls, header: bytes, listed: bytes) -> Lot:
        """Return the lot of these two parts. Raises CodecError when they are ill-formed or do not agree."""
        head = parse_header(header)
        documents: list[LotDocument] = []
        pieces: list[LotPiece] = []
        for group in decode_typed(listed):
            if isinstance(group, LotDocument) and not pieces:
                documents.append(group)
            elif isinstance(group, LotPiece):
                pieces.append(group)
            else:
                raise CodecError("The list of a lot holds something else", "Ask for the file again")
        _check_count(len(documents))
        # The digest is compared twice: what `of` computes shows that the list is written canonically, and
        # that of the bytes at hand shows that they are this list.
        if cls.of(head, documents, pieces).header != head or digest(listed).hex() != head.list_digest:
            raise CodecError(
                "Lot {number} and its list do not agree", "Ask for the file again", number=head.number
            )
        return cls(head, tuple(documents), tuple(pieces))


def _check_count(count: int) -> None:
    if not 1 <= count <= MAX_LOT_DOCUMENTS:
        raise CodecError(
            "A lot holds 1 to {most} documents, not {count}",
            "Make several lots",
            most=MAX_LOT_DOCUMENTS,
            count=count,
        )


def parse_header(raw: bytes) -> LotHeader:
    """Return a lot's header, which is all that a reader sees of the lot. Raises CodecError."""
    if len(raw) > MAX_HEADER_BYTES:
        raise CodecError("A lot's header takes at most {most} bytes", "Check the file", most=MAX_HEADER_BYTES)
    groups = decode_typed(raw)
    if len(groups) != 1 or not isinstance(groups[0], LotHeader):
        raise CodecError("These bytes are not a lot", "Check the file")
    header = groups[0]
    try:
        DocumentKind(header.kind)
        SecurityMode(header.mode)
    except ValueError:
        raise CodecError("The lot is of an unknown kind", "Check the file") from None
    return header


def verify_lot(header: bytes, block: SignatureBlock, anchors: TrustAnchors) -> SignerIdentity:
    """Check a lot's signature and its chain, and return who signed.

    Raises LotSignatureInvalid or CodecError. Whether the signer is entitled to sign lots is not in the
    certificate: the card tells the reader, which refuses others.
    """
    head = parse_header(header)
    if block.role is not Role.LOT:
        raise LotSignatureInvalid(head.number, "it was not given over a lot")
    try:
        signer = verify_signer_certificate(
            block.certificate, block.context.moment, anchors, profiles=(CardProfile.CPS,), kind=None
        )
    except CertificateRefused as error:
        raise LotSignatureInvalid(head.number, error.message) from None
    covered = header + signed_part(block.role, block.context, block.certificate)
    if not signer.verifies(block.signature, covered):
        raise LotSignatureInvalid(head.number, "the lot or the signature was altered")
    if signer.serial != block.context.ps_serial:
        raise LotSignatureInvalid(head.number, "the certificate is that of another card")
    if head.owner not in signer.billing_numbers:
        raise LotSignatureInvalid(
            head.number,
            Sentence("{signer} does not own documents of {owner}", signer=signer.name, owner=head.owner),
        )
    return signer
