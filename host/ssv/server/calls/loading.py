"""Loading invoices that a program prepared into a reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tla_sim.host.documents import OutgoingDocument, documents_of, makes_dre
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.push import PushResult, push_owner, select_taken
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import CHARGER_FACTURES_PDT
from tla_sim.host.ssv.server.answers import zones_of
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.invoice_zones import invoice_of
from tla_sim.host.ssv.server.numbers import check_number
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.identity import Identity
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.invoice import InvoiceIdentification
from tla_sim.protocol.groups.ssv_calls import HeldDocument, LoadReport
from tla_sim.protocol.groups.zone import decode_zone

_MODES: Final = {0: SecurityMode.SECURED, **{int(each): each for each in SecurityMode}}
"""The mode of group 9310; 0 is an empty field."""


def load_invoices(work: Workstation, reader: str, billing: str, zones: Sequence[bytes]) -> Sequence[bytes]:
    """Load the invoices in these zones and return what became of each document, in groups 9311.

    An invoice is groups 1110 to 9140: its FSE is loaded, with a DRE beside it if it makes one. A group 9310
    in front says the kind and mode of the only document wanted. `billing` is the owner of all; when it is
    empty the owners' invoices are loaded in the order of the zones, all or none of each owner. A reader that
    takes several owners is answered with a zone for each invoice, an older one with one zone for all.
    Project-defined, as are the groups.

    Raises, before anything is loaded: CallRefused with F802 for a zone or invoice that is ill-formed,
    contradicts itself or is another owner's; ContentDiffers for other content under a number of the ledger;
    StatusError where the reader is too old for several owners, or for the DRE that a 9310 asks for. Raises as
    `push_owner` when an owner's are loaded; then those of the owners before stay loaded.
    """
    work.check_reader(reader)
    check_number(billing)
    prepared = tuple(_prepared_in(zones))
    _check_owner(prepared, billing)
    with work.ledger() as ledger:
        identity = work.client.identify()
        documents = _taken(identity, prepared)
        for each in documents:
            ledger.state_of(each)
        return _report(identity, _push(work, ledger, documents))


class _Prepared(NamedTuple):
    """An invoice of a program, with the group 9310 that stood in front."""

    header: HeldDocument | None
    invoice: PreparedInvoice

    def documents(self) -> tuple[OutgoingDocument, ...]:
        """Return what is to be loaded of it. Raises CallRefused with F802 when the two contradict."""
        header, invoice = self
        if header is None:
            return documents_of(invoice)
        named = (header.owner, header.number) == (invoice.owner, invoice.number)
        kinds = (DocumentKind.FSE, DocumentKind.DRE) if makes_dre(invoice) else (DocumentKind.FSE,)
        if not named or header.kind not in kinds or header.mode not in _MODES or header.content:
            raise CallRefused(
                SsvCode.INPUT,
                "Group 9310 does not go with invoice {number} of {owner}",
                "Give the invoice's owner and number, a kind that it makes, mode 1 or 2 and no content",
                number=invoice.number,
                owner=invoice.owner,
            )
        return (OutgoingDocument.of(invoice, DocumentKind(header.kind), _MODES[header.mode]),)


def _prepared_in(zones: Sequence[bytes]) -> Iterator[_Prepared]:
    """Yield the invoices of zones, one or several in each. Raises CallRefused and ZoneError with F802."""
    if not zones:
        raise CallRefused(SsvCode.INPUT, "There is no invoice", "Pass a zone for each")
    for zone in zones:
        groups = decode_zone(zone)
        starts = list(_starts(groups))
        if not groups or starts[:1] != [0]:
            raise CallRefused(
                SsvCode.INPUT, "A zone does not begin with an invoice", "Begin with group 1110 or 9310"
            )
        for start, end in zip(starts, [*starts[1:], len(groups)], strict=True):
            yield _prepare(groups[start:end])


def _starts(groups: Sequence[Group]) -> Iterator[int]:
    """Yield where invoices begin: at 9310, and at 1110 without one."""
    for position, group in enumerate(groups):
        alone = position == 0 or not isinstance(groups[position - 1], HeldDocument)
        if isinstance(group, HeldDocument) or (isinstance(group, InvoiceIdentification) and alone):
            yield position


def _prepare(groups: Sequence[Group]) -> _Prepared:
    header = groups[0] if isinstance(groups[0], HeldDocument) else None
    return _Prepared(header, invoice_of(groups[header is not None :]))


def _check_owner(prepared: Iterable[_Prepared], billing: str) -> None:
    for each in prepared:
        if billing and each.invoice.owner != billing:
            raise CallRefused(
                SsvCode.INPUT,
                "Invoice {number} is of {owner}, not of {billing}",
                "Pass the invoices of one owner, or no billing number",
                number=each.invoice.number,
                owner=each.invoice.owner,
                billing=billing,
            )


def _taken(identity: Identity, prepared: Sequence[_Prepared]) -> tuple[OutgoingDocument, ...]:
    """Return the documents that the reader's version takes, each once."""
    several = len({each.invoice.owner for each in prepared}) > 1
    if several and not identity.capabilities & Capability.MULTI_OWNER:
        raise StatusError(Status.NOT_MULTI_OWNER)
    found: dict[DocumentId, OutgoingDocument] = {}
    for each in prepared:
        taken = select_taken(identity, each.documents())
        if not taken:
            raise StatusError(Status.FUNCTION_NOT_SUPPORTED)
        for document in taken:
            if found.setdefault(document.id, document) != document:
                raise CallRefused(
                    SsvCode.INPUT,
                    "{document} is passed twice, with other content or mode",
                    "Pass it once",
                    document=document.id.name,
                )
    return tuple(found.values())


def _push(
    work: Workstation, ledger: Ledger, documents: Sequence[OutgoingDocument]
) -> dict[DocumentId, PushResult]:
    """Load documents, owner by owner; return what became of each, in their order."""
    results: dict[DocumentId, PushResult] = {}
    for owner in dict.fromkeys(each.invoice.owner for each in documents):
        theirs = [each for each in documents if each.invoice.owner == owner]
        theirs.sort(key=lambda each: each.kind)
        results |= push_owner(work.client, ledger, owner, theirs).results
    return {each.id: results[each.id] for each in documents}


def _report(identity: Identity, results: Mapping[DocumentId, PushResult]) -> list[bytes]:
    reports: dict[tuple[str, str], list[LoadReport]] = {}
    for (owner, number, kind), result in results.items():
        report = LoadReport(owner=owner, number=number, kind=int(kind), result=result.value)
        reports.setdefault((owner, number), []).append(report)
    if identity.capabilities & Capability.MULTI_OWNER:
        return zones_of(reports.values())
    return zones_of([[report for each in reports.values() for report in each]])


BOUND: Final[tuple[Bound, ...]] = (bind_call(CHARGER_FACTURES_PDT, load_invoices),)
"""The functions of this topic."""
