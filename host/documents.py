"""The documents that are loaded: an unsigned document as prepared, and the names and digests used at both
ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.load import fingerprint


@dataclass(frozen=True)
class OutgoingDocument:
    """A prepared document ready to load: the invoice, its canonical bytes, kind and mode."""

    invoice: PreparedInvoice
    kind: DocumentKind
    mode: SecurityMode
    content: bytes = field(repr=False)

    @cached_property
    def invoice_digest(self) -> bytes:
        """The digest of the invoice's bytes (32 bytes)."""
        return digest(self.content)

    @cached_property
    def digest(self) -> bytes:
        """The digest of the unsigned document (32 bytes)."""
        return Document.of(Fse(self.kind, self.mode, self.content)).digest

    @property
    def fingerprint(self) -> bytes:
        """The value that stands for its content in the reader's list (8 bytes)."""
        return fingerprint(self.digest)

    @property
    def id(self) -> DocumentId:
        """The document's name."""
        return DocumentId(self.invoice.owner, self.invoice.number, self.kind)

    @classmethod
    def of(
        cls,
        invoice: PreparedInvoice,
        kind: DocumentKind = DocumentKind.FSE,
        mode: SecurityMode = SecurityMode.SECURED,
    ) -> OutgoingDocument:
        """Return the document of a prepared invoice. Raises `CodecError` when it does not fit."""
        return cls(invoice, kind, mode, invoice.build())


@dataclass(frozen=True)
class DocumentOnBoard:
    """A document that a reader lists: its name, state, fingerprint (8 bytes) and size in bytes."""

    id: DocumentId
    state: InvoiceState
    fingerprint: bytes = field(repr=False)
    size: int


def makes_dre(invoice: PreparedInvoice) -> bool:
    """Return whether an invoice claims a complementary part from an AMC under tiers payant, by a DRE beside
    the FSE."""
    return invoice.coverage.third_party_amc and invoice.amc is not None and invoice.totals.complementary > 0


def documents_of(
    invoice: PreparedInvoice, mode: SecurityMode = SecurityMode.SECURED
) -> tuple[OutgoingDocument, ...]:
    """Return the FSE of an invoice, and its DRE if it makes one."""
    fse = OutgoingDocument.of(invoice, DocumentKind.FSE, mode)
    return (fse, OutgoingDocument.of(invoice, DocumentKind.DRE, mode)) if makes_dre(invoice) else (fse,)


def recipient_of(invoice: PreparedInvoice, kind: DocumentKind) -> str:
    """Return the document's recipient: the fund for an FSE, the AMC for a DRE."""
    if kind is DocumentKind.DRE and invoice.amc is not None:
        return invoice.amc.name or invoice.amc.identifier
    return invoice.amo.recipient


def outgoing(invoices: Iterable[PreparedInvoice]) -> tuple[OutgoingDocument, ...]:
    """Return the secured documents of prepared invoices, FSEs in their order, then DREs in theirs."""
    found = [each for invoice in invoices for each in documents_of(invoice)]
    return tuple(sorted(found, key=lambda each: each.kind))
