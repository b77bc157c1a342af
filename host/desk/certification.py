"""Desk mode: certifying one invoice from the workstation, with the cards in the reader's slots.

A CPE, a CPF or another PS's CPS certifies it partially, the owner's CPS completely. As in a pull, the FSE is
in the ledger before the reader is told to delete it; running it again finishes what was cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from tla_sim.host.client import ReaderClient
from tla_sim.host.desk.marks import marked_documents
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.errors import LoadedElsewhere, StepRefused
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.model import CERTIFIED, LedgerState
from tla_sim.host.round.taking import let_go, verify_taken
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import SignatureInvalid, VerifiedFse, verify_fse
from tla_sim.protocol.errors import Category, CodecError, IncoherentAnswer, TlaError


class AlreadyCertified(TlaError):
    """The invoice has its signatures and is never certified again."""

    category = Category.REFUSED


def certify_at_desk(
    client: ReaderClient, ledger: Ledger, anchors: TrustAnchors, document: OutgoingDocument
) -> VerifiedFse:
    """Certify a prepared document and record its FSE, with the authenticated PS card and the Vitale in the
    slots.

    Raises `AlreadyCertified`, `LoadedElsewhere`, `ContentDiffers` when the number names another invoice,
    `StepRefused` when it was cancelled, `StatusError` when the reader or a card refuses, `IncoherentAnswer`
    for an FSE that does not verify or is of another invoice, `LinkError`, and errors of the ledger.
    """
    serial = client.identify().serial_number
    state = ledger.state_of(document)
    if state is LedgerState.CANCELLED:
        raise StepRefused(document.id, state.name, InvoiceState.COMPLETE.name)
    line = ledger.get(document.id)
    if line is not None and line.state in CERTIFIED:
        return _finish(client, ledger, anchors, document, line.state)
    if line is not None and line.state is LedgerState.LOADED and line.reader != serial:
        raise LoadedElsewhere(document.id, line.reader)
    if line is None or line.state is not LedgerState.LOADED:
        ledger.record_prepared([document])
    given = Document(client.certify(document.kind, document.mode, document.content))
    verified = _verify(given, document, serial, anchors)
    # In this order: until the FSE is in the ledger, the reader has the only copy.
    ledger.record_pulled([verified], serial)
    let_go(client, {document.id: given.fingerprint})
    return verified


def certify(
    client: ReaderClient,
    ledger: Ledger,
    invoice: PreparedInvoice,
    anchors: TrustAnchors | None = None,
) -> tuple[VerifiedFse, ...]:
    """Certify an invoice at the desk as it is marked in the ledger; return its FSE and, if it makes one, its
    DRE.

    The authenticated PS card and the Vitale are in the reader's slots; a degraded invoice needs only its
    owner's CPS. `anchors` are the authorities to trust, by default the shipped ones. Raises as
    `certify_documents`.

        >>> reader.insert_ps("PIQURE2969")
        >>> reader.insert_vitale("MARTIN")
        >>> card = client.verify_code(reader.code)
        >>> invoice = tla_sim.prepared_invoices(practice)[0]
        >>> [fse.state.name for fse in tla_sim.certify(client, ledger, invoice)]
        ['COMPLETE']
    """
    documents = marked_documents(ledger, [invoice], to_load=False)
    return certify_documents(client, ledger, anchors or TrustAnchors.shipped(), documents)


def certify_documents(
    client: ReaderClient, ledger: Ledger, anchors: TrustAnchors, documents: Sequence[OutgoingDocument]
) -> tuple[VerifiedFse, ...]:
    """Certify an invoice's FSE and DRE with one code entry, skipping those certified before.

    Raises `AlreadyCertified` when nothing was left to do, and what `certify_at_desk` raises.
    """
    done: list[VerifiedFse] = []
    for document in documents:
        try:
            done.append(certify_at_desk(client, ledger, anchors, document))
        except AlreadyCertified:
            if document is documents[-1] and not done:
                raise
    return tuple(done)


def _finish(
    client: ReaderClient,
    ledger: Ledger,
    anchors: TrustAnchors,
    document: OutgoingDocument,
    state: LedgerState,
) -> VerifiedFse:
    """Acknowledge an FSE whose earlier run ended between the ledger and the acknowledgement, and return it.

    The signatures are not verified again: the ledger took the FSE in verified, and its digest still matches.
    """
    held = Document(ledger.fse(document.id))
    listed = client.list_documents(document.invoice.owner)
    on_board = [each for each in listed if each.id == document.id]
    if not on_board or on_board[0].fingerprint != held.fingerprint:
        raise AlreadyCertified(
            "Invoice {number} is {state} in the ledger already",
            "Nothing is left to certify; what is PARTIAL waits for its owner's final signature",
            number=document.invoice.number,
            state=state.name,
        )
    verified = verify_fse(held, anchors, proven=len(held.fse.blocks))
    _check_same(verified, document)
    let_go(client, {document.id: on_board[0].fingerprint})
    return verified


def _verify(
    given: Document, document: OutgoingDocument, reader_serial: str, anchors: TrustAnchors
) -> VerifiedFse:
    try:
        verified = verify_taken(given, document.id, reader_serial, anchors)
    except (CodecError, SignatureInvalid) as error:
        raise IncoherentAnswer(
            "The FSE of invoice {number} does not verify: {reason}",
            "Nothing was kept; try another reader",
            number=document.invoice.number,
            reason=error.message,
        ) from None
    _check_same(verified, document)
    return verified


def _check_same(verified: VerifiedFse, document: OutgoingDocument) -> None:
    if (verified.fse.mode, verified.fse.invoice_bytes) != (document.mode, document.content):
        raise IncoherentAnswer(
            "The reader certified something other than invoice {number}",
            "Nothing was kept; try another reader",
            number=document.invoice.number,
        )
