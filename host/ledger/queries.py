"""What can be asked of a ledger. Lists come without documents' bytes unless they say otherwise."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

from tla_sim.host.ledger.damage import decoded, set_damage_aside
from tla_sim.host.ledger.errors import DocumentDamaged, EntryDamaged, LedgerDamaged, UnknownDocument
from tla_sim.host.ledger.model import (
    CERTIFIED,
    DocumentFilter,
    LedgerCount,
    LedgerDocument,
    LedgerEvent,
    LedgerState,
    SignerNote,
)
from tla_sim.host.ledger.sqlite_errors import typed
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Role, SecurityMode
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.names import compared
from tla_sim.protocol.sentence import Sentence

T = TypeVar("T")

_KINDS: Final = {int(each): each for each in DocumentKind}
_STATES: Final = {int(each): each for each in LedgerState}
_MODES: Final = {int(each): each for each in SecurityMode}
_COLUMNS: Final = ", ".join(f"d.{name}" for name in LedgerDocument._fields[:-1])
_THIS: Final = "d.owner = ? AND d.number = ? AND d.kind = ?"
_ORDER: Final = "ORDER BY d.owner, d.number, d.kind"


class LedgerQueries:
    """The reading half of a ledger. Every method raises LedgerUnusable when the file fails it."""

    def __init__(self, database: sqlite3.Connection, path: str) -> None:
        self._database = database
        self.path = path
        with self._typed():
            self._damage = set_damage_aside(database, path)
        database.create_function("compared", 1, compared, deterministic=True)

    def _typed(self) -> AbstractContextManager[None]:
        return typed(self.path)

    @property
    def damaged(self) -> tuple[EntryDamaged, ...]:
        """What of the ledger is damaged and set aside, as far as it was read: a sentence each."""
        return tuple(self._damage.found)

    @property
    def damaged_lots(self) -> int:
        """How many lots are damaged, whose numbers are not known then."""
        return self._damage.lots

    def damaged_owners(self, number: str) -> tuple[str, ...]:
        """Whose invoice of this number is damaged."""
        return tuple(owner for owner, each in self._damage.invoices if each == number)

    def check_sound(self, document: DocumentId) -> None:
        """Make sure that nothing of a document's invoice is damaged. Raises DocumentDamaged."""
        damage = self._damage.invoices.get(document[:2]) if self._damage.invoices else None
        if damage is not None:
            raise DocumentDamaged(document, damage)

    def state(self, document: DocumentId) -> LedgerState | None:
        """Where a document is in its life; `None` for one that the ledger does not know."""
        self.check_sound(document)
        found = self._first(f"SELECT d.state FROM documents d WHERE {_THIS}", document)
        return None if found is None else _STATES[found[0]]

    def get(self, document: DocumentId) -> LedgerDocument | None:
        """One document's line, `None` if the ledger does not know it."""
        self.check_sound(document)
        rows = self._lines(f"SELECT {_COLUMNS}, x'' FROM documents d WHERE {_THIS}", document)
        return rows[0] if rows else None

    def documents(self, wanted: DocumentFilter | None = None) -> list[LedgerDocument]:
        """The documents that a filter lets pass, in order of owner, number and kind."""
        where, values = conditions(wanted or DocumentFilter())
        return self._lines(f"SELECT {_COLUMNS}, x'' FROM documents d WHERE {where} {_ORDER}", values)

    def to_sign(self, owner: str | None = None) -> list[LedgerDocument]:
        """What waits for its owner's final signature, each with its FSE's bytes."""
        return self._with_fse(DocumentFilter(owner=owner, states=(LedgerState.PARTIAL,)))

    def transmissible(self, owner: str | None = None) -> list[LedgerDocument]:
        """What has all its signatures, has not left and is in no lot, each with its FSE's bytes."""
        ready = DocumentFilter(owner=owner, states=(LedgerState.COMPLETE, LedgerState.FINAL))
        return self._with_fse(ready, " AND d.id NOT IN (SELECT document FROM lot_documents)")

    def rows(self, question: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a SELECT of the desk gives."""
        with self._typed():
            return self._database.execute(question, tuple(values)).fetchall()

    def turned(
        self, question: str, values: Iterable[Any], turn: Callable[[Iterable[tuple[Any, ...]]], T]
    ) -> T:
        """What `turn` makes of the rows of a SELECT, which never all stand in memory as rows."""
        with self._typed():
            return turn(self._database.execute(question, tuple(values)))

    def _with_fse(self, wanted: DocumentFilter, further: str = "") -> list[LedgerDocument]:
        where, values = conditions(wanted)
        where += further
        question = (
            f"SELECT {_COLUMNS}, f.content, f.digest FROM documents d"
            f" LEFT JOIN fses f ON f.document = d.id WHERE {where} {_ORDER}"
        )
        with self._typed():
            rows = self._database.execute(question, values).fetchall()
        return _documents(row[:-1] for row in rows if self._is_intact(row))

    def fse(self, document: DocumentId) -> bytes:
        """The certified document held. Raises UnknownDocument when there is none."""
        found = self._first(
            f"SELECT f.content, f.digest FROM documents d JOIN fses f ON f.document = d.id WHERE {_THIS}",
            document,
        )
        if found is None:
            raise UnknownDocument(document)
        content, expected = found
        return self._intact(content, expected, f"FSE {document.number} of {document.owner}")

    def invoice(self, document: DocumentId) -> bytes:
        """The prepared invoice's canonical bytes. Raises UnknownDocument."""
        found = self._first(
            "SELECT i.content, d.invoice_digest FROM documents d"
            f" JOIN invoices i ON i.document = d.id WHERE {_THIS}",
            document,
        )
        if found is None:
            raise UnknownDocument(document)
        content, expected = found
        return self._intact(content, expected, f"invoice {document.number} of {document.owner}")

    def events(self, document: DocumentId | None = None) -> list[LedgerEvent]:
        """The history of one document, or of all, oldest first."""
        question = (
            "SELECT d.owner, d.number, d.kind, e.state, e.at, e.reader, e.signers"
            " FROM events e JOIN documents d ON d.id = e.document"
        )
        where, values = ("", ()) if document is None else (f"WHERE {_THIS}", document)
        rows = self._told_rows(f"{question} {where} ORDER BY e.id", values)
        found: list[LedgerEvent] = []
        for row in rows:
            try:
                found.append(_event(row))
            except (ValueError, TypeError, KeyError):
                self._damage.note_history(row[0], row[1], _KINDS[row[2]])
        return found

    def _told_rows(self, question: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
        """Rows whose texts may be no UTF-8."""
        asked = tuple(values)
        with self._typed():
            try:
                return self._database.execute(question, asked).fetchall()
            except sqlite3.OperationalError as error:
                if "UTF-8" not in str(error):
                    raise
                self._database.text_factory = decoded
                try:
                    return self._database.execute(question, asked).fetchall()
                finally:
                    self._database.text_factory = str

    def counts(self) -> list[LedgerCount]:
        """How many documents are in which state, by owner and kind, with their totals."""
        question = (
            "SELECT owner, kind, state, count(*), sum(total) FROM documents"
            " GROUP BY owner, kind, state ORDER BY owner, kind, state"
        )
        with self._typed():
            rows = self._database.execute(question).fetchall()
        return [
            LedgerCount(owner, _KINDS[kind], _STATES[state], count, total)
            for owner, kind, state, count, total in rows
        ]

    def check(self) -> None:
        """Read everything once: the file's structure, and each document's bytes against its digest.

        Raises LedgerDamaged naming the first thing that is wrong.
        """
        with self._typed():
            verdict = self._database.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if verdict != "ok":
                raise LedgerDamaged(self.path, str(verdict))
            ids = self._database.execute("SELECT owner, number, kind, state FROM documents").fetchall()
        for owner, number, kind, state in ids:
            document = DocumentId(owner, number, kind)
            try:
                self.invoice(document)
                if _STATES[state] in CERTIFIED:
                    self.fse(document)
            except UnknownDocument:
                raise LedgerDamaged(
                    self.path,
                    Sentence("the bytes of {number} of {owner} are missing", number=number, owner=owner),
                ) from None

    def _first(self, question: str, values: Iterable[Any]) -> tuple[Any, ...] | None:
        with self._typed():
            row: tuple[Any, ...] | None = self._database.execute(question, tuple(values)).fetchone()
        return row

    def _lines(self, question: str, values: Iterable[Any]) -> list[LedgerDocument]:
        with self._typed():
            return _documents(self._database.execute(question, tuple(values)))

    def _is_intact(self, row: tuple[Any, ...]) -> bool:
        """Whether the FSE in a row is what was written; one that is not is set aside."""
        try:
            self._intact(row[-2], row[-1], "")
        except LedgerDamaged:
            self._damage.note_content(row[0], row[1], _KINDS[row[2]])
            return False
        return True

    def _intact(self, content: object, expected: object, what: str) -> bytes:
        if not isinstance(content, bytes) or digest(content) != expected:
            raise LedgerDamaged(
                self.path, Sentence("the bytes of {what} are not what was written", what=what)
            )
        return content


def _event(row: tuple[Any, ...]) -> LedgerEvent:
    """A step of a document's history. Raises ValueError, TypeError, KeyError for what is none."""
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
    """Lines of rows that end with an FSE. Lists are long: the values are turned in one expression."""
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
                fse,
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
            fse,
        ) in rows
    ]


_day = lru_cache(4_096)(date.fromisoformat)


def conditions(wanted: DocumentFilter) -> tuple[str, list[Any]]:
    """The SQL condition on documents `d` that a filter comes to, and its values."""
    texts, values = ["1"], []
    plain = (
        ("d.owner = ?", wanted.owner),
        ("d.kind = ?", wanted.kind),
        ("d.mode = ?", wanted.mode),
        ("d.reader = ?", wanted.reader),
        ("d.made_on >= ?", wanted.first_day and wanted.first_day.isoformat()),
        ("d.made_on <= ?", wanted.last_day and wanted.last_day.isoformat()),
        ("instr(compared(d.owner_name), ?)", wanted.owner_name and compared(wanted.owner_name)),
        ("instr(compared(d.patient), ?)", wanted.patient and compared(wanted.patient)),
        ("instr(compared(d.recipient), ?)", wanted.recipient and compared(wanted.recipient)),
    )
    for text, value in plain:
        if value is not None:
            texts.append(text)
            values.append(value)
    for column, members in (("d.state", wanted.states), ("d.number", wanted.numbers)):
        if members is not None:
            texts.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(members))
    return " AND ".join(texts), values
