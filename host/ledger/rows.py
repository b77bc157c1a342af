"""Documents in the ledger's tables: what is held of each, and how each step is written. Project-defined."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from tla_sim.host.documents import OutgoingDocument, recipient_of
from tla_sim.host.ledger.codes import codes
from tla_sim.host.ledger.database import LedgerDatabase, Row
from tla_sim.host.ledger.errors import StepRefused, UnknownDocument
from tla_sim.host.ledger.model import STEPS, TO_SEND, LedgerState
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.verification import VerifiedFse

_COLUMNS: Final = (
    "mode",
    "owner_name",
    "patient",
    "recipient",
    "made_on",
    "prescribed_on",
    "total",
    "fund",
    "complementary",
    "insured",
    "to_pay",
    "third_party_amo",
    "third_party_amc",
    "invoice_digest",
)
_NAMING: Final = {
    "id": ("documents",),
    "document": ("invoices", "fses", "events", "lot_documents", "outcomes"),
}
_FREE_ROW: Final = "(SELECT 1 + CAST(ifnull(max(row), 0) AS INTEGER) FROM ({}))".format(
    " UNION ALL ".join(
        f"SELECT max({column}) AS row FROM main.{table} WHERE {column} < {1 << 53}"
        for column, tables in _NAMING.items()
        for table in tables
    )
)
"""A row that nothing names. SQLite's own choice would give a new document the invoice, the history or the lot
of one whose line was deleted behind the ledger's back. What is not a row of this program's is passed over."""
_INSERT: Final = (
    f"INSERT INTO main.documents (id, owner, number, kind, state, reader, {', '.join(_COLUMNS)})"
    f" VALUES ({_FREE_ROW}, {', '.join('?' * (5 + len(_COLUMNS)))})"
)
_REPLACE: Final = (
    f"UPDATE main.documents SET {' = ?, '.join(_COLUMNS)} = ?, state = {int(LedgerState.PREPARED)},"
    " reader = '' WHERE id = ?"
)


_LEAVE: Final = (
    f"UPDATE main.documents AS d SET state = {int(LedgerState.TRANSMITTED)}"
    f" WHERE id = ? AND state IN ({codes(TO_SEND)})"
    " AND EXISTS (SELECT 1 FROM main.fses f WHERE f.document = d.id AND f.digest = ?)"
    " AND NOT EXISTS (SELECT 1 FROM main.lot_documents l WHERE l.document = d.id)"
)
_NOTE: Final = "INSERT INTO main.events (document, state, at, reader, signers) VALUES (?, ?, ?, ?, ?)"
_STATES: Final = {int(each): each for each in LedgerState}


class HeldDocument(NamedTuple):
    """The part of a recorded document that the rules need."""

    rowid: int
    state: LedgerState
    mode: int
    reader: str
    invoice_digest: bytes
    pulled_digest: bytes | None
    fse_digest: bytes | None

    def carries(self, mode: SecurityMode, invoice_digest: bytes) -> bool:
        """Return whether it is the invoice of this digest in this mode."""
        return self.mode == mode and self.invoice_digest == invoice_digest


class DocumentRows:
    """The rows of documents. Its writing methods belong into a transaction."""

    def __init__(self, database: LedgerDatabase) -> None:
        self._database = database

    def find(self, document: DocumentId) -> HeldDocument | None:
        """Return what is on file of a document. Raises `DocumentDamaged`."""
        self._database.check_sound(document)
        row = self._database.first(
            "SELECT d.id, d.state, d.mode, d.reader, d.invoice_digest, f.pulled_digest, f.digest"
            " FROM documents d LEFT JOIN fses f ON f.document = d.id"
            " WHERE d.owner = ? AND d.number = ? AND d.kind = ?",
            document,
        )
        return None if row is None else HeldDocument(row[0], _STATES[row[1]], *row[2:])

    def require(self, document: DocumentId) -> HeldDocument:
        """Return the same of a document that must be there. Raises `UnknownDocument`, `DocumentDamaged`."""
        held = self.find(document)
        if held is None:
            raise UnknownDocument(document)
        return held

    def insert(self, document: OutgoingDocument, state: LedgerState, reader_serial: str) -> int:
        """Add a line with its invoice; return its row. The first step is to be noted still."""
        owner, number, kind = document.id
        done = self._database.write(
            _INSERT, (owner, number, kind, int(state), reader_serial, *_values(document))
        )
        rowid = done.lastrowid or 0
        self._database.write("INSERT INTO main.invoices VALUES (?, ?)", (rowid, document.content))
        return rowid

    def begin(self, document: OutgoingDocument, state: LedgerState, reader_serial: str) -> None:
        """Add a line with its invoice and the first step of its life."""
        self._note(self.insert(document, state, reader_serial), state, reader_serial)

    def replace(self, held: HeldDocument, document: OutgoingDocument) -> HeldDocument:
        """Put other content into a line, which is PREPARED then and on no reader; return what is held now."""
        self._database.write(_REPLACE, (*_values(document), held.rowid))
        self._database.write(
            "UPDATE main.invoices SET content = ? WHERE document = ?", (document.content, held.rowid)
        )
        self._note(held.rowid, LedgerState.PREPARED, "")
        return held._replace(state=LedgerState.PREPARED, mode=document.mode, reader="")

    def step(
        self,
        document: DocumentId,
        held: HeldDocument,
        state: LedgerState,
        reader_serial: str,
        signers: str = "[]",
    ) -> None:
        """Note a step of a document's life. Raises `StepRefused`."""
        if state not in STEPS[held.state]:
            raise StepRefused(document, held.state.name, state.name)
        self._database.write(
            "UPDATE main.documents SET state = ?, reader = ? WHERE id = ?",
            (int(state), held.reader if state is LedgerState.TRANSMITTED else reader_serial, held.rowid),
        )
        self._note(held.rowid, state, reader_serial, signers)

    def let_leave(self, fse: VerifiedFse) -> bool:
        """Note that a document leaves; return `False`, and note nothing, if it may not, or not any more.

        Raises `UnknownDocument`, `DocumentDamaged`.
        """
        rowid = self.require(fse.id).rowid
        # One statement asks and takes: of two programs that send at once, one is told that it may.
        done = self._database.write(_LEAVE, (rowid, fse.document.digest))
        if done.rowcount != 1:
            return False
        self._note(rowid, LedgerState.TRANSMITTED, "")
        return True

    def keep_fses(self, fses: Iterable[tuple[int, VerifiedFse]], reader_serial: str) -> None:
        """Keep FSEs that a reader certified, each in its row, which had none."""
        states: list[Row] = []
        contents: list[Row] = []
        events: list[Row] = []
        for rowid, each in fses:
            state, content_digest = int(each.state), each.document.digest
            states.append((state, reader_serial, rowid))
            contents.append((rowid, content_digest, content_digest, each.content))
            events.append((rowid, state, self._database.moment, reader_serial, signers_text(each)))
        self._database.write_each("UPDATE main.documents SET state = ?, reader = ? WHERE id = ?", states)
        self._database.write_each("INSERT INTO main.fses VALUES (?, ?, ?, ?)", contents)
        self._database.write_each(_NOTE, events)

    def replace_fse(self, held: HeldDocument, fse: Document) -> None:
        """Put an FSE in the place of the one held."""
        self._database.write(
            "UPDATE main.fses SET digest = ?, content = ? WHERE document = ?",
            (fse.digest, fse.content, held.rowid),
        )

    def _note(self, rowid: int, state: LedgerState, reader_serial: str, signers: str = "[]") -> None:
        self._database.write(_NOTE, (rowid, int(state), self._database.moment, reader_serial, signers))


def _values(document: OutgoingDocument) -> tuple[Any, ...]:
    invoice = document.invoice
    totals, cover, prescription = invoice.totals, invoice.coverage, invoice.prescription
    return (
        int(document.mode),
        f"{invoice.ps.last_name} {invoice.ps.first_name}".rstrip(),
        f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip(),
        recipient_of(invoice, document.kind),
        invoice.made_on.isoformat(),
        prescription.prescribed_on.isoformat() if prescription else None,
        totals.total,
        totals.fund,
        totals.complementary,
        totals.insured,
        totals.to_pay,
        int(cover.third_party_amo),
        int(cover.third_party_amc),
        document.invoice_digest,
    )


def signers_text(verified: VerifiedFse, *, last: bool = False) -> str:
    """Return the FSE's signers, or its last one, as the history keeps them."""
    first = len(verified.signers) - 1 if last else 0
    notes = [
        _signer_text(int(block.role), signer.name, signer.serial)
        for block, signer in zip(verified.fse.blocks[first:], verified.signers[first:], strict=True)
    ]
    return f"[{','.join(notes)}]"


@lru_cache(4_096)
def _signer_text(role: int, name: str, serial: str) -> str:
    return json.dumps((role, name, serial))
