"""Files of lots: what they hold, their steps, and what became of it. What writes belongs into a `writing`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, Final

from tla_sim.host.ledger.codes import codes
from tla_sim.host.ledger.conditions import Sort, conditions, order_by
from tla_sim.host.ledger.desk_model import (
    OPEN_FILES,
    FileLine,
    FileState,
    HeldFile,
    InvoiceName,
    NewFile,
    Outcome,
)
from tla_sim.host.ledger.invoice_names import NAMED, NAMED_NUMBER, NAMED_OWNER, named
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.model import TO_SEND, DocumentFilter, LedgerState
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind

_INSIDE: Final = "FROM lots l JOIN lot_documents i ON i.lot = l.id JOIN documents d ON d.id = i.document"
_OF_FILE: Final = (
    "FROM files f JOIN lots l ON l.file = f.id JOIN lot_documents i ON i.lot = l.id"
    " JOIN documents d ON d.id = i.document"
)
_LINE: Final = (
    "SELECT f.identity, f.state, f.kind, f.recipient,"
    " (SELECT count(*) FROM lots l WHERE l.file = f.id) AS lots,"
    " f.documents, f.total, f.size, f.made_at, f.way,"
    f" (SELECT count(*) {_INSIDE} JOIN outcomes o ON o.document = d.id"
    " WHERE l.file = f.id AND NOT o.accepted),"
    f" (SELECT e.at FROM file_events e WHERE e.file = f.id AND e.state = {int(FileState.SENT)}"
    " ORDER BY e.id DESC LIMIT 1)"
)
_NOTE: Final = "INSERT INTO main.file_events (file, state, at, detail) VALUES (?, ?, ?, ?)"


def held_file(ledger: Ledger, identity: str) -> HeldFile | None:
    """Return a file by its identity, `None` for one that the ledger does not have."""
    row = ledger.database.first(
        "SELECT id, identity, state, kind, recipient, documents, digest, made_at, way FROM files"
        " WHERE identity = ?",
        (identity,),
    )
    if row is None:
        return None
    rowid, named, state, kind, *others = row
    return HeldFile(rowid, named, FileState(state), DocumentKind(kind), *others)


def identities(ledger: Ledger, states: Iterable[FileState]) -> tuple[str, ...]:
    """Return the identities of the files in some states, in the order of the states, the oldest first."""
    rows = ledger.database.rows(
        f"SELECT identity FROM files WHERE state IN ({codes(states)}) ORDER BY state, id"
    )
    return tuple(identity for (identity,) in rows)


def file_line(ledger: Ledger, file: HeldFile) -> FileLine:
    """Return a file as a line of a list."""
    (line,) = _lines(ledger.database.rows(f"{_LINE} FROM files f WHERE f.id = ?", (file.rowid,)))
    return line


class FileSort(Enum):
    """By what files are ordered: the keys, the first of which it is named for."""

    MADE = ("f.id",)
    IDENTITY = ("f.identity",)
    KIND = ("f.kind", "f.id")
    RECIPIENT = ("f.recipient", "f.id")
    LOTS = ("lots DESC", "f.id")
    DOCUMENTS = ("f.documents DESC", "f.id")
    TOTAL = ("f.total DESC", "f.id")
    STATE = ("f.state", "f.id")


_SORTS: Final = {Sort.RECIPIENT: FileSort.RECIPIENT, Sort.TOTAL: FileSort.TOTAL}


def file_lines(
    ledger: Ledger,
    wanted: DocumentFilter | None = None,
    sort: Sort = Sort.DATE,
    states: Iterable[FileState] = OPEN_FILES,
) -> list[FileLine]:
    """Return the files in some states that hold a document which `wanted` lets pass, oldest first, or by
    recipient or total."""
    source, values = _files(wanted or DocumentFilter(), states)
    order = order_by(_SORTS.get(sort, FileSort.MADE).value, None)
    return _lines(ledger.database.rows(f"{_LINE} {source} ORDER BY {order}", values))


def file_window(
    ledger: Ledger,
    wanted: DocumentFilter,
    sort: FileSort,
    descending: bool | None,
    start: int = 0,
    limit: int = -1,
    states: Iterable[FileState] = OPEN_FILES,
) -> list[FileLine]:
    """Return `limit` of these files from `start` on, fewer at the end; all of them by default."""
    source, values = _files(wanted, states)
    question = f"{_LINE} {source} ORDER BY {order_by(sort.value, descending)} LIMIT ? OFFSET ?"
    return _lines(ledger.database.rows(question, (*values, limit, start)))


def sum_up_files(
    ledger: Ledger, wanted: DocumentFilter, states: Iterable[FileState] = OPEN_FILES
) -> tuple[int, int]:
    """Return how many files there are of these, and their sum in cents."""
    source, values = _files(wanted, states)
    row = ledger.database.first(f"SELECT count(*), coalesce(sum(f.total), 0) {source}", values)
    assert row is not None
    return row[0], row[1]


def _files(wanted: DocumentFilter, states: Iterable[FileState]) -> tuple[str, list[Any]]:
    where, values = conditions(wanted)
    inside = f"EXISTS (SELECT 1 {_INSIDE} WHERE l.file = f.id AND {where})"
    return f"FROM files f WHERE f.state IN ({codes(states)}) AND {inside}", values


def _lines(rows: Iterable[tuple[Any, ...]]) -> list[FileLine]:
    return [FileLine(row[0], FileState(row[1]), DocumentKind(row[2]), *row[3:]) for row in rows]


def documents_in(ledger: Ledger, identity: str) -> list[DocumentId]:
    """Return the documents of a file."""
    rows = ledger.database.rows(
        f"SELECT d.owner, d.number, d.kind {_OF_FILE} WHERE f.identity = ?"
        " ORDER BY d.owner, d.number, d.kind",
        (identity,),
    )
    return [DocumentId(owner, number, DocumentKind(kind)) for owner, number, kind in rows]


def last_detail(ledger: Ledger, file: HeldFile, state: FileState) -> str | None:
    """Return what was noted when a file last came into a state, `None` if it never did."""
    row = ledger.database.first(
        "SELECT detail FROM file_events WHERE file = ? AND state = ? ORDER BY id DESC LIMIT 1",
        (file.rowid, int(state)),
    )
    return None if row is None else row[0]


def put_file(ledger: Ledger, new: NewFile) -> int | None:
    """Note a file that is to be sent; return its row, `None` if there is one of that identity."""
    made = ledger.database.write(
        "INSERT OR IGNORE INTO main.files (identity, state, kind, recipient, documents, total, digest, size,"
        " made_at, way) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        (
            new.identity,
            int(FileState.TO_SEND),
            int(new.kind),
            new.recipient,
            new.documents,
            new.total,
            new.digest,
            new.size,
            new.made_at,
        ),
    )
    if not made.rowcount:
        return None
    file = made.lastrowid
    ledger.database.write(_NOTE, (file, int(FileState.TO_SEND), ledger.database.moment, ""))
    return file


def put_lot(ledger: Ledger, file: int, owner: str, number: int, digests: Mapping[DocumentId, bytes]) -> bool:
    """Note a lot of a file; return whether its number is free, and all its documents, by digest, are those on
    disk, may leave and are in no other lot. What was written is to be taken back otherwise."""
    numbered = ledger.database.write(
        "INSERT OR IGNORE INTO main.lots (file, owner, number) VALUES (?, ?, ?)", (file, owner, number)
    )
    if not numbered.rowcount:
        return False
    rows = [(numbered.lastrowid, *document, digest) for document, digest in digests.items()]
    done = ledger.database.write_each(
        "INSERT INTO main.lot_documents (document, lot) SELECT id, ? FROM documents"
        f" WHERE owner = ? AND number = ? AND kind = ? AND state IN ({codes(TO_SEND)})"
        " AND id IN (SELECT document FROM fses WHERE digest = ?)"
        " AND id NOT IN (SELECT document FROM lot_documents)",
        rows,
    )
    return done.rowcount == len(rows)


def last_lot(ledger: Ledger, owner: str) -> int:
    """Return the number that an owner's lots have come to, whatever those of damaged lots were."""
    ((known,),) = ledger.database.rows("SELECT coalesce(max(number), 0) FROM lots WHERE owner = ?", (owner,))
    return int(known) + ledger.database.damage.lots


def is_in_lot(ledger: Ledger, document: DocumentId) -> bool:
    """Return whether a document is in a lot."""
    asked = (
        "SELECT 1 FROM documents d JOIN lot_documents l ON l.document = d.id"
        " WHERE d.owner = ? AND d.number = ? AND d.kind = ?"
    )
    return ledger.database.first(asked, document) is not None


def file_of(ledger: Ledger, document: DocumentId) -> str | None:
    """Return the identity of the file that a document is in, `None` for one in no lot."""
    row = ledger.database.first(
        f"SELECT f.identity {_OF_FILE} WHERE d.owner = ? AND d.number = ? AND d.kind = ?", document
    )
    return None if row is None else row[0]


def is_any_in_lot(ledger: Ledger, owner: str, number: str) -> bool:
    """Return whether a document of an invoice is in a lot."""
    return any(is_in_lot(ledger, DocumentId(owner, number, kind)) for kind in DocumentKind)


def closed_among(ledger: Ledger, invoices: Collection[InvoiceName]) -> frozenset[InvoiceName]:
    """Return those of some invoices whose pieces cannot change any more: a document of theirs is in a lot, or
    their first one left."""
    rows = ledger.database.rows(
        f"SELECT d.owner, d.number FROM {NAMED} CROSS JOIN documents d"
        f" WHERE d.owner = {NAMED_OWNER} AND d.number = {NAMED_NUMBER}"
        " AND (d.id IN (SELECT document FROM lot_documents)"
        f" OR (d.state = {int(LedgerState.TRANSMITTED)} AND NOT EXISTS (SELECT 1 FROM documents e"
        " WHERE e.owner = d.owner AND e.number = d.number AND e.kind < d.kind)))",
        named(invoices),
    )
    return frozenset(rows)


def step_file(ledger: Ledger, file: HeldFile, state: FileState, way: str, detail: str) -> bool:
    """Note a step of a file's life; return `False`, and note nothing, if another program took it on since."""
    done = ledger.database.write(
        "UPDATE main.files SET state = ?, way = ? WHERE id = ? AND state = ? AND way = ?",
        (int(state), way, file.rowid, int(file.state), file.way),
    )
    if done.rowcount != 1:
        return False
    ledger.database.write(_NOTE, (file.rowid, int(state), ledger.database.moment, detail))
    return True


def put_answer(
    ledger: Ledger, identity: str, state: FileState, reason: str, outcomes: Mapping[DocumentId, Outcome]
) -> None:
    """Note a recipient's answer to a file, and what became of each of its documents."""
    database = ledger.database
    database.write("UPDATE main.files SET state = ? WHERE identity = ?", (int(state), identity))
    database.write(
        "INSERT INTO main.file_events (file, state, at, detail)"
        " SELECT id, ?, ?, ? FROM files WHERE identity = ?",
        (int(state), database.moment, reason, identity),
    )
    database.write_each(
        "INSERT INTO main.outcomes SELECT id, ?, ?, ?, ? FROM documents"
        " WHERE owner = ? AND number = ? AND kind = ?",
        [
            (int(each.accepted), each.code, each.reason, database.moment, *document)
            for document, each in outcomes.items()
        ],
    )


def accepted_in(ledger: Ledger, identity: str) -> dict[DocumentId, bool]:
    """Return which documents of an answered file the recipient took."""
    rows = ledger.database.rows(
        f"SELECT d.owner, d.number, d.kind, o.accepted {_OF_FILE} JOIN outcomes o ON o.document = d.id"
        " WHERE f.identity = ?",
        (identity,),
    )
    return {
        DocumentId(owner, number, DocumentKind(kind)): accepted == 1 for owner, number, kind, accepted in rows
    }


def rejected_kinds(ledger: Ledger, owner: str, number: str) -> tuple[DocumentKind, ...]:
    """Return which of an invoice's documents were rejected."""
    rows = ledger.database.rows(
        "SELECT d.kind FROM documents d JOIN outcomes o ON o.document = d.id"
        " WHERE d.owner = ? AND d.number = ? AND NOT o.accepted ORDER BY d.kind",
        (owner, number),
    )
    return tuple(DocumentKind(kind) for (kind,) in rows)


def invoices_in_lots(ledger: Ledger) -> frozenset[tuple[str, str]]:
    """Return the owner and number of each invoice of which a document is in a lot."""
    rows = ledger.database.rows(
        "SELECT DISTINCT owner, number FROM documents WHERE id IN (SELECT document FROM lot_documents)"
    )
    return frozenset((owner, number) for owner, number in rows)
