"""The desk's marks of invoices, and which invoices rectify others. What writes belongs into a `writing`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from tla_sim.host.ledger.desk_model import SECURED, InvoiceName, Mark
from tla_sim.host.ledger.invoice_names import NAMED, NAMED_NUMBER, NAMED_OWNER, named
from tla_sim.host.ledger.ledger import Ledger

_MARKED: Final = "SELECT owner, number, degraded, rights, to_load, on_paper FROM marks"
_RECTIFYING: Final = "SELECT owner, number, rectified, rectified_on FROM rectifications"
_THIS: Final = "WHERE owner = ? AND number = ?"


def marks(ledger: Ledger) -> dict[InvoiceName, Mark]:
    """Return all marks, by owner and invoice number."""
    return {
        (owner, number): Mark(degraded == 1, rights, to_load == 1, on_paper == 1)
        for owner, number, degraded, rights, to_load, on_paper in ledger.database.rows(_MARKED)
    }


def mark_of(ledger: Ledger, owner: str, number: str) -> Mark:
    """Return one invoice's mark; a secured invoice has none of its own."""
    row = ledger.database.first(f"{_MARKED} {_THIS}", (owner, number))
    return SECURED if row is None else Mark(row[2] == 1, row[3], row[4] == 1, row[5] == 1)


def put_mark(ledger: Ledger, owner: str, number: str, mark: Mark) -> None:
    """Mark an invoice, whatever mark it had."""
    ledger.database.write(
        "INSERT OR REPLACE INTO main.marks VALUES (?, ?, ?, ?, ?, ?)",
        (owner, number, int(mark.degraded), str(mark.rights), int(mark.to_load), int(mark.on_paper)),
    )


def remove_mark(ledger: Ledger, owner: str, number: str) -> None:
    """Take an invoice's mark away."""
    ledger.database.write(f"DELETE FROM main.marks {_THIS}", (owner, number))


def put_on_paper(ledger: Ledger, owner: str, number: str, on_paper: bool) -> None:
    """Say of a marked invoice whether its care sheet travels on paper."""
    ledger.database.write(f"UPDATE main.marks SET on_paper = ? {_THIS}", (int(on_paper), owner, number))


def copy_mark(ledger: Ledger, owner: str, number: str, new_number: str) -> None:
    """Mark an owner's other invoice like this one, unless it has a mark."""
    ledger.database.write(
        "INSERT OR IGNORE INTO main.marks"
        f" SELECT owner, ?, degraded, rights, to_load, on_paper FROM marks {_THIS}",
        (new_number, owner, number),
    )


def on_paper(ledger: Ledger) -> frozenset[InvoiceName]:
    """Return the invoices whose care sheet travels on paper."""
    return frozenset(ledger.database.rows("SELECT owner, number FROM marks WHERE on_paper = ?", (int(True),)))


def on_paper_among(ledger: Ledger, invoices: Collection[InvoiceName]) -> frozenset[InvoiceName]:
    """Return those of some invoices whose care sheet travels on paper."""
    asked = (
        f"SELECT m.owner, m.number FROM {NAMED} CROSS JOIN marks m"
        f" WHERE m.owner = {NAMED_OWNER} AND m.number = {NAMED_NUMBER} AND m.on_paper"
    )
    return frozenset(ledger.database.rows(asked, named(invoices)))


def rectifications(ledger: Ledger) -> dict[InvoiceName, tuple[str, date]]:
    """Return, by owner and number, the number and date of the invoice that each rectifies."""
    return {
        (owner, number): (rectified, date.fromisoformat(day))
        for owner, number, rectified, day in ledger.database.rows(_RECTIFYING)
    }


def find_rectified(ledger: Ledger, owner: str, number: str) -> tuple[str, date] | None:
    """Return the number and date of the invoice that this one rectifies, `None` if it rectifies none."""
    row = ledger.database.first(f"{_RECTIFYING} {_THIS}", (owner, number))
    return None if row is None else (row[2], date.fromisoformat(row[3]))


def find_rectifying(ledger: Ledger, owner: str, rectified: str) -> str | None:
    """Return the number of the invoice that rectifies this one, `None` if there is none."""
    row = ledger.database.first(f"{_RECTIFYING} WHERE owner = ? AND rectified = ?", (owner, rectified))
    return None if row is None else row[1]


def put_rectification(ledger: Ledger, owner: str, number: str, rectified: str, made_on: date) -> None:
    """Note which invoice a new one rectifies, for good, and the date of that one."""
    ledger.database.write(
        "INSERT OR IGNORE INTO main.rectifications VALUES (?, ?, ?, ?)",
        (owner, number, rectified, made_on.isoformat()),
    )
