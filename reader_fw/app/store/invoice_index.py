"""The documents on board by patient, so that the invoices of an inserted Vitale card are found at once.

A document is read once and its summary kept, together with the digest of what was loaded: a number that was
erased may come back for another patient.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import BeneficiaryKey
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import SecurityMode
from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.app.store.invoice_store import Entry, InvoiceStore
from tla_sim.reader_fw.app.store.sealing import RecordDamaged

_MAX_LEARNT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Summary:
    """What the screens show of a document, and whose it is; `origin` is the digest of what was loaded."""

    key: DocumentId
    origin: bytes
    mode: SecurityMode
    beneficiary: BeneficiaryKey
    owner_name: str
    patient_name: str
    made_on: date
    total: int


class InvoiceIndex:
    """Finds documents by beneficiary over an invoice store."""

    def __init__(self, store: InvoiceStore) -> None:
        self._store = store
        self._changes = -1
        self._summaries: dict[DocumentId, Summary] = {}
        self._by_beneficiary: dict[BeneficiaryKey, dict[DocumentId, None]] = {}
        self._learnt: dict[bytes, Summary] = {}
        self._signers: dict[DocumentId, str] = {}

    def learn(self, key: DocumentId, document: Document) -> None:
        """Remember a document that was parsed anyway, so that it need not be read again once it is loaded."""
        if len(self._learnt) < _MAX_LEARNT:
            self._learnt[document.digest] = _summary(key, document.digest, document)

    def note_signer(self, key: DocumentId, ps_serial: str) -> None:
        """Remember which PS card signed a document."""
        self._signers[key] = ps_serial

    def signer(self, key: DocumentId) -> str | None:
        """Return the serial of the PS card that signed a document since power-on, `None` if unknown."""
        return self._signers.get(key)

    def find(self, beneficiaries: Iterable[BeneficiaryKey]) -> tuple[tuple[Summary, InvoiceState], ...]:
        """Return the documents of these beneficiaries and their states, by owner, number and kind."""
        self._update()
        found = [key for who in sorted(set(beneficiaries)) for key in self._by_beneficiary.get(who, {})]
        states = ((key, self._store.state_of(key)) for key in sorted(found))
        return tuple((self._summaries[key], state) for key, state in states if state is not None)

    def list_degraded(self, owners: Iterable[str]) -> tuple[tuple[Summary, InvoiceState], ...]:
        """Return the degraded documents of these owners that wait for a signature, in order."""
        self._update()
        wanted = tuple(owners)
        keys = sorted(
            key
            for key, summary in self._summaries.items()
            if summary.mode is SecurityMode.DEGRADED and key.owner in wanted
        )
        waiting = InvoiceState.LOADED
        return tuple((self._summaries[key], waiting) for key in keys if self._store.state_of(key) is waiting)

    def _update(self) -> None:
        if self._changes == self._store.changes:
            return
        present = {entry.key: entry for entry in self._store.entries()}
        for key, summary in list(self._summaries.items()):
            entry = present.get(key)
            # Signing changes the digest but never the origin, so the summary of the invoice stays true.
            if entry is None or entry.origin != summary.origin:
                del self._summaries[key], self._by_beneficiary[summary.beneficiary][key]
                self._signers.pop(key, None)
        for key, entry in present.items():
            if key not in self._summaries:
                self._add(entry)
        self._changes = self._store.changes

    def _add(self, entry: Entry) -> None:
        summary = self._learnt.pop(entry.origin, None)
        if summary is None:
            try:
                summary = _summary(entry.key, entry.origin, Document(self._store.content(entry.key)))
            except (RecordDamaged, CodecError):
                # One unreadable document must not keep its patient's others from being found. It is listed
                # on board all the same, and reading it says what is wrong.
                return
        self._summaries[entry.key] = summary
        self._by_beneficiary.setdefault(summary.beneficiary, {})[entry.key] = None


def _summary(key: DocumentId, origin: bytes, document: Document) -> Summary:
    invoice = document.invoice
    return Summary(
        key,
        origin,
        document.fse.mode,
        invoice.beneficiary_key,
        f"{invoice.ps.last_name} {invoice.ps.first_name}".strip(),
        f"{invoice.patient.last_name} {invoice.patient.first_name}".strip(),
        invoice.made_on,
        invoice.totals.total,
    )
