"""Certification: who may sign what with which cards, and the signatures themselves.

The rules are those of the round: a Vitale card with the invoice's beneficiary, rights at the reader's date,
and a PS card with verified code porteur, entitled to sign, not expired, of the Vitale's kind. The owner's own
card makes the invoice COMPLETE, any other card PARTIAL. A signature counter is taken before signing and never
given out twice. Source: Project-defined, after the SSV's désynchronisé mode.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import (
    Fse,
    Role,
    SecurityMode,
    SignatureBlock,
    SignatureContext,
    signed_part,
)
from tla_sim.protocol.documents.invoice import BeneficiaryKey
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.lot import parse_header
from tla_sim.protocol.documents.verification import SignatureInvalid, verify_fse
from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.app.inserted_cards import InsertedPs, InsertedVitale
from tla_sim.reader_fw.app.refusal import Refusal

_SHA256_DIGEST_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420")
"""The DER prefix of a DigestInfo for SHA-256 (RFC 8017 §9.2 note 1)."""


def digest_info(signed: bytes) -> bytes:
    """Return the DigestInfo (51 bytes) of what is to be signed, in the form that the cards take."""
    return _SHA256_DIGEST_INFO + hashlib.sha256(signed).digest()


@dataclass(frozen=True)
class Candidate:
    """A document to certify: its name, the unsigned FSE, and whose care it bills."""

    key: DocumentId
    fse: Fse
    beneficiary: BeneficiaryKey


@dataclass(frozen=True)
class SignedDocument:
    """A candidate that was signed, its new state and its bytes."""

    candidate: Candidate
    state: InvoiceState
    content: bytes


@dataclass(frozen=True)
class Refused:
    """A candidate that was not signed, and why."""

    candidate: Candidate
    status: Status


class Certifier:
    """Signs with the cards in the slots. Moment and counters come from the functions that it is given.

    Without `partial` only the owner's own card signs, as before version 1.40.
    """

    def __init__(
        self,
        reader_serial: str,
        anchors: TrustAnchors,
        reader_moment: Callable[[], int],
        next_counter: Callable[[], int],
        partial: bool = True,
    ) -> None:
        self._reader_serial = reader_serial
        self._anchors = anchors
        self._moment = reader_moment
        self._next_counter = next_counter
        self._partial = partial

    def check_ps(self, ps: InsertedPs) -> None:
        """Refuse a PS card that is expired or not entitled to sign."""
        ps.check_date(self._moment())
        if not any(situation.may_sign_invoice for situation in ps.situations):
            raise Refusal(Status.NOT_ENTITLED)

    def check_pair(self, ps: InsertedPs, vitale: InsertedVitale) -> None:
        """Refuse cards that may not certify together."""
        if ps.kind is not vitale.kind:
            raise Refusal(Status.CARDS_MIXED)
        self.check_ps(ps)
        vitale.check_date(self._moment())

    def check_beneficiary(self, who: BeneficiaryKey, vitale: InsertedVitale) -> None:
        """Refuse a patient who is not on the card or has no rights at the reader's date."""
        beneficiary = vitale.beneficiaries.get(who)
        if beneficiary is None:
            raise Refusal(Status.BENEFICIARY_MISMATCH)
        if not beneficiary.has_rights(self._moment()):
            raise Refusal(Status.NO_RIGHTS)

    def certify(self, candidate: Candidate, ps: InsertedPs, vitale: InsertedVitale) -> SignedDocument:
        """Sign with the keys of the Vitale and the PS card. Raises Refusal, in which case nothing is kept."""
        fse = candidate.fse
        if fse.mode is not SecurityMode.SECURED or fse.blocks:
            raise Refusal(Status.INVOICE_STATE)
        self.check_beneficiary(candidate.beneficiary, vitale)
        role = self.role_for(candidate.key.owner, ps)
        if role is Role.PARTIAL and not self._partial:
            raise Refusal(Status.NOT_OWNER)
        content = fse.build()
        cards = (vitale.serial, ps.serial)
        first = self._sign(content, Role.VITALE, cards, vitale)
        content += first.build()
        second = self._sign(content, role, cards, ps)
        return SignedDocument(candidate, fse.with_blocks(first, second).state, content + second.build())

    def certify_degraded(self, candidate: Candidate, ps: InsertedPs) -> SignedDocument:
        """Sign a degraded document with its owner's key alone. Raises Refusal for any other card."""
        fse = candidate.fse
        if fse.mode is not SecurityMode.DEGRADED or fse.blocks:
            raise Refusal(Status.INVOICE_STATE)
        self.check_owner(candidate.key.owner, ps)
        content = fse.build()
        block = self._sign(content, Role.TITULAIRE, ("", ps.serial), ps)
        return SignedDocument(candidate, fse.with_blocks(block).state, content + block.build())

    def role_for(self, owner: str, ps: InsertedPs) -> Role:
        """Return the role in which a card signs an invoice of `owner`."""
        # Cards that may sign nothing were refused by `check_ps`.
        return Role.TITULAIRE if ps.may_sign_for(owner) else Role.PARTIAL

    def check_owner(self, owner: str, ps: InsertedPs) -> None:
        """Refuse a card that is not the owner's CPS with the right to sign."""
        if not ps.owns(owner):
            raise Refusal(Status.NOT_OWNER)
        if not ps.may_sign_for(owner):
            raise Refusal(Status.NOT_ENTITLED)

    def sign_final(self, raw: bytes, ps: InsertedPs) -> SignatureBlock:
        """Return the owner's final signature of a partially signed document. Raises Refusal."""
        try:
            document = Document(raw)
            if document.fse.state is not InvoiceState.PARTIAL:
                raise Refusal(Status.INVOICE_STATE)
            verified = verify_fse(document, self._anchors)
        except SignatureInvalid:
            raise Refusal(Status.SIGNATURE_INVALID) from None
        except CodecError:
            raise Refusal(Status.WRONG_DATA) from None
        self.check_owner(verified.id.owner, ps)
        if verified.kind is not ps.kind:
            raise Refusal(Status.CARDS_MIXED)
        return self._sign(raw, Role.TITULAIRE, ("", ps.serial), ps)

    def sign_lot(self, header: bytes, ps: InsertedPs) -> SignatureBlock:
        """Return the signature of a lot by its owner's CPS, if that may sign lots. Raises Refusal."""
        try:
            lot = parse_header(header)
        except CodecError:
            raise Refusal(Status.WRONG_DATA) from None
        if not ps.owns(lot.owner):
            raise Refusal(Status.NOT_OWNER)
        if not ps.may_sign_lots_of(lot.owner):
            raise Refusal(Status.NOT_ENTITLED)
        return self._sign(header, Role.LOT, ("", ps.serial), ps)

    def _sign(
        self,
        content: bytes,
        role: Role,
        cards: tuple[str, str],
        signer: InsertedPs | InsertedVitale,
    ) -> SignatureBlock:
        """Return one block over a document's bytes; `cards` are the serials of the Vitale and the PS card."""
        certificate = signer.certificate
        context = SignatureContext(self._reader_serial, self._next_counter(), self._moment(), *cards)
        signed = content + signed_part(role, context, certificate)
        signature = signer.sign(digest_info(signed))
        # A bad signature would be kept for good: an invoice is never signed a second time.
        if not signer.identity.verifies(signature, signed):
            unusable = Status.PS_CARD_UNUSABLE if isinstance(signer, InsertedPs) else Status.VITALE_UNUSABLE
            raise Refusal(unusable)
        return SignatureBlock(role, context, certificate, signature)


def certify_each(
    certifier: Certifier, candidates: Sequence[Candidate], ps: InsertedPs, vitale: InsertedVitale | None
) -> tuple[list[SignedDocument], list[Refused]]:
    """Certify what can be certified, in order, and return what was signed and what was refused.

    Without a Vitale the candidates are degraded ones. When a card is removed or fails, the rest is refused
    with that status, and what was signed before counts.
    """
    signed: list[SignedDocument] = []
    refused: list[Refused] = []
    gone: Status | None = None
    for candidate in candidates:
        if gone is not None:
            refused.append(Refused(candidate, gone))
            continue
        try:
            if vitale is None:
                signed.append(certifier.certify_degraded(candidate, ps))
            else:
                signed.append(certifier.certify(candidate, ps, vitale))
        except Refusal as refusal:
            status = refusal.status or Status.INTERNAL
            refused.append(Refused(candidate, status))
            if status in _CARD_TROUBLE:
                gone = status
    return signed, refused


_CARD_TROUBLE: Final = (
    Status.PS_CARD_ABSENT,
    Status.PS_CARD_UNUSABLE,
    Status.VITALE_ABSENT,
    Status.VITALE_MUTE,
    Status.VITALE_WITHDRAWN,
    Status.CODE_LOST,
)
