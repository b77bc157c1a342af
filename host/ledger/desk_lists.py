"""The rows of the desk's lists of documents, and what they come to. Lists are long: rows are given as SQLite
has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from tla_sim.host.ledger.conditions import Order, conditions
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
    f" {_CLAIMED} AS claimed,"
    f" CASE d.kind WHEN {_FSE} THEN d.third_party_amo ELSE d.third_party_amc END AS paid_directly,"
    " d.prescribed_on"
)
_NOT_IN_LOT: Final = "d.id NOT IN (SELECT document FROM lot_documents)"
_UNRECTIFIED: Final = (
    "NOT o.accepted AND NOT EXISTS (SELECT 1 FROM rectifications r JOIN documents n"
    " ON n.owner = r.owner AND n.number = r.number AND n.kind = d.kind"
    " WHERE r.owner = d.owner AND r.rectified = d.number)"
)


@dataclass(frozen=True)
class Listed:
    """The documents of a list, whatever their order: where SQL finds them, and what it gives of each beside
    its row."""

    source: str
    values: tuple[Any, ...]
    further: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that documents of a list have, what people call it, and how many have it."""

    value: str
    name: str
    count: int


def waiting(kind: DocumentKind, states: tuple[LedgerState, ...], wanted: DocumentFilter) -> Listed:
    """Return the documents of a kind in some states that are in no lot."""
    where, values = conditions(replace(wanted, kind=kind, states=states))
    return Listed(f"FROM documents d WHERE {where} AND {_NOT_IN_LOT}", tuple(values))


def rejected(wanted: DocumentFilter) -> Listed:
    """Return what recipients rejected and no other invoice rectifies yet, with code and reason."""
    where, values = conditions(wanted)
    source = f"FROM documents d JOIN outcomes o ON o.document = d.id WHERE {where} AND {_UNRECTIFIED}"
    return Listed(source, tuple(values), ", o.code, o.reason")


def stream_rows(ledger: Ledger, listed: Listed, order: Order, turn: Callable[[Iterable[ListRow]], T]) -> T:
    """Return what `turn` makes of all rows of a list."""
    question = f"SELECT {_ROW}{listed.further} {listed.source} ORDER BY {order.sql()}"
    return ledger.database.streamed(question, listed.values, turn)


def window_rows(
    ledger: Ledger, listed: Listed, order: Order, start: int, limit: int, count: int
) -> list[ListRow]:
    """Return `limit` rows of a list of `count` from `start` on, fewer at its end."""
    until = min(start + limit, count)
    if until <= start:
        return []
    # SQLite sorts as many rows as stand before the window's end: it is asked from the nearer end.
    from_end = start > count - until
    rows = ledger.database.rows(
        f"SELECT {_ROW}{listed.further} {listed.source} ORDER BY {order.sql(from_end=from_end)}"
        " LIMIT ? OFFSET ?",
        (*listed.values, until - start, count - until if from_end else start),
    )
    return rows[::-1] if from_end else rows


def sum_up(ledger: Ledger, listed: Listed) -> tuple[int, int]:
    """Return how many documents a list has, and the sum of what they claim in cents."""
    question = f"SELECT count(*), coalesce(sum({_CLAIMED}), 0) {listed.source}"
    row = ledger.database.first(question, listed.values)
    assert row is not None
    return row[0], row[1]


def owners_in(ledger: Ledger, listed: Listed) -> list[Facet]:
    """Return the owners of a list's documents, by name."""
    rows = ledger.database.rows(
        f"SELECT d.owner, max(d.owner_name) AS name, count(*) {listed.source} GROUP BY d.owner"
        " ORDER BY fold_name(name), d.owner",
        listed.values,
    )
    return [Facet(*row) for row in rows]


def recipients_in(ledger: Ledger, listed: Listed) -> list[Facet]:
    """Return the recipients of a list's documents, by name."""
    rows = ledger.database.rows(
        f"SELECT d.recipient, d.recipient AS name, count(*) {listed.source} GROUP BY d.recipient"
        " ORDER BY fold_name(name), d.recipient",
        listed.values,
    )
    return [Facet(*row) for row in rows]


def count_waiting(
    ledger: Ledger, kind: DocumentKind, states: tuple[LedgerState, ...], wanted: DocumentFilter
) -> tuple[int, int]:
    """Return how many lines a list of waiting documents has, and the sum of what they claim in cents."""
    return sum_up(ledger, waiting(kind, states, wanted))


def count_rejected(ledger: Ledger, wanted: DocumentFilter) -> tuple[int, int]:
    """Return how many documents were rejected and are not rectified, and the sum of what they claim in
    cents."""
    return sum_up(ledger, rejected(wanted))


def invoices_held(ledger: Ledger) -> dict[InvoiceName, int | None]:
    """Return the invoices of the ledger: with their total in cents where one of its documents is prepared,
    on no reader and not certified, else with `None`."""
    prepared = int(LedgerState.PREPARED)
    rows = ledger.database.rows(
        f"SELECT owner, number, max(CASE state WHEN {prepared} THEN total END) FROM documents"
        " GROUP BY owner, number"
    )
    return {(owner, number): total for owner, number, total in rows}


def count_to_sign(ledger: Ledger) -> list[tuple[str, str, int, int]]:
    """Return how many documents wait for whose final signature: billing number, name, count, and what they
    claim in cents."""
    rows = ledger.database.rows(
        f"SELECT d.owner, max(d.owner_name), count(*), sum({_CLAIMED}) FROM documents d WHERE d.state = ?"
        " GROUP BY d.owner ORDER BY d.owner",
        (int(LedgerState.PARTIAL),),
    )
    return [(owner, name, count, total) for owner, name, count, total in rows]


def list_waiting(
    ledger: Ledger,
    kind: DocumentKind,
    states: tuple[LedgerState, ...],
    wanted: DocumentFilter,
    order: Order,
    turn: Callable[[Iterable[ListRow]], T],
) -> T:
    """Return what `turn` makes of the documents of a kind in some states that are in no lot."""
    return stream_rows(ledger, waiting(kind, states, wanted), order, turn)


def list_rejected(ledger: Ledger, wanted: DocumentFilter, order: Order) -> list[tuple[ListRow, str, str]]:
    """Return what recipients rejected and no other invoice rectifies yet, each with code and reason."""
    rows = stream_rows(ledger, rejected(wanted), order, list)
    return [(row[:-2], row[-2], row[-1]) for row in rows]
