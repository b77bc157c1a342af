"""Rectifying an invoice that a recipient rejected: a new invoice that names the old one, only once.

The new one carries groups 1110 fields 5 and 6 and is certified like any other. Project-defined.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.marks import held_invoice, held_lines, rectifying_invoice
from tla_sim.host.documents import OutgoingDocument, documents_of
from tla_sim.host.ledger.files import rejected_kinds
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger
from tla_sim.host.ledger.marks import copy_mark, find_rectifying, put_rectification
from tla_sim.host.ledger.pieces import copy_pieces
from tla_sim.host.practice.date_order import InvoiceDates, find_disorder
from tla_sim.host.practice.given import new_number as check_new_number
from tla_sim.host.practice.problem import BadValue, place
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.sentence import Sentence


def rectify(
    ledger: Ledger,
    number: str,
    new_number: str,
    made_on: date,
    *,
    owner: str = "",
    corrected: PreparedInvoice | None = None,
) -> tuple[OutgoingDocument, ...]:
    """Prepare the invoice that rectifies a rejected one; return its documents, now PREPARED.

    `corrected` is its content, by default the old one's, or the new one's if it exists already. Only the
    kinds that were rejected are made again. Raises `BadValue` for a malformed number, or a date before the
    old one's or an act's; `UnknownInvoice`; `DeskRefused` when nothing of the old one was rejected, another
    invoice rectifies it, or the new number is taken. Nothing was changed then.

        >>> from datetime import date
        >>> # Invoice 190305028 was sent, and answer.arl rejects it.
        >>> taken = tla_sim.read_arl(ledger, "answer.arl")
        >>> (document,) = tla_sim.rectify(ledger, "190305028", "190305900", date(2019, 3, 12))
        >>> document.id.number
        '190305900'
    """
    check_new_number(new_number, Sentence("the new invoice's number"))
    old = held_lines(ledger, number, owner)[0]
    kinds = rejected_kinds(ledger, old.owner, number)
    if not kinds:
        raise DeskRefused(
            "Invoice {number} was not rejected",
            "Only what an ARL rejects is rectified; read the ARL first",
            number=number,
        )
    if corrected is not None and corrected.owner != old.owner:
        raise DeskRefused(
            "Invoice {new_number} belongs to {found}, not to {owner}",
            "Give the owner's own",
            new_number=new_number,
            found=corrected.owner,
            owner=old.owner,
        )
    known = find_rectifying(ledger, old.owner, number)
    if known is not None and known != new_number:
        raise DeskRefused(
            "Invoice {number} is rectified by {other} already",
            "Send that one; it is never sent twice",
            number=number,
            other=known,
        )
    taken = ledger.documents(DocumentFilter(owner=old.owner, numbers=(new_number,)))
    if not known and taken:
        raise DeskRefused(
            "Invoice {new_number} of {owner} exists",
            "Give the new one a number of its own",
            new_number=new_number,
            owner=taken[0].owner_name,
        )
    if corrected is not None:
        invoice = corrected
        check_dates(invoice)
    elif known:
        invoice = held_invoice(ledger, new_number, old.owner)
    else:
        if made_on < old.made_on:
            expected = Sentence(
                "{made_on} or later, the day of the invoice that it rectifies", made_on=old.made_on
            )
            raise BadValue("the new invoice's date", made_on.isoformat(), expected)
        invoice = _renumber(ledger, old.id, new_number, made_on)
        check_dates(invoice)
    invoice = rectifying_invoice(invoice, number, old.made_on)
    documents = [each for each in documents_of(invoice, SecurityMode(old.mode)) if each.kind in kinds]
    if not documents:
        raise DeskRefused(
            "The corrected invoice makes no {kind}",
            "Give it the complementary part again",
            kind=kinds[0].name,
        )
    with ledger.writing():
        ledger.prepare(documents)
        put_rectification(ledger, old.owner, new_number, number, old.made_on)
        copy_mark(ledger, old.owner, number, new_number)
        copy_pieces(ledger, old.owner, number, new_number)
    return tuple(documents)


def propose_number(ledger: Ledger, owner: str, made_on: date, taken: Collection[str] = ()) -> str:
    """Return a number for an invoice of a day, as the field writes it: the first of 190305001, 190305002, …
    for 05/03/2019 that is neither in the ledger nor among `taken`."""
    return ledger.free_number(owner, f"{made_on:%y%m%d}001", taken)


def check_dates(invoice: PreparedInvoice) -> None:
    """Check the order of its dates. Raises `BadValue` for the first that is out of order."""
    prescription = invoice.prescription
    dates = InvoiceDates(
        made_on=invoice.made_on,
        acts=[act.performed_on for act in invoice.acts],
        born=invoice.beneficiary.birth_date,
        prescribed_on=prescription.prescribed_on if prescription else None,
        agreed_on=prescription.prior_agreement_on if prescription else None,
        event_on=invoice.coverage.event_on,
        nature=invoice.coverage.nature,
    )
    for each in find_disorder(dates):
        where = Sentence("{place} of invoice {number}", place=place(each.place), number=invoice.number)
        raise BadValue(where, each.found.isoformat(), each.expected)


def _renumber(ledger: Ledger, document: DocumentId, number: str, made_on: date) -> PreparedInvoice:
    invoice = PreparedInvoice.parse(ledger.invoice(document))
    named = replace(invoice.identification, invoice_number=number, made_on=made_on)
    return replace(invoice, identification=named)
