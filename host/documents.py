"""The documents the loader moves: an unsigned one as prepared, and the names and digests both ends use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from protocol.fse import DocumentKind, Fse, SecurityMode
from protocol.invoice import PreparedInvoice, digest
from protocol.invoice_state import InvoiceState
from protocol.load import fingerprint

DocumentId = tuple[str, str, int]
"""Owner's billing number, invoice number, DocumentKind."""


@dataclass(frozen=True)
class OutgoingDocument:
    """A prepared document ready to load: the invoice, its canonical bytes, kind and mode, its digest."""

    invoice: PreparedInvoice
    kind: DocumentKind
    mode: SecurityMode
    content: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @property
    def fingerprint(self) -> bytes:
        """What stands for its content in the reader's list."""
        return fingerprint(self.digest)

    @property
    def id(self) -> DocumentId:
        """What names it."""
        return self.invoice.owner, self.invoice.number, int(self.kind)

    @classmethod
    def of(
        cls,
        invoice: PreparedInvoice,
        kind: DocumentKind = DocumentKind.FSE,
        mode: SecurityMode = SecurityMode.SECURED,
    ) -> OutgoingDocument:
        """The document of a prepared invoice. Raises CodecError when it does not fit."""
        content = invoice.build()
        return cls(invoice, kind, mode, content, digest(Fse(kind, mode, content).build()))


@dataclass(frozen=True)
class DocumentOnBoard:
    """A document that a reader lists: whose, which, its state, fingerprint (8 bytes) and bytes."""

    owner: str
    number: str
    kind: DocumentKind
    state: InvoiceState
    fingerprint: bytes = field(repr=False)
    size: int

    @property
    def id(self) -> DocumentId:
        """What names it."""
        return self.owner, self.number, int(self.kind)


def outgoing(invoices: Iterable[PreparedInvoice]) -> tuple[OutgoingDocument, ...]:
    """The documents of prepared invoices, in their order."""
    return tuple(OutgoingDocument.of(invoice) for invoice in invoices)
