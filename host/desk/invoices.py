"""The practice's invoices as the desk lists them: those of its file and those of its ledger, by owner and
patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from tla_sim.host.desk.marks import marked_documents
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.desk_model import SECURED, InvoiceName
from tla_sim.host.ledger.files import invoices_in_lots
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument
from tla_sim.host.ledger.marks import marks
from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.names import fold_name


class DeskInvoice(NamedTuple):
    """An invoice as it is listed. `total` in cents; `states` are those of its documents, `None` for one that
    the ledger does not have; `to_load`: it goes into the TLA with the next push, unless it is there;
    `reader` is the serial of the reader that it is on, or came from."""

    owner: str
    number: str
    owner_name: str
    patient: str
    recipient: str
    made_on: date
    total: int
    mode: SecurityMode
    to_load: bool
    in_lot: bool
    states: tuple[tuple[DocumentKind, LedgerState | None], ...]
    reader: str

    @property
    def gone(self) -> bool:
        """Whether all its documents left."""
        return all(state is LedgerState.TRANSMITTED for _, state in self.states)


def desk_invoices(ledger: Ledger, prepared: Iterable[PreparedInvoice]) -> list[DeskInvoice]:
    """Return the invoices of prepared ones and of the ledger that have not left, by owner in the practice's
    order, patient, and date, the newest first. Raises `LedgerUnusable`.
    """
    wanted = tuple(prepared)
    lines: dict[InvoiceName, list[LedgerDocument]] = {}
    for line in ledger.documents(DocumentFilter()):
        lines.setdefault((line.owner, line.number), []).append(line)
    marked, lots = marks(ledger), invoices_in_lots(ledger)
    found = [_held(held, marked.get(key, SECURED).to_load, key in lots) for key, held in lines.items()]
    made: dict[InvoiceName, list[OutgoingDocument]] = {}
    new = [each for each in wanted if (each.owner, each.number) not in lines]
    for document in marked_documents(ledger, new, to_load=False):
        made.setdefault((document.invoice.owner, document.invoice.number), []).append(document)
    found += [_prepared(documents) for documents in made.values()]
    order = {each: place for place, each in enumerate(dict.fromkeys(each.owner for each in wanted))}
    last = len(order)
    folded = {each: fold_name(each) for each in {line.patient for line in found}}
    shown = [each for each in found if not each.gone]
    shown.sort(
        key=lambda each: (
            order.get(each.owner, last),
            each.owner,
            folded[each.patient],
            each.patient,
            -each.made_on.toordinal(),
            each.number,
        )
    )
    return shown


def among(invoices: Iterable[DeskInvoice], owner: str = "", patient: str = "") -> list[DeskInvoice]:
    """Return those of an owner, by billing number, whose patient has this in the name, whatever case and
    accents; what is empty lets all pass."""
    wanted = fold_name(patient)
    mine = [each for each in invoices if not owner or each.owner == owner]
    if not wanted:
        return mine
    # Patients come again with each of their invoices.
    named = {each for each in {line.patient for line in mine} if wanted in fold_name(each)}
    return [each for each in mine if each.patient in named]


def _held(lines: Sequence[LedgerDocument], to_load: bool, in_lot: bool) -> DeskInvoice:
    first = lines[0]
    return DeskInvoice(
        first.owner,
        first.number,
        first.owner_name,
        first.patient,
        first.recipient,
        first.made_on,
        first.total,
        first.mode,
        to_load,
        in_lot,
        tuple((line.kind, line.state) for line in lines),
        first.reader,
    )


def _prepared(documents: Sequence[OutgoingDocument]) -> DeskInvoice:
    invoice = documents[0].invoice
    return DeskInvoice(
        invoice.owner,
        invoice.number,
        f"{invoice.ps.last_name} {invoice.ps.first_name}".rstrip(),
        f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip(),
        invoice.amo.recipient,
        invoice.made_on,
        invoice.totals.total,
        documents[0].mode,
        True,
        False,
        tuple((each.kind, None) for each in documents),
        "",
    )
