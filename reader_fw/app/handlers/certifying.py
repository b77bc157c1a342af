"""Handlers of the commands that sign at the desk: certification, final signatures, lots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.commands.certifying import (
    CERTIFY,
    SIGN_FINAL,
    SIGN_LOT,
    Certified,
    CertifyRequest,
    FinalSignature,
    FinalSignatureRequest,
    FinalSignatures,
    LotSignatureRequest,
)
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Fse, SecurityMode, SignatureBlock
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.reader_fw.app.certification import Candidate
from tla_sim.reader_fw.app.handlers.handler import Handled, bind_handler
from tla_sim.reader_fw.app.inserted_cards import InsertedPs
from tla_sim.reader_fw.app.refusal import Refusal

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session


def certify(app: LogSv, _: Session, request: CertifyRequest) -> Certified:
    """Certify one invoice with the cards in the slots, and keep it until it is acknowledged."""
    # A workstation that lost the answer asks again and must get the same FSE: to sign twice would give one
    # invoice two signatures. A number that is on board with other content stays refused at every stage.
    invoice = PreparedInvoice.parse(request.content)
    fse = Fse(request.kind, request.mode, request.content)
    key = DocumentId(invoice.owner, invoice.number, request.kind)
    state = app.store.state_of(key)
    if state in (InvoiceState.PARTIAL, InvoiceState.COMPLETE):
        held = app.store.content(key)
        known = Fse.parse(held)
        if (known.mode, known.invoice_bytes) != (fse.mode, fse.invoice_bytes):
            raise Refusal(Status.INVOICE_CONFLICT)
        return Certified(held)
    if state is InvoiceState.CANCELLED:
        raise Refusal(Status.INVOICE_STATE)
    if state is InvoiceState.LOADED and app.store.content(key) != fse.build():
        raise Refusal(Status.INVOICE_CONFLICT)
    app.check_housing()
    ps = app.cards.ps()
    candidate = Candidate(key, fse, invoice.beneficiary_key)
    if fse.mode is SecurityMode.DEGRADED:
        app.certifier.check_ps(ps)
        signed = app.certifier.certify_degraded(candidate, ps)
        app.keep([signed], ps)
    else:
        vitale = app.cards.vitale()
        app.certifier.check_pair(ps, vitale)
        signed = app.certifier.certify(candidate, ps, vitale)
        app.keep([signed], ps, vitale)
    return Certified(signed.content)


def sign_final(app: LogSv, _: Session, request: FinalSignatureRequest) -> FinalSignatures:
    """Return the owner's signature of each document, or the status that says why there is none."""
    return _sign_each(app, request.documents, app.certifier.sign_final)


def sign_lot(app: LogSv, _: Session, request: LotSignatureRequest) -> FinalSignatures:
    """Return the owner's signature of each lot, or the status that says why there is none."""
    return _sign_each(app, request.lots, app.certifier.sign_lot)


def _sign_each(
    app: LogSv, contents: Sequence[bytes], sign: Callable[[bytes, InsertedPs], SignatureBlock]
) -> FinalSignatures:
    app.check_housing()
    ps = app.cards.ps()
    ps.check_date(app.moment())
    answers = []
    for raw in contents:
        try:
            answers.append(FinalSignature(Status.OK, sign(raw, ps).build()))
        except Refusal as refusal:
            answers.append(FinalSignature(refusal.word, b""))
    return FinalSignatures(tuple(answers))


HANDLED: Final[tuple[Handled, ...]] = (
    bind_handler(CERTIFY, certify),
    bind_handler(SIGN_FINAL, sign_final),
    bind_handler(SIGN_LOT, sign_lot),
)
"""The commands of this topic, each with its handler."""
