"""The rows of the desk's lists of documents. Lists are long: they are given as SQLite has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, TypeVar

from tla_sim.host.ledger.conditions import Sort, conditions
from tla_sim.host.ledger.desk_model import InvoiceName
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.model import DocumentFilter, LedgerState
from tla_sim.protocol.documents.fse import DocumentKind

T = TypeVar("T")

ListRow = tuple[Any, ...]
"""Owner, number, kind, state, mode, owner's name, patient, recipient, date, what it claims in cents, whether
its recipient pays directly, and the day of the prescription; enums and days as SQLite has them."""

_FSE: Final = int(DocumentKind.FSE)
_CLAIMED: Final = f"CASE d.kind WHEN {_FSE} THEN d.total ELSE d.complementary END"
_ROW: Final = (
    "d.owner, d.number, d.kind, d.state, d.mode, d.owner_name, d.patient, d.recipient, d.made_on,"
    f" {_CLAIMED} AS claimed, CASE d.kind WHEN {_FSE} THEN d.third_party_amo ELSE d.third_party_amc END,"
    " d.prescribed_on"
)
_NOT_IN_LOT: Final = "d.id NOT IN (SELECT document FROM lot_documents)"
_REJECTED: Final = "FROM documents d JOIN outcomes o ON o.document = d.id"
_UNRECTIFIED: Final = (
    "NOT o.accepted AND NOT EXISTS (SELECT 1 FROM rectifications r JOIN documents n"
    " ON n.owner = r.owner AND n.number = r.number AND n.kind = d.kind"
    " WHERE r.owner = d.owner AND r.rectified = d.number)"
)


def list_waiting(
    ledger: Ledger,
    kind: DocumentKind,
    states: tuple[LedgerState, ...],
    wanted: DocumentFilter,
    sort: Sort,
    turn: Callable[[Iterable[ListRow]], T],
) -> T:
    """Return what `turn` makes of the documents of a kind in some states that are in no lot."""
    where, values = conditions(replace(wanted, kind=kind, states=states))
    return ledger.database.streamed(
        f"SELECT {_ROW} FROM documents d WHERE {where} AND {_NOT_IN_LOT} ORDER BY {sort.value}, d.owner",
        values,
        turn,
    )


def count_waiting(
    ledger: Ledger, kind: DocumentKind, states: tuple[LedgerState, ...], wanted: DocumentFilter
) -> tuple[int, int]:
    """Return how many lines `list_waiting` has, and the sum of what they claim in cents."""
    where, values = conditions(replace(wanted, kind=kind, states=states))
    return _counted(ledger, f"FROM documents d WHERE {where} AND {_NOT_IN_LOT}", values)


def count_rejected(ledger: Ledger, wanted: DocumentFilter) -> tuple[int, int]:
    """Return how many lines `list_rejected` has, and the sum of what they claim in cents."""
    where, values = conditions(wanted)
    return _counted(ledger, f"{_REJECTED} WHERE {where} AND {_UNRECTIFIED}", values)


def _counted(ledger: Ledger, what: str, values: list[Any]) -> tuple[int, int]:
    row = ledger.database.first(f"SELECT count(*), coalesce(sum({_CLAIMED}), 0) {what}", values)
    assert row is not None
    return row[0], row[1]


def invoices_held(ledger: Ledger) -> dict[InvoiceName, int | None]:
    """Return the invoices of the ledger: with their total in cents where one of its documents is prepared,
    on no reader and not certified, else with `None`."""
    prepared = int(LedgerState.PREPARED)
    rows = ledger.database.rows(
        f"SELECT owner, number, max(CASE state WHEN {prepared} THEN total END) FROM documents"
        " GROUP BY owner, number"
    )
    return {(owner, number): total for owner, number, total in rows}


def count_to_sign(ledger: Ledger) -> list[tuple[str, str, int]]:
    """Return how many documents wait for whose final signature: billing number, name, count."""
    rows = ledger.database.rows(
        "SELECT owner, max(owner_name), count(*) FROM documents WHERE state = ?"
        " GROUP BY owner ORDER BY owner",
        (int(LedgerState.PARTIAL),),
    )
    return [(owner, name, count) for owner, name, count in rows]


def list_rejected(ledger: Ledger, wanted: DocumentFilter, sort: Sort) -> list[tuple[ListRow, str, str]]:
    """Return what recipients rejected and no other invoice rectifies yet, each with code and reason."""
    where, values = conditions(wanted)
    rows = ledger.database.rows(
        f"SELECT {_ROW}, o.code, o.reason {_REJECTED} WHERE {where} AND {_UNRECTIFIED}"
        f" ORDER BY {sort.value}, d.owner",
        values,
    )
    return [(row[:-2], row[-2], row[-1]) for row in rows]
