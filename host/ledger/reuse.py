"""The rule that an invoice number names one invoice of its owner, for good.

Another invoice under the number of one in the ledger is refused at every stage of the first one's life; a
correction of it is not another invoice. Why a number alone, without a year:
docs/decisions/invoice-numbers.md. Project-defined.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Final

from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.database import LedgerDatabase
from tla_sim.host.ledger.errors import ContentDiffers
from tla_sim.host.ledger.model import LedgerState
from tla_sim.host.ledger.queries import DocumentQueries
from tla_sim.host.ledger.rows import DocumentRows
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import PreparedInvoice, euros
from tla_sim.protocol.sentence import Sentence

_DIGITS: Final = 9
_YEAR_DIGITS: Final = 2

CORRECTABLE: Final = (LedgerState.PREPARED, LedgerState.CANCELLED)
"""On no reader, and never certified: a corrected invoice may take its place."""


def is_billed_by(held: PreparedInvoice, other: PreparedInvoice) -> bool:
    """Return whether both bill the same.

    The source of a degraded invoice's rights, and the invoice that it rectifies, do not count: the desk adds
    them.
    """
    return _without_marks(held) == _without_marks(other)


def is_corrected_by(held: PreparedInvoice, other: PreparedInvoice) -> bool:
    """Return whether the other may be the same invoice, corrected: of the same year, and for the same patient
    by NIR or by name."""
    if held.made_on.year != other.made_on.year:
        return False
    return held.beneficiary.nir == other.beneficiary.nir or held.patient == other.patient


def describe_invoice(invoice: PreparedInvoice) -> str:
    """Return an invoice's date, patient and total in a few words."""
    name = f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip()
    return f"{invoice.made_on:%d/%m/%Y}, {name}, {euros(invoice.totals.total)} €"


def number_with_year(number: str, made_on: date) -> str:
    """Return the number with its year in front, as in the field: 000000001 of 2020 gives 200000001."""
    return f"{made_on:%y}{number[_YEAR_DIGITS - _DIGITS :].rjust(_DIGITS - _YEAR_DIGITS, '0')}"


class NumberRules:
    """The rules for other invoices under the numbers of a ledger's invoices."""

    def __init__(self, database: LedgerDatabase, queries: DocumentQueries, rows: DocumentRows) -> None:
        self._database = database
        self._queries = queries
        self._rows = rows

    def check(self, invoice: PreparedInvoice) -> None:
        """Make sure that an invoice's number does not name another one. Raises `ContentDiffers`."""
        self._database.check_sound(DocumentId(invoice.owner, invoice.number, DocumentKind.FSE))
        rows = self._database.rows(
            "SELECT kind, state, reader, invoice_digest FROM documents WHERE owner = ? AND number = ?",
            (invoice.owner, invoice.number),
        )
        if not rows:
            return
        for kind, number, reader, held_digest in rows:
            if held_digest == invoice.digest:
                continue
            document = DocumentId(invoice.owner, invoice.number, DocumentKind(kind))
            state = LedgerState(number)
            held = self._held_invoice(document)
            fits = is_corrected_by if state in CORRECTABLE else is_billed_by
            if not fits(held, invoice):
                raise self.differs(document, state, reader, invoice)

    def check_prepared(self, invoice: PreparedInvoice) -> None:
        """Make sure that what is prepared under an invoice's number bills the same.

        Raises `ContentDiffers`.
        """
        for kind in DocumentKind:
            document = DocumentId(invoice.owner, invoice.number, kind)
            held = self._rows.find(document)
            if held is None or held.state is not LedgerState.PREPARED:
                continue
            prepared = self._held_invoice(document)
            if not is_billed_by(prepared, invoice):
                action = Sentence("Bill it again", number=invoice.number)
                raise ContentDiffers(document, _tell_apart(prepared, invoice, held.state), action)

    def state_of(self, document: OutgoingDocument) -> LedgerState | None:
        """Return where a prepared document is in its life. Raises `ContentDiffers` if it is another one."""
        self.check(document.invoice)
        held = self._rows.find(document.id)
        if held is None:
            return None
        if held.carries(document.mode, document.invoice_digest):
            return held.state
        if held.state is LedgerState.LOADED:
            raise self.differs(document.id, held.state, held.reader, document.invoice)
        return LedgerState.PREPARED if held.state in CORRECTABLE else held.state

    def differs(
        self, document: DocumentId, state: LedgerState, reader: str, invoice: PreparedInvoice
    ) -> ContentDiffers:
        """Return the refusal of other content under a document's number."""
        held = self._held_invoice(document)
        where = _tell_apart(held, invoice, state)
        if state is LedgerState.LOADED and is_corrected_by(held, invoice):
            return ContentDiffers(
                document, where, Sentence("Erase it from reader {reader} first", reader=reader)
            )
        renumbered = number_with_year(invoice.number, invoice.made_on)
        if held.made_on.year != invoice.made_on.year and self._has(renumbered, invoice):
            return ContentDiffers(
                document,
                where,
                Sentence(
                    "{renumbered} is in the ledger already; if it is this invoice, push the renumbered file",
                    renumbered=renumbered,
                ),
            )
        wanted = number_with_year(invoice.number, invoice.made_on)
        free = self.free_number(invoice.owner, wanted)
        if held.made_on.year != invoice.made_on.year:
            return ContentDiffers(
                document,
                where,
                Sentence(
                    "Give it a number of its own, such as {free}; where numbers restart each year, put"
                    " the year before them",
                    free=free,
                ),
            )
        return ContentDiffers(
            document,
            where,
            Sentence("If it is another invoice, give it a number of its own, such as {free}", free=free),
        )

    def free_number(self, owner: str, wanted: str, taken: Collection[str] = ()) -> str:
        """Return the first number of nine digits from `wanted` on that is free in an owner's ledger, and not
        among `taken`."""
        rows = self._database.rows(
            "SELECT DISTINCT number FROM documents WHERE owner = ? AND number >= ? AND length(number) = ?"
            " ORDER BY number",
            (owner, wanted, _DIGITS),
        )
        held = iter(number for (number,) in rows)
        following = next(held, None)
        while following == wanted or wanted in taken:
            if following == wanted:
                following = next(held, None)
            wanted = f"{(int(wanted) + 1) % 10**_DIGITS:0{_DIGITS}}"
        return wanted

    def next_number(self, owner: str, taken: Collection[str], today: date) -> str:
        """Return the number that an owner's new invoice may have: behind the greatest of those `taken`
        in the practice file, or the first of `today`; in either case one that is free in the ledger."""
        last = max(taken, default=f"{today:%y%m%d}000")
        return self.free_number(owner, f"{(int(last) + 1) % 10**_DIGITS:0{_DIGITS}}", frozenset(taken))

    def _held_invoice(self, document: DocumentId) -> PreparedInvoice:
        return PreparedInvoice.parse(self._queries.invoice(document))

    def _has(self, number: str, invoice: PreparedInvoice) -> bool:
        """Return whether an invoice of the same owner and year has the number."""
        asked = "SELECT 1 FROM documents WHERE owner = ? AND number = ? AND substr(made_on, 1, 4) = ?"
        return self._database.first(asked, (invoice.owner, number, f"{invoice.made_on:%Y}")) is not None


def _tell_apart(held: PreparedInvoice, invoice: PreparedInvoice, state: LedgerState) -> str:
    return Sentence(
        "in the practice file ({invoice}) than in the ledger ({held}), where it is {state}",
        invoice=describe_invoice(invoice),
        held=describe_invoice(held),
        state=state.name,
    )


def _without_marks(invoice: PreparedInvoice) -> PreparedInvoice:
    coverage = replace(invoice.coverage, rights_source="")
    named = replace(invoice.identification, rectified_number="", rectified_on=None)
    return replace(invoice, coverage=coverage, identification=named)
