"""The desk's lists in windows: only the lines that somebody looks at, each with what is attached to it."""

from __future__ import annotations

from dataclasses import dataclass

from tla_sim.host.desk.lists import LISTED, DeskLine, DeskList, Travelling, turn_rows
from tla_sim.host.desk.pieces import pieces_closed
from tla_sim.host.ledger.conditions import Order
from tla_sim.host.ledger.desk_lists import Listed, rejected, waiting, window_rows
from tla_sim.host.ledger.desk_model import Piece, PieceRole
from tla_sim.host.ledger.files import closed_among
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger
from tla_sim.host.ledger.marks import on_paper_among
from tla_sim.host.ledger.pieces import digital_signers, pieces_of_each


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of a list with the invoice's pieces, why they cannot change any more (empty while they can), and
    what the recipient answered to a rejected document."""

    line: DeskLine
    pieces: tuple[Piece, ...]
    closed: str
    code: str = ""
    reason: str = ""


def listed(chosen: DeskList | None, wanted: DocumentFilter) -> Listed:
    """Return a list of documents, filtered; `None` chooses those that were rejected."""
    return rejected(wanted) if chosen is None else waiting(*LISTED[chosen], wanted)


def look_into(
    ledger: Ledger, documents: Listed, order: Order, start: int, limit: int, count: int
) -> list[SeenLine]:
    """Return `limit` lines of a list of `count` documents from `start` on, fewer at its end.

    Raises `LedgerUnusable`.
    """
    rows = window_rows(ledger, documents, order, start, limit, count)
    names = list(dict.fromkeys((row[0], row[1]) for row in rows))
    pieces = pieces_of_each(ledger, names)
    roles = {role: frozenset(name for name in pieces if _has(pieces[name], role)) for role in PieceRole}
    travelling = Travelling(
        roles[PieceRole.PRESCRIPTION],
        roles[PieceRole.CARE_SHEET],
        digital_signers(ledger),
        on_paper_among(ledger, names),
    )
    closed = closed_among(ledger, names)
    return [
        SeenLine(
            line,
            pieces.get((line.owner, line.number), ()),
            pieces_closed(line.number).message if (line.owner, line.number) in closed else "",
            *row[12:],
        )
        for line, row in zip(turn_rows((row[:12] for row in rows), travelling), rows, strict=True)
    ]


def _has(pieces: tuple[Piece, ...], role: PieceRole) -> bool:
    return any(each.role is role for each in pieces)
