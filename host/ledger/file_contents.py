"""What is in one file of lots, document by document, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.host.ledger.desk_model import FileState, HeldFile, Outcome
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode

_FSE: Final = int(DocumentKind.FSE)
_CLAIMED: Final = f"CASE d.kind WHEN {_FSE} THEN d.total ELSE d.complementary END"
_INSIDE: Final = (
    "FROM lots l JOIN lot_documents i ON i.lot = l.id JOIN documents d ON d.id = i.document"
    " LEFT JOIN outcomes o ON o.document = d.id"
    " LEFT JOIN rectifications r ON r.owner = d.owner AND r.rectified = d.number"
)


@dataclass(frozen=True, slots=True)
class LotLine:
    """A lot of a file: its number among its owner's, what it holds, its sum in cents."""

    owner: str
    owner_name: str
    number: int
    mode: SecurityMode
    documents: int
    total: int


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A document of a file: what it claims in cents, what its recipient answered (`None`: nothing yet), and
    the number of the invoice that rectifies it, if there is one."""

    id: DocumentId
    lot: int
    mode: SecurityMode
    owner_name: str
    patient: str
    made_on: date
    claimed: int
    outcome: Outcome | None
    rectified_by: str


@dataclass(frozen=True, slots=True)
class FileEvent:
    """A step of a file's life: the state it came into, when (ISO 8601), and what was noted with it."""

    state: FileState
    at: str
    detail: str


def lots_in(ledger: Ledger, file: HeldFile) -> list[LotLine]:
    """Return the lots of a file, in the order in which they were made."""
    rows = ledger.database.rows(
        "SELECT l.owner, max(d.owner_name), l.number, max(d.mode), count(d.id),"
        f" coalesce(sum({_CLAIMED}), 0) {_INSIDE} WHERE l.file = ? GROUP BY l.id ORDER BY l.id",
        (file.rowid,),
    )
    return [
        LotLine(owner, name, number, SecurityMode(mode), count, total)
        for owner, name, number, mode, count, total in rows
    ]


def file_documents(ledger: Ledger, file: HeldFile, start: int, limit: int) -> list[FileDocument]:
    """Return `limit` documents of a file from `start` on, fewer at the end, those that were rejected
    first."""
    rows = ledger.database.rows(
        "SELECT d.owner, d.number, d.kind, l.number, d.mode, d.owner_name, d.patient, d.made_on,"
        f" {_CLAIMED}, o.accepted, o.code, o.reason, coalesce(r.number, '') {_INSIDE} WHERE l.file = ?"
        " ORDER BY coalesce(o.accepted, 1), l.id, d.number LIMIT ? OFFSET ?",
        (file.rowid, limit, start),
    )
    return [
        FileDocument(
            DocumentId(owner, number, DocumentKind(kind)),
            lot,
            SecurityMode(mode),
            name,
            patient,
            date.fromisoformat(made_on),
            claimed,
            None if accepted is None else Outcome(accepted == 1, code, reason),
            rectified_by,
        )
        for (
            owner,
            number,
            kind,
            lot,
            mode,
            name,
            patient,
            made_on,
            claimed,
            accepted,
            code,
            reason,
            rectified_by,
        ) in rows
    ]


def file_events(ledger: Ledger, file: HeldFile) -> list[FileEvent]:
    """Return what happened to a file, oldest first."""
    rows = ledger.database.rows(
        "SELECT state, at, detail FROM file_events WHERE file = ? ORDER BY id", (file.rowid,)
    )
    return [FileEvent(FileState(state), at, detail) for state, at, detail in rows]
