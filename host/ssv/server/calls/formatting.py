"""Certifying an invoice at the desk by SSV: SSV_FormaterFactures.

It does what `tla certify` does, by the same rules of the ledger; a degraded invoice is billed so first, as
`tla invoice degrade` does. The values of both characters are Project-defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from tla_sim.host.desk.certification import AlreadyCertified, certify_at_desk
from tla_sim.host.desk.marks import bill_degraded, bill_secured, marked_documents
from tla_sim.host.documents import OutgoingDocument, makes_dre
from tla_sim.host.ledger.desk_model import Rights
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import FORMATER_FACTURES
from tla_sim.host.ssv.server.answers import zone_of
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.card_rights import check_owner, signing_numbers
from tla_sim.host.ssv.server.document_zones import document_group
from tla_sim.host.ssv.server.invoice_zones import read_invoice
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice

_KINDS: Final = {
    ord("1"): (DocumentKind.FSE,),
    ord("2"): (DocumentKind.DRE,),
    ord("3"): (DocumentKind.FSE, DocumentKind.DRE),
}
"""The kinds of documents by the character `create`."""


class Securing(IntEnum):
    """The character `securing`: how an invoice is secured."""

    NOMINAL = ord("1")
    """By the Vitale and its owner's CPS: it is COMPLETE."""
    OUT_OF_STEP = ord("2")
    """Désynchronisé, by the Vitale and any PS card: PARTIAL, or COMPLETE when it is its owner's CPS."""
    DEGRADED = ord("3")
    """By its owner's CPS alone: it is COMPLETE."""


def format_invoice(
    work: Workstation, ps_resource: str, reader: str, code: str, create: int, securing: int, zone: bytes
) -> bytes:
    """Certify an invoice; return a group 9310 for each document, with the bytes of the FSE.

    What was certified before is not certified again, but given as the ledger has it. Nothing is signed when
    the card may not do what is asked. Raises CallRefused, and as `certify_at_desk`.
    """
    kinds, how = _asked(create, securing)
    invoice = read_invoice(zone)
    if DocumentKind.FSE not in kinds and not makes_dre(invoice):
        raise _no_document(invoice)
    rights = _rights(invoice) if how is Securing.DEGRADED else None
    card = work.authenticate(ps_resource, reader, code)
    if how is not Securing.OUT_OF_STEP:
        check_owner(signing_numbers(card), invoice.owner)
    with work.ledger() as ledger:
        documents = [each for each in _billed(ledger, invoice, rights) if each.kind in kinds]
        if not documents:
            raise _no_document(invoice)
        if how is Securing.NOMINAL:
            _check_unsigned_by_others(ledger, documents)
        for each in documents:
            try:
                certify_at_desk(work.client, ledger, work.anchors, each)
            except AlreadyCertified:
                continue
        return zone_of(document_group(_held(ledger, each)) for each in documents)


def _asked(create: int, securing: int) -> tuple[tuple[DocumentKind, ...], Securing]:
    try:
        return _KINDS[create], Securing(securing)
    except (KeyError, ValueError):
        raise CallRefused(
            SsvCode.INPUT,
            "There is no way {create!r}, {securing!r} to secure an invoice",
            "Pass 1 FSE, 2 DRE or 3 both, then 1 nominal, 2 désynchronisé or 3 dégradé",
            create=chr(create),
            securing=chr(securing),
        ) from None


def _rights(invoice: PreparedInvoice) -> Rights:
    """Return where a degraded invoice's rights come from: from the practice, unless its group 9120 says."""
    try:
        return Rights(invoice.coverage.rights_source or Rights.PRACTICE)
    except ValueError:
        raise CallRefused(
            SsvCode.INPUT,
            "Rights do not come from {source!r}",
            "Pass CABINET or ADR in group 9120 field 9",
            source=invoice.coverage.rights_source,
        ) from None


def _billed(ledger: Ledger, invoice: PreparedInvoice, rights: Rights | None) -> tuple[OutgoingDocument, ...]:
    """Return an invoice's documents, billed degraded with these rights, or secured with none.

    One that is billed degraded already keeps its rights unless its groups say others. Raises DeskRefused
    where that cannot change any more, ContentDiffers.
    """
    mode = SecurityMode.SECURED if rights is None else SecurityMode.DEGRADED
    documents = marked_documents(ledger, [invoice], to_load=False)
    said = invoice.coverage.rights_source
    as_asked = all(
        each.mode is mode and said in ("", each.invoice.coverage.rights_source) for each in documents
    )
    if as_asked:
        return documents
    return bill_secured(ledger, invoice) if rights is None else bill_degraded(ledger, invoice, rights)


def _check_unsigned_by_others(ledger: Ledger, documents: Sequence[OutgoingDocument]) -> None:
    for each in documents:
        if ledger.state_of(each) is LedgerState.PARTIAL:
            raise CallRefused(
                SsvCode.INCOHERENT,
                "Invoice {number} is certified désynchronisé already",
                "Give it its owner's final signature with SSV_SecuriserFacture",
                number=each.invoice.number,
            )


def _held(ledger: Ledger, document: OutgoingDocument) -> bytes:
    """Return the certified document that the ledger holds, which must be of this very invoice."""
    content = ledger.fse(document.id)
    fse = Document(content).fse
    if (fse.mode, fse.invoice_bytes) != (document.mode, document.content):
        raise CallRefused(
            SsvCode.INCOHERENT,
            "Invoice {number} was certified before with other content",
            "Pass the invoice as it was certified",
            number=document.invoice.number,
        )
    return content


def _no_document(invoice: PreparedInvoice) -> CallRefused:
    return CallRefused(
        SsvCode.INCOHERENT,
        "Invoice {number} does not make the document asked for",
        "Ask for an FSE, or give the invoice the part that an AMC pays",
        number=invoice.number,
    )


BOUND: Final[tuple[Bound, ...]] = (bind_call(FORMATER_FACTURES, format_invoice),)
"""The functions of this topic."""
