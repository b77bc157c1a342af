"""Where a practice's documents stand: those of its file and those of its ledger, counted by owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tla_sim.host.desk.marks import marked_documents
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument, LedgerState
from tla_sim.host.practice.model import Practice
from tla_sim.host.round.outbox import file_name
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice


@dataclass(frozen=True, slots=True)
class Standing:
    """One document and where it stands. Amount in cents; `reader` is the serial of the reader it is on or
    came from; `file` its name in the outbox once it left."""

    id: DocumentId
    owner_name: str
    patient: str
    made_on: date
    total: int
    state: LedgerState
    mode: SecurityMode
    reader: str = ""

    @property
    def file(self) -> str:
        """The name of its file, empty unless it left."""
        return file_name(self.id) if self.state is LedgerState.TRANSMITTED else ""


@dataclass(frozen=True, slots=True)
class OwnerStanding:
    """How many of an owner's documents are in which state, and their total in cents."""

    owner: str
    name: str
    counts: dict[LedgerState, int]
    total: int


def standing(
    invoices: Iterable[PreparedInvoice], ledger: Ledger, states: tuple[LedgerState, ...] | None = None
) -> tuple[Standing, ...]:
    """Return every document of prepared invoices and of the ledger, in order of owner, number and kind; with
    `states`, of the ledger those alone.

    Raises LedgerUnusable.
    """
    found = {each.id: _held(each) for each in ledger.documents(DocumentFilter(states=states))}
    for each in marked_documents(ledger, invoices, to_load=False):
        if each.id not in found and (states is None or ledger.get(each.id) is None):
            found[each.id] = _prepared(each)
    return tuple(found[each] for each in sorted(found))


def by_owner(practice: Practice, documents: Iterable[Standing]) -> tuple[OwnerStanding, ...]:
    """Count documents by owner: in the practice's order, then others that the ledger has."""
    of: dict[str, list[Standing]] = {number: [] for number in practice.owners}
    for each in documents:
        of.setdefault(each.id.owner, []).append(each)
    return tuple(_counted(owner, mine) for owner, mine in of.items() if mine)


def _counted(owner: str, documents: Sequence[Standing]) -> OwnerStanding:
    counts = dict.fromkeys(LedgerState, 0)
    for each in documents:
        counts[each.state] += 1
    return OwnerStanding(owner, documents[0].owner_name, counts, sum(each.total for each in documents))


def _held(line: LedgerDocument) -> Standing:
    return Standing(
        line.id, line.owner_name, line.patient, line.made_on, line.total, line.state, line.mode, line.reader
    )


def _prepared(document: OutgoingDocument) -> Standing:
    invoice = document.invoice
    return Standing(
        document.id,
        _name(invoice.ps.last_name, invoice.ps.first_name),
        _name(invoice.patient.last_name, invoice.patient.first_name),
        invoice.made_on,
        invoice.totals.total,
        LedgerState.PREPARED,
        document.mode,
    )


def _name(last: str, first: str) -> str:
    return f"{last} {first}".rstrip()
