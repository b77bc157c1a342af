"""The questions about a ledger's documents. Lists come without documents' bytes unless they say so."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from tla_sim.host.ledger.codes import codes
from tla_sim.host.ledger.conditions import conditions
from tla_sim.host.ledger.database import LedgerDatabase
from tla_sim.host.ledger.errors import DocumentDamaged, LedgerDamaged, UnknownDocument
from tla_sim.host.ledger.model import (
    CERTIFIED,
    TO_SEND,
    DocumentFilter,
    HeldFse,
    LedgerCount,
    LedgerDocument,
    LedgerEvent,
    LedgerState,
    SignerNote,
)
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Role, SecurityMode
from tla_sim.protocol.sentence import Sentence

_KINDS: Final = {int(each): each for each in DocumentKind}
_STATES: Final = {int(each): each for each in LedgerState}
_MODES: Final = {int(each): each for each in SecurityMode}
_COLUMNS: Final = ", ".join(f"d.{name}" for name in LedgerDocument._fields)
_THIS: Final = "d.owner = ? AND d.number = ? AND d.kind = ?"
_ORDER: Final = "ORDER BY d.owner, d.number, d.kind"


class DocumentQueries:
    """The questions of a ledger, as `Ledger` has them."""

    def __init__(self, database: LedgerDatabase) -> None:
        self._database = database

    def state(self, document: DocumentId) -> LedgerState | None:
        """Return where a document is in its life."""
        self._database.check_sound(document)
        found = self._database.first(f"SELECT d.state FROM documents d WHERE {_THIS}", document)
        return None if found is None else _STATES[found[0]]

    def line(self, document: DocumentId) -> LedgerDocument | None:
        """Return one document's line."""
        self._database.check_sound(document)
        rows = self._lines(f"WHERE {_THIS}", document)
        return rows[0] if rows else None

    def lines(self, wanted: DocumentFilter) -> list[LedgerDocument]:
        """Return the documents that a filter lets pass, in order of owner, number and kind."""
        where, values = conditions(wanted)
        return self._lines(f"WHERE {where} {_ORDER}", values)

    def _lines(self, which: str, values: Iterable[Any]) -> list[LedgerDocument]:
        return self._database.streamed(f"SELECT {_COLUMNS} FROM documents d {which}", values, _documents)

    def to_sign(self, owner: str | None) -> list[HeldFse]:
        """Return what lacks its final signature alone."""
        return self._with_fse(DocumentFilter(owner=owner, states=(LedgerState.PARTIAL,)))

    def transmissible(self, owner: str | None) -> list[HeldFse]:
        """Return what has all its signatures and is in no lot."""
        ready = DocumentFilter(owner=owner, states=TO_SEND)
        return self._with_fse(ready, " AND d.id NOT IN (SELECT document FROM lot_documents)")

    def _with_fse(self, wanted: DocumentFilter, further: str = "") -> list[HeldFse]:
        where, values = conditions(wanted)
        rows = self._database.rows(
            f"SELECT {_COLUMNS}, f.content, f.digest FROM documents d"
            f" LEFT JOIN fses f ON f.document = d.id WHERE {where}{further} {_ORDER}",
            values,
        )
        lines = _documents(row[:-2] for row in rows)
        found = (self._intact_fse(line, *row[-2:]) for line, row in zip(lines, rows, strict=True))
        intact = [each for each in found if each is not None]
        # With one document of an invoice set aside, so is the other: nothing could be noted of it.
        aside = self._database.damage.invoices
        return [each for each in intact if each.line.id[:2] not in aside] if aside else intact

    def fse(self, document: DocumentId) -> bytes:
        """Return the certified document held.

        Raises `UnknownDocument` when there is none, `DocumentDamaged`.
        """
        return self._content(
            "SELECT f.content, f.digest FROM documents d LEFT JOIN fses f ON f.document = d.id"
            f" WHERE {_THIS} AND (f.document IS NOT NULL OR d.state IN ({codes(CERTIFIED)}))",
            document,
            "fses.content",
        )

    def invoice(self, document: DocumentId) -> bytes:
        """Return the prepared invoice's canonical bytes. Raises `UnknownDocument`, `DocumentDamaged`."""
        return self._content(
            "SELECT i.content, d.invoice_digest FROM documents d"
            f" LEFT JOIN invoices i ON i.document = d.id WHERE {_THIS}",
            document,
            "invoices.content",
        )

    def _content(self, question: str, document: DocumentId, where: str) -> bytes:
        found = self._database.first(question, document)
        if found is None:
            raise UnknownDocument(document)
        intact = _intact(*found)
        if intact is None:
            raise DocumentDamaged(document, self._database.damage.note_content(document, where))
        return intact.content

    def events(self, document: DocumentId | None) -> list[LedgerEvent]:
        """Return the history of one document, or of all, oldest first."""
        question = (
            "SELECT d.owner, d.number, d.kind, e.state, e.at, e.reader, e.signers"
            " FROM events e JOIN documents d ON d.id = e.document"
        )
        where, values = ("", ()) if document is None else (f"WHERE {_THIS}", document)
        rows = self._database.readable_rows(f"{question} {where} ORDER BY e.id", values)
        found: list[LedgerEvent] = []
        for row in rows:
            try:
                found.append(_event(row))
            except (ValueError, TypeError, KeyError):
                self._database.damage.note_history(row[0], row[1], _KINDS[row[2]])
        return found

    def counts(self) -> list[LedgerCount]:
        """Return how many documents are in which state, by owner and kind, with their totals."""
        rows = self._database.rows(
            "SELECT owner, kind, state, count(*), sum(total) FROM documents"
            " GROUP BY owner, kind, state ORDER BY owner, kind, state"
        )
        return [
            LedgerCount(owner, _KINDS[kind], _STATES[state], count, total)
            for owner, kind, state, count, total in rows
        ]

    def check(self) -> None:
        """Read everything once. Raises `LedgerDamaged` naming the first thing that is wrong."""
        ((verdict,),) = self._database.rows("PRAGMA integrity_check(1)")
        if verdict != "ok":
            raise LedgerDamaged(self._database.path, str(verdict))
        rows = self._database.rows("SELECT owner, number, kind, state FROM documents")
        for owner, number, kind, state in rows:
            document = DocumentId(owner, number, _KINDS[kind])
            try:
                self.invoice(document)
                if _STATES[state] in CERTIFIED:
                    self.fse(document)
            except (UnknownDocument, DocumentDamaged):
                raise LedgerDamaged(
                    self._database.path,
                    Sentence(
                        "the bytes of {kind} {number} of {owner} are not what was written",
                        kind=document.kind.name,
                        number=number,
                        owner=owner,
                    ),
                ) from None

    def _intact_fse(self, line: LedgerDocument, content: object, expected: object) -> HeldFse | None:
        """Return the FSE of a line if it is as it was written; otherwise it is set aside."""
        intact = _intact(content, expected)
        if intact is None:
            self._database.damage.note_content(line.id, "fses.content")
            return None
        return HeldFse(line, intact)


def _intact(content: object, expected: object) -> Document | None:
    """Return the document in a column's bytes; `None` if they are not what was written."""
    document = Document(content) if isinstance(content, bytes) else None
    return document if document is not None and document.digest == expected else None


def _event(row: tuple[Any, ...]) -> LedgerEvent:
    """Return a step of a document's history.

    Raises `ValueError`, `TypeError`, `KeyError` for a malformed one.
    """
    owner, number, kind, state, at, reader, signers = row
    datetime.fromisoformat(at)
    if not isinstance(reader, str) or "\ufffd" in f"{reader}{signers}":
        raise ValueError(reader)
    notes = [SignerNote(Role(role), name, serial) for role, name, serial in json.loads(signers)]
    if not all(isinstance(text, str) for note in notes for text in (note.name, note.card_serial)):
        raise ValueError(signers)
    return LedgerEvent(
        DocumentId(owner, number, DocumentKind(kind)), _STATES[state], at, reader, tuple(notes)
    )


def _documents(rows: Iterable[tuple[Any, ...]]) -> list[LedgerDocument]:
    """Lines of rows. Lists are long: the values are turned in one expression."""
    new, kind_of, state_of, mode_of, day = tuple.__new__, _KINDS, _STATES, _MODES, _day
    return [
        new(
            LedgerDocument,
            (
                owner,
                number,
                kind_of[kind],
                state_of[state],
                mode_of[mode],
                reader,
                owner_name,
                patient,
                recipient,
                day(made_on),
                None if prescribed_on is None else day(prescribed_on),
                *amounts,
                amo == 1,
                amc == 1,
            ),
        )
        for (
            owner,
            number,
            kind,
            state,
            mode,
            reader,
            owner_name,
            patient,
            recipient,
            made_on,
            prescribed_on,
            *amounts,
            amo,
            amc,
        ) in rows
    ]


_day = lru_cache(4_096)(date.fromisoformat)
