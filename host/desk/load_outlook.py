"""What waits to be loaded: by owner, what goes in of one owner and what does not, and who else has invoices
for the same patients. The loading itself follows `tla_sim.host.desk.load`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tla_sim.host.desk.marks import marked_documents, select_for_desk
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.desk_model import InvoiceName
from tla_sim.host.ledger.errors import ContentDiffers, DocumentDamaged
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.round.push import select_taken
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.identity import Identity
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice import BeneficiaryKey, PreparedInvoice
from tla_sim.protocol.errors import Category, TlaError


class NoRoom(TlaError):
    """The reader has no room for what would be loaded."""

    category = Category.REFUSED


@dataclass(frozen=True, slots=True)
class Loadable:
    """A prepared invoice on its way into a reader. `documents` are those that go in; `total` in cents.

    `reader` is the serial number of the one that it is on; `at_desk`: it is degraded and signed at the desk;
    `problem` is why loading would be refused. With none of these, it waits.
    """

    owner: str
    number: str
    owner_name: str
    patient: str
    beneficiary: BeneficiaryKey
    made_on: date
    total: int
    mode: SecurityMode
    documents: tuple[DocumentId, ...]
    reader: str = ""
    at_desk: bool = False
    problem: TlaError | None = None

    @property
    def waits(self) -> bool:
        """Whether the next loading takes it."""
        return not (self.reader or self.at_desk or self.problem)


@dataclass(frozen=True, slots=True)
class OwnerLoad:
    """What waits of an owner: invoices, the documents that these make, patients, total in cents; and how many
    invoices are on the reader already."""

    owner: str
    name: str
    invoices: int
    documents: int
    patients: int
    total: int
    loaded: int


@dataclass(frozen=True, slots=True)
class LoadOutlook:
    """What waits to be loaded. `left_out` counts the DREs of the owner that the reader's version does not
    take, `others` have invoices for the same patients, and are counted by those alone."""

    owners: tuple[OwnerLoad, ...]
    lines: tuple[Loadable, ...]
    left_out: int
    others: tuple[OwnerLoad, ...]


def look_at_loading(
    ledger: Ledger,
    invoices: Iterable[PreparedInvoice],
    owner: str = "",
    identity: Identity | None = None,
    held: Collection[DocumentId] | None = None,
    serial: str = "",
) -> LoadOutlook:
    """Return what of these prepared invoices waits to be loaded into a reader, and of one owner each.

    `owner` is a billing number, by default the first's that has something; without `identity`, what the
    reader takes is not known, and everything is told; `serial` says then which one it is. `held` is what the
    reader lists: what the ledger notes as loaded into it and is not there was cut before its end, and waits.
    What is certified or given up is left out. Raises `LedgerUnusable`.
    """
    prepared = tuple(invoices)
    made = marked_documents(ledger, prepared, to_load=True)
    taken = made if identity is None else select_taken(identity, made)
    serial = serial if identity is None else identity.serial_number
    cut = _Cut(serial, held)
    found = [*_grouped(ledger, taken, cut), *map(_at_desk, select_for_desk(ledger, prepared))]
    owners = tuple(_sum_up(each, serial) for each in _apart(found))
    chosen = owner or next(
        (each.owner for each in owners if each.invoices), owners[0].owner if owners else ""
    )
    lines = sorted(
        (each for each in found if each.owner == chosen),
        key=lambda each: (not each.waits, each.patient, -each.made_on.toordinal(), each.number),
    )
    left_out = sum(each.invoice.owner == chosen for each in made) - sum(
        each.invoice.owner == chosen for each in taken
    )
    return LoadOutlook(owners, tuple(lines), left_out, _others(found, lines, chosen, serial))


def takes_several(identity: Identity) -> bool:
    """Return whether a reader takes the invoices of several owners at once."""
    return bool(identity.capabilities & Capability.MULTI_OWNER)


def check_room(documents: int, free: int) -> None:
    """Make sure that a reader has room for so many documents. Raises `NoRoom`."""
    if documents > free:
        raise NoRoom(
            "{documents} documents would be loaded, and the reader has room for {free}",
            "Bring back what is certified first",
            documents=documents,
            free=free,
        )


def _others(
    found: Iterable[Loadable], lines: Iterable[Loadable], chosen: str, serial: str
) -> tuple[OwnerLoad, ...]:
    patients = {each.beneficiary for each in lines if not each.at_desk}
    same = [each for each in found if each.owner != chosen and each.beneficiary in patients]
    summed = (_sum_up(each, serial) for each in _apart(same))
    return tuple(each for each in summed if each.invoices)


@dataclass(frozen=True, slots=True)
class _Cut:
    """What a reader lists, by which a load that was cut is known."""

    serial: str
    held: Collection[DocumentId] | None

    def takes(self, document: DocumentId, reader: str) -> bool:
        """Whether a document that the ledger notes on a reader is not there."""
        return self.held is not None and reader == self.serial and document not in self.held


def _grouped(ledger: Ledger, documents: Iterable[OutgoingDocument], cut: _Cut) -> list[Loadable]:
    of: dict[InvoiceName, list[OutgoingDocument]] = {}
    for each in documents:
        of.setdefault((each.invoice.owner, each.invoice.number), []).append(each)
    return [line for each in of.values() if (line := _line(ledger, each, cut)) is not None]


def _line(ledger: Ledger, documents: Sequence[OutgoingDocument], cut: _Cut) -> Loadable | None:
    """Return an invoice's line, `None` when all its documents are certified or given up."""
    open_ones: list[DocumentId] = []
    reader, problem = "", None
    for each in documents:
        try:
            state = ledger.state_of(each)
        except (ContentDiffers, DocumentDamaged) as error:
            problem = error
            open_ones.append(each.id)
            continue
        if state in (None, LedgerState.PREPARED):
            open_ones.append(each.id)
        elif state is LedgerState.LOADED:
            line = ledger.get(each.id)
            if line is not None and not cut.takes(each.id, line.reader):
                reader = line.reader
            open_ones.append(each.id)
    if not open_ones:
        return None
    first = documents[0]
    return replace(_waiting(first.invoice, first.mode, tuple(open_ones)), reader=reader, problem=problem)


def _at_desk(invoice: PreparedInvoice) -> Loadable:
    return replace(_waiting(invoice, SecurityMode.DEGRADED, ()), at_desk=True)


def _waiting(invoice: PreparedInvoice, mode: SecurityMode, documents: tuple[DocumentId, ...]) -> Loadable:
    return Loadable(
        invoice.owner,
        invoice.number,
        f"{invoice.ps.last_name} {invoice.ps.first_name}".rstrip(),
        f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip(),
        invoice.beneficiary_key,
        invoice.made_on,
        invoice.totals.total,
        mode,
        documents,
    )


def _apart(found: Iterable[Loadable]) -> list[list[Loadable]]:
    of: dict[str, list[Loadable]] = {}
    for each in found:
        of.setdefault(each.owner, []).append(each)
    return list(of.values())


def _sum_up(lines: Sequence[Loadable], serial: str) -> OwnerLoad:
    waiting = [each for each in lines if each.waits]
    return OwnerLoad(
        lines[0].owner,
        lines[0].owner_name,
        len(waiting),
        sum(len(each.documents) for each in waiting),
        len({each.beneficiary for each in waiting}),
        sum(each.total for each in waiting),
        sum(each.reader == serial != "" for each in lines),
    )
