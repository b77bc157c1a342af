"""Verification of an FSE: each signature, each chain, and whether the right people signed.

The workstation uses it before anything may leave, the reader before it signs on top. It works offline, from
the document and trusted authorities alone. Rules Project-defined, after the SSV modes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.certificates import (
    CertificateRefused,
    SignerIdentity,
    TrustAnchors,
    verify_signer_certificate,
)
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Fse, Role, SignatureBlock
from tla_sim.protocol.documents.invoice import PreparedInvoice, names_in
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.protocol.sentence import Sentence

_ROLE_NAMES = {
    Role.VITALE: Sentence("the Vitale card's"),
    Role.PARTIAL: Sentence("the partial certification's"),
    Role.TITULAIRE: Sentence("the titulaire's"),
}
_PROFILES = {
    Role.VITALE: (CardProfile.VITALE,),
    Role.PARTIAL: (CardProfile.CPS, CardProfile.CPE),
    Role.TITULAIRE: (CardProfile.CPS,),
}


class SignatureInvalid(TlaError):
    """A signature of an FSE does not hold. `index` counts from 0; `role` says whose it claims to be."""

    category = Category.REFUSED

    def __init__(self, index: int, role: Role, reason: str) -> None:
        super().__init__(
            "Signature {index}, {role}, does not hold: {reason}",
            "Do not transmit this FSE",
            index=index + 1,
            role=_ROLE_NAMES[role],
            reason=reason,
        )
        self.index = index
        self.role = role
        self.reason = reason


class CounterNotGrown(SignatureInvalid):
    """The reader counted no further between two signatures: it is another one, or went back in time."""

    def __init__(self, index: int, role: Role) -> None:
        super().__init__(index, role, Sentence("the reader's signature counter did not grow"))


@dataclass(frozen=True)
class VerifiedFse:
    """An FSE all of whose signatures hold, its name, and its signers in the order of their blocks."""

    document: Document
    id: DocumentId
    signers: tuple[SignerIdentity, ...]

    @property
    def fse(self) -> Fse:
        """The FSE that the bytes encode."""
        return self.document.fse

    @property
    def content(self) -> bytes:
        """The bytes of the document."""
        return self.document.content

    @property
    def invoice(self) -> PreparedInvoice:
        """The invoice. Raises CodecError when it is ill-formed."""
        return self.document.invoice

    @property
    def state(self) -> InvoiceState:
        """The state of the invoice, by its signatures."""
        return self.fse.state

    @property
    def kind(self) -> CardKind:
        """The kind of the cards that signed, test or real."""
        return self.signers[0].kind


def verify_fse(document: Document, anchors: TrustAnchors, proven: int = 0) -> VerifiedFse:
    """Check every signature of an FSE, its chain at the moment of signing, and who may sign in which role.

    The first `proven` signatures are not computed again. Give it only for bytes whose digest was noted when
    they were verified; everything else about them is checked all the same.
    Raises SignatureInvalid, which names the signature, or CodecError when the bytes are not an FSE, the
    invoice names no owner, or there are no signatures.
    """
    fse = document.fse
    if not fse.blocks:
        raise CodecError("The FSE carries no signature", "Certify it first")
    owner, number = names_in(fse.invoice_bytes)
    signers: list[SignerIdentity] = []
    for index, block in enumerate(fse.blocks):
        covered = fse.signed_bytes(index) if index >= proven else None
        signers.append(_verify_block(index, block, covered, owner, anchors, signers))
    _check_contexts(fse.blocks)
    return VerifiedFse(document, DocumentId(owner, number, fse.kind), tuple(signers))


def _verify_block(
    index: int,
    block: SignatureBlock,
    covered: bytes | None,
    owner: str,
    anchors: TrustAnchors,
    earlier: Sequence[SignerIdentity],
) -> SignerIdentity:
    try:
        signer = verify_signer_certificate(
            block.certificate,
            block.context.moment,
            anchors,
            profiles=_PROFILES[block.role],
            kind=earlier[0].kind if earlier else None,
        )
    except CertificateRefused as error:
        raise SignatureInvalid(index, block.role, error.message) from None
    if covered is not None and not signer.verifies(block.signature, covered):
        raise SignatureInvalid(index, block.role, Sentence("the content or the signature was altered"))
    serial = block.context.vitale_serial if block.role is Role.VITALE else block.context.ps_serial
    if signer.serial != serial:
        raise SignatureInvalid(index, block.role, "the certificate is that of another card")
    if block.role is Role.TITULAIRE and owner not in signer.billing_numbers:
        raise SignatureInvalid(
            index,
            block.role,
            Sentence("{signer} does not own invoices of {owner}", signer=signer.name, owner=owner),
        )
    return signer


def _check_contexts(blocks: Sequence[SignatureBlock]) -> None:
    """Raise SignatureInvalid, CounterNotGrown among them, unless the blocks can follow one another."""
    # The counter tells the order in which one reader signed. Who signs beside the Vitale does so in one
    # session: a signature of another reader or beside other cards was moved here. The titulaire who signs a
    # PARTIAL one later needs neither.
    for index in range(1, len(blocks)):
        before, here = blocks[index - 1].context, blocks[index].context
        same_reader = before.reader_serial == here.reader_serial
        if same_reader and here.counter <= before.counter:
            raise CounterNotGrown(index, blocks[index].role)
        if blocks[index - 1].role is Role.VITALE and (
            not same_reader
            or (before.vitale_serial, before.ps_serial) != (here.vitale_serial, here.ps_serial)
        ):
            raise SignatureInvalid(
                index, blocks[index].role, Sentence("it was not given beside the Vitale card")
            )
