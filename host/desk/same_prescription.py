"""The invoices of one prescription, which needs to be scanned only once."""

from __future__ import annotations

from typing import Final

from tla_sim.host.ledger.errors import DocumentDamaged
from tla_sim.host.ledger.files import closed_among
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerDocument, LedgerState
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import BeneficiaryKey, PreparedInvoice

_GONE: Final = (LedgerState.CANCELLED, LedgerState.TRANSMITTED)


def same_prescription(ledger: Ledger, line: LedgerDocument) -> tuple[LedgerDocument, ...]:
    """Return the other invoices of an invoice's prescription, whoever made them, whose pieces may still
    change: those with its beneficiary, prescriber and day. Those that cannot be read are left out.
    """
    if line.prescribed_on is None:
        return ()
    day = DocumentFilter(prescribed_on=line.prescribed_on, kind=DocumentKind.FSE)
    others = [
        each
        for each in ledger.documents(day)
        if each.patient == line.patient and each.id[:2] != line.id[:2] and each.state not in _GONE
    ]
    wanted = _prescription(ledger, line) if others else None
    if wanted is None:
        return ()
    closed = closed_among(ledger, [(each.owner, each.number) for each in others])
    return tuple(
        each
        for each in others
        if (each.owner, each.number) not in closed and _prescription(ledger, each) == wanted
    )


def _prescription(ledger: Ledger, line: LedgerDocument) -> tuple[BeneficiaryKey, tuple[str, ...]] | None:
    """Return for whom an invoice's prescription is, and by whom; `None` for one that cannot be read."""
    try:
        invoice = PreparedInvoice.parse(ledger.invoice(line.id))
    except DocumentDamaged:
        return None
    by = invoice.prescription
    if by is None:
        return None
    return invoice.beneficiary_key, (by.billing_number, by.last_name, by.first_name)
