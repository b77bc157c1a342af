"""What an invoice number names: one invoice of its owner, for good.

Another invoice under the number of one that the ledger has is refused at every stage of the first one's life;
a correction of it is not another invoice. Why a number and not a number and a year:
docs/decisions/invoice-numbers.md. Project-defined.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date

from tla_sim.protocol.documents.invoice import PreparedInvoice, euros

_DIGITS = 9
_YEAR_DIGITS = 2


def is_billed_by(held: PreparedInvoice, other: PreparedInvoice) -> bool:
    """Whether both bill the same, however: the source of a degraded invoice's rights and the invoice that it
    rectifies are the desk's to add."""
    return _unmarked(held) == _unmarked(other)


def is_corrected_by(held: PreparedInvoice, other: PreparedInvoice) -> bool:
    """Whether the other can be the same invoice with mistakes put right: of the same year, and for the same
    patient by NIR or by name."""
    if held.made_on.year != other.made_on.year:
        return False
    return held.beneficiary.nir == other.beneficiary.nir or held.patient == other.patient


def told(invoice: PreparedInvoice) -> str:
    """An invoice in a few words: its date, its patient, its total."""
    name = f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip()
    return f"{invoice.made_on:%d/%m/%Y}, {name}, {euros(invoice.totals.total)} €"


def number_with_year(number: str, made_on: date) -> str:
    """The number with its year in front, as in the field: 000000001 of 2020 -> 200000001."""
    return f"{made_on:%y}{number[_YEAR_DIGITS - _DIGITS :].rjust(_DIGITS - _YEAR_DIGITS, '0')}"


def free_number(database: sqlite3.Connection, owner: str, number: str, made_on: date) -> str:
    """A number that an owner's ledger does not have: the number with its year in front, or the next one."""
    wanted = number_with_year(number, made_on)
    taken = database.execute(
        "SELECT DISTINCT number FROM documents WHERE owner = ? AND number >= ? AND length(number) = ?"
        " ORDER BY number",
        (owner, wanted, _DIGITS),
    )
    for (each,) in taken:
        if each != wanted:
            break
        wanted = f"{(int(wanted) + 1) % 10**_DIGITS:0{_DIGITS}}"
    return wanted


def _unmarked(invoice: PreparedInvoice) -> PreparedInvoice:
    coverage = replace(invoice.coverage, rights_source="")
    named = replace(invoice.identification, rectified_number="", rectified_on=None)
    return replace(invoice, coverage=coverage, identification=named)
