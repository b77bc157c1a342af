"""How an invoice is billed: secured or degraded, with which rights, loaded or signed at the desk.

A degraded invoice's rights come from what the practice knows or from an ADR answer, and its signed content
says which. An invoice with a complementary part under tiers payant makes a DRE beside its FSE, both with the
same content, mode and number. Project-defined, after the editors' notices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Final

from tla_sim.host.desk.errors import DeskRefused, UnknownInvoice
from tla_sim.host.documents import OutgoingDocument, documents_of
from tla_sim.host.ledger.desk_model import SECURED, InvoiceName, Mark, Rights
from tla_sim.host.ledger.errors import ContentDiffers, DocumentDamaged
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument, LedgerState
from tla_sim.host.ledger.marks import find_rectified, marks, put_mark, rectifications, remove_mark
from tla_sim.host.ledger.model import CERTIFIED
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.sentence import Sentence

_OPEN: Final = (None, LedgerState.PREPARED, LedgerState.CANCELLED)


def bill_degraded(
    ledger: Ledger,
    invoice: PreparedInvoice,
    rights: Rights,
    *,
    to_load: bool = False,
    on_paper: bool = False,
) -> tuple[OutgoingDocument, ...]:
    """Bill an invoice degraded; return its documents, now PREPARED in the ledger.

    `rights` says where the patient's rights come from. With `to_load` the next push loads it into the TLA;
    otherwise it is signed at the desk. Raises `DeskRefused` when it is on a reader or signed already,
    `ContentDiffers` when its number names another invoice.

        >>> invoice = tla_sim.prepared_invoices(practice)[0]
        >>> [document.mode.name for document in tla_sim.bill_degraded(ledger, invoice, tla_sim.Rights.ADR)]
        ['DEGRADED']
    """
    check_open(ledger, invoice)
    documents = _bill(ledger, with_rights(invoice, rights), SecurityMode.DEGRADED)
    with ledger.writing():
        ledger.prepare(documents)
        put_mark(ledger, invoice.owner, invoice.number, Mark(True, rights, to_load, on_paper))
    return documents


def bill_secured(ledger: Ledger, invoice: PreparedInvoice) -> tuple[OutgoingDocument, ...]:
    """Remove the degraded mark and return the invoice's documents: it needs its Vitale again.

    Raises `DeskRefused`, and `ContentDiffers` when its number names another invoice.
    """
    check_open(ledger, invoice)
    documents = _bill(ledger, _with_source(invoice, ""), SecurityMode.SECURED)
    with ledger.writing():
        ledger.prepare(documents)
        remove_mark(ledger, invoice.owner, invoice.number)
    return documents


def with_rights(invoice: PreparedInvoice, rights: Rights) -> PreparedInvoice:
    """Return the invoice, stating where its rights come from."""
    return _with_source(invoice, rights)


def _with_source(invoice: PreparedInvoice, source: str) -> PreparedInvoice:
    return replace(invoice, coverage=replace(invoice.coverage, rights_source=source))


def check_open(ledger: Ledger, invoice: PreparedInvoice) -> None:
    """Make sure that how an invoice is billed may still change.

    Raises `DeskRefused` when it is on a reader or signed, `ContentDiffers` when its number names another one.
    """
    owner, number = invoice.owner, invoice.number
    ledger.check_number(invoice)
    for kind in DocumentKind:
        state = ledger.state(DocumentId(owner, number, kind))
        if state not in _OPEN:
            assert state is not None
            raise DeskRefused(
                "{kind} {number} of {owner} is {state}; how it is billed cannot change any more",
                Sentence("Erase it from the reader first", owner=owner)
                if state is LedgerState.LOADED
                else Sentence("Leave it as it is"),
                kind=kind.name,
                number=number,
                owner=f"{invoice.ps.last_name} {invoice.ps.first_name}".rstrip(),
                state=state.name,
            )


def marked_documents(
    ledger: Ledger, invoices: Iterable[PreparedInvoice], *, to_load: bool
) -> tuple[OutgoingDocument, ...]:
    """Return the documents of invoices as they are marked, FSEs before DREs, equal modes together.

    With `to_load`, degraded invoices that are signed at the desk are left out. Invoices that rectify others
    carry group 1110 fields 5 and 6, and have only the kinds that were rejected; those that are only in the
    ledger are added when loading. The ledger's invoice is the one that is marked: when the practice has
    another one under its number, or when it is damaged, the document comes unmarked, and loading and
    certifying refuse it.
    """
    marked, rectifying = marks(ledger), rectifications(ledger)
    found: list[OutgoingDocument] = []
    seen: dict[InvoiceName, None] = {}
    for invoice in invoices:
        name = (invoice.owner, invoice.number)
        seen[name] = None
        if (name in marked or name in rectifying) and _stays_out(ledger, invoice):
            found += documents_of(invoice)
            continue
        mark = marked.get(name, SECURED)
        if mark.degraded and to_load and not mark.to_load:
            continue
        mode = SecurityMode.DEGRADED if mark.degraded else SecurityMode.SECURED
        each = _with_source(invoice, mark.rights) if mark.degraded else invoice
        found += _documents(ledger, each, mode, rectifying.get(name))
    if to_load:
        found += _rectifying_only_here(ledger, [each for each in rectifying if each not in seen], marked)
    return tuple(sorted(found, key=lambda each: (each.mode, each.kind)))


def _bill(ledger: Ledger, invoice: PreparedInvoice, mode: SecurityMode) -> tuple[OutgoingDocument, ...]:
    return _documents(ledger, invoice, mode, find_rectified(ledger, invoice.owner, invoice.number))


def _documents(
    ledger: Ledger, invoice: PreparedInvoice, mode: SecurityMode, rectified: tuple[str, date] | None
) -> tuple[OutgoingDocument, ...]:
    """Return an invoice's documents; for one that rectifies another, only the kinds that were rejected.

    Raises `DeskRefused` when it makes none of those.
    """
    if rectified is None:
        return documents_of(invoice, mode)
    kinds = [line.kind for line in held_lines(ledger, invoice.number, invoice.owner)]
    named = rectifying_invoice(invoice, *rectified)
    documents = tuple(each for each in documents_of(named, mode) if each.kind in kinds)
    if not documents:
        raise DeskRefused(
            "Invoice {number} makes no {kind}, which is what was rejected of {rectified}",
            "Give it the complementary part again",
            number=invoice.number,
            kind=kinds[0].name,
            rectified=rectified[0],
        )
    return documents


def documents_at_desk(
    ledger: Ledger, invoices: Iterable[PreparedInvoice], owner: str, number: str
) -> tuple[OutgoingDocument, ...]:
    """Return the documents of one invoice as it is marked, to be shown or certified: from the practice's
    invoices, or from the ledger where it is certified already, or known there alone.

    Raises `UnknownInvoice`, `DocumentDamaged`.
    """
    found = [each for each in invoices if (each.owner, each.number) == (owner, number)]
    lines = ledger.documents(DocumentFilter(owner=owner, numbers=(number,)))
    made = marked_documents(ledger, found, to_load=False)
    certified = [line.kind for line in lines if line.state in CERTIFIED]
    if any(each.kind not in certified for each in made):
        return made
    return held_documents(ledger, held_lines(ledger, number, owner))


def select_for_desk(ledger: Ledger, invoices: Iterable[PreparedInvoice]) -> tuple[PreparedInvoice, ...]:
    """Return the invoices that are degraded, not loaded into the TLA, and waiting to be signed at the
    desk."""
    marked = marks(ledger)
    found = []
    for each in invoices:
        mark = marked.get((each.owner, each.number), SECURED)
        if mark.degraded and not mark.to_load and not _stays_out(ledger, each):
            state = ledger.state(DocumentId(each.owner, each.number, DocumentKind.FSE))
            if state in _OPEN:
                found.append(each)
    return tuple(found)


def _stays_out(ledger: Ledger, invoice: PreparedInvoice) -> bool:
    """Return whether the ledger has another or a damaged invoice under this number: neither is marked
    again."""
    try:
        ledger.check_number(invoice)
    except (ContentDiffers, DocumentDamaged):
        return True
    return False


def _rectifying_only_here(
    ledger: Ledger, names: Sequence[InvoiceName], marked: Mapping[InvoiceName, Mark]
) -> list[OutgoingDocument]:
    """Return the sound rectifying invoices that are in no practice file and still to be loaded."""
    found: list[OutgoingDocument] = []
    for owner, number in names:
        if marked.get((owner, number), SECURED).to_load:
            prepared = DocumentFilter(owner=owner, numbers=(number,), states=(LedgerState.PREPARED,))
            with suppress(DocumentDamaged):  # the ledger reports it; the others are loaded
                found += held_documents(ledger, ledger.documents(prepared))
    return found


def rectifying_invoice(invoice: PreparedInvoice, number: str, made_on: date) -> PreparedInvoice:
    """Return the invoice with the reference to the one that it rectifies (group 1110 fields 5 and 6)."""
    named = replace(invoice.identification, rectified_number=number, rectified_on=made_on)
    return replace(invoice, identification=named)


def held_lines(ledger: Ledger, number: str, owner: str = "") -> list[LedgerDocument]:
    """Return the lines of an invoice's documents, FSE first.

    Raises `UnknownInvoice`, `DeskRefused` for two owners.
    """
    lines = ledger.documents(DocumentFilter(owner=owner or None, numbers=(number,)))
    if not lines:
        for each in [owner] if owner else ledger.damaged_owners(number):
            ledger.check_sound(DocumentId(each, number, DocumentKind.FSE))
        raise UnknownInvoice(number, owner)
    owners = tuple(dict.fromkeys(each.owner for each in lines))
    if len(owners) > 1:
        choices = ", ".join(f"{each.owner} ({each.owner_name})" for each in lines)
        raise DeskRefused(
            "{count} owners have an invoice {number}",
            "Name one of the owners: {choices}",
            count=len(owners),
            number=number,
            choices=choices,
        )
    return lines


def held_documents(ledger: Ledger, lines: Sequence[LedgerDocument]) -> tuple[OutgoingDocument, ...]:
    """Return the prepared documents of the ledger's lines. Raises `DocumentDamaged`."""
    return tuple(
        OutgoingDocument.of(PreparedInvoice.parse(ledger.invoice(each.id)), each.kind, each.mode)
        for each in lines
    )


def held_invoice(ledger: Ledger, number: str, owner: str = "") -> PreparedInvoice:
    """Return an invoice's content from the ledger.

    Raises `UnknownInvoice`, `DeskRefused`, `DocumentDamaged`.
    """
    return PreparedInvoice.parse(ledger.invoice(held_lines(ledger, number, owner)[0].id))
