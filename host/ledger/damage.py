"""Damaged parts of a ledger: found and named when it is opened, then set aside, so that the rest can be used.

Damaged rows are hidden behind views of the same names, so that reading a table gives only sound rows; writing
names the tables themselves, as `main.documents`. A mark, a piece or an outcome that cannot be read sets its
invoice aside, an event or a lot its file: nothing is billed or sent as something other than it is.
Project-defined.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from tla_sim.host.ledger.codes import codes
from tla_sim.host.ledger.desk_model import InvoiceName
from tla_sim.host.ledger.errors import EntryDamaged
from tla_sim.host.ledger.model import CERTIFIED, TO_SEND, UNCERTIFIED, LedgerState
from tla_sim.host.ledger.soundness import TABLES
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence

_BY_INVOICE: Final = ("marks", "rectifications", "attached")
_BY_ID: Final = ("documents", "files", "lots", "file_events", "lot_documents", "outcomes", "pieces")
_UNDECODED: Final = "UTF-8"

_TOO_EARLY: Final = (
    "SELECT id FROM main.documents WHERE"
    f" (state IN ({codes(UNCERTIFIED)}) AND (id IN (SELECT document FROM main.fses) OR EXISTS"
    " (SELECT 1 FROM main.events e WHERE e.document = main.documents.id"
    f" AND e.state IN ({codes(CERTIFIED)}))))"
    f" OR (state IN ({codes(each for each in CERTIFIED if each is not LedgerState.TRANSMITTED)}) AND EXISTS"
    " (SELECT 1 FROM main.events e WHERE e.document = main.documents.id"
    f" AND e.state = {int(LedgerState.TRANSMITTED)}))"
)
"""Documents that are said to be before what has happened to them: they would be loaded or sent once more."""

_LINE_GONE: Final = (
    "SELECT document FROM main.events WHERE typeof(document) = 'integer' EXCEPT SELECT id FROM main.documents"
    " UNION SELECT document FROM main.invoices"
    " WHERE document > (SELECT ifnull(max(id), 0) FROM main.documents)"
)
"""Rows of documents whose line is gone: by their history, which an index lists, or behind the last line.
Looking for the others would read the bytes of every invoice at every opening."""


@dataclass
class Damage:
    """The damage found: an error for each sentence, and what is set aside with it."""

    path: str
    found: dict[str, EntryDamaged] = field(default_factory=dict)
    invoices: dict[InvoiceName, EntryDamaged] = field(default_factory=dict)
    lots: int = 0

    def note(self, what: str, where: str, *names: InvoiceName) -> EntryDamaged:
        """Note a damaged entry, and which invoices go with it; return the error that names it."""
        error = EntryDamaged(self.path, what, where)
        error = self.found.setdefault(error.message, error)
        for name in names:
            self.invoices.setdefault(name, error)
        return error

    def note_content(self, document: DocumentId, where: str) -> EntryDamaged:
        """Note a document's bytes that are not what was written; return the error that names them."""
        owner, number, kind = document
        what = Sentence("{kind} {number} of {owner}", kind=kind.name, number=number, owner=owner)
        return self.note(what, where, (owner, number))

    def note_history(self, owner: str, number: str, kind: DocumentKind) -> None:
        """Note a step of a document's history that cannot be read; the document itself stays."""
        self.note(
            Sentence("The history of {kind} {number} of {owner}", kind=kind.name, number=number, owner=owner),
            "events",
        )


def set_damage_aside(database: sqlite3.Connection, path: str) -> Damage:
    """Look at every row of the ledger but contents and histories; hide what is damaged."""
    damage = Damage(path)
    wrong = {table: rows for table in TABLES if (rows := _wrong_rows(database, table))}
    for (row,) in database.execute(_TOO_EARLY).fetchall():
        wrong.setdefault("documents", {}).setdefault((row,), "state")
    lineless = [row for (row,) in database.execute(_LINE_GONE).fetchall()]
    if wrong or lineless:
        database.text_factory = decode_text
        try:
            _Aside(database, damage).hide(wrong, lineless)
        finally:
            database.text_factory = str
    return damage


def decode_text(raw: bytes) -> str:
    """Return a text from the file, whatever its bytes."""
    return raw.decode("utf-8", "replace")


def _wrong_rows(database: sqlite3.Connection, table: str) -> dict[tuple[Any, ...], str]:
    """Return the keys of a table's damaged rows, each with the first column that is wrong."""
    declared, key = TABLES[table], _key(table)
    database.text_factory = decode_text
    try:
        found = database.execute(
            f"SELECT {key}, {declared.first_wrong} FROM main.{table} WHERE NOT {declared.sound}"
        ).fetchall()
        wrong = {tuple(row[:-1]): row[-1] for row in found}
        if declared.texts and not _is_decoded(database, table):
            wrong = _find_undecoded(database, table) | wrong
    except sqlite3.DatabaseError:
        if table == "documents":
            raise
        return {}  # a page that cannot be read: whoever needs the table is told so
    finally:
        database.text_factory = str
    return wrong


def _key(table: str) -> str:
    """Return the key that tells a table's rows apart, with texts as bytes, which may be anything."""
    if table in ("lot_documents", "outcomes"):
        return "document"
    if table == "attached":
        return "CAST(owner AS BLOB), CAST(number AS BLOB), piece"
    if table == "pieces":
        return "digest"
    if table == "left_out":
        return "piece"
    if table == "signatures":
        return "CAST(owner AS BLOB)"
    return "CAST(owner AS BLOB), CAST(number AS BLOB)" if table in _BY_INVOICE else "id"


def _is_decoded(database: sqlite3.Connection, table: str) -> bool:
    database.text_factory = str
    joined = " || ',' || ".join(f"ifnull({each}, '')" for each in TABLES[table].texts)
    try:
        database.execute(f"SELECT group_concat({joined}) FROM main.{table}").fetchone()
    except sqlite3.OperationalError as error:
        if _UNDECODED not in str(error):
            raise
        return False
    return True


def _find_undecoded(database: sqlite3.Connection, table: str) -> dict[tuple[Any, ...], str]:
    database.text_factory = decode_text
    found: dict[tuple[Any, ...], str] = {}
    for column in TABLES[table].texts:
        for *key, raw in database.execute(f"SELECT {_key(table)}, CAST({column} AS BLOB) FROM main.{table}"):
            if isinstance(raw, bytes) and not _is_utf8(raw):
                found.setdefault(tuple(key), column)
    return found


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Aside:
    """One setting aside: damaged rows are named, what depends on them follows, then views hide both."""

    def __init__(self, database: sqlite3.Connection, damage: Damage) -> None:
        self._database = database
        self._damage = damage
        self._hidden: dict[str, dict[tuple[Any, ...], None]] = {table: {} for table in TABLES}

    def hide(self, wrong: dict[str, dict[tuple[Any, ...], str]], lineless: Iterable[object]) -> None:
        """Name and hide all of it, and name the documents without a line."""
        for row in lineless:
            name = self._name_in_content(row)
            if name is None:
                self._damage.note(Sentence("Document {key}", key=row), "documents.id")
            else:
                self._by_invoice(name, "documents.id")
        for table, rows in wrong.items():
            for key, column in rows.items():
                self._hidden[table][key] = None
                getattr(self, f"_{table}")(key, f"{table}.{column}")
        for owner, number in self._damage.invoices:
            rows_of = "SELECT id FROM main.documents WHERE owner = ? AND number = ?"
            for row in self._all(rows_of, owner, number):
                self._hidden["documents"][row] = None
        self._write_views()

    def _documents(self, key: tuple[Any, ...], where: str) -> None:
        (row,) = self._all(
            "SELECT CAST(owner AS BLOB), CAST(number AS BLOB), kind FROM main.documents WHERE id = ?", *key
        )
        written = _text(row[0]), _text(row[1])
        true = self._name_in_content(key[0]) or written
        kind = DocumentKind(row[2]).name if row[2] in tuple(DocumentKind) else "document"
        self._damage.note(
            Sentence("{kind} {number} of {owner}", kind=kind, number=true[1], owner=true[0]),
            where,
            written,
            true,
        )

    def _name_in_content(self, row: object) -> InvoiceName | None:
        """Return owner and number from an invoice's own bytes, whatever its line says."""
        for (content,) in self._all("SELECT content FROM main.invoices WHERE document = ?", row):
            try:
                invoice = PreparedInvoice.parse(content)
            except (CodecError, TypeError, ValueError, AttributeError):
                continue
            return invoice.owner, invoice.number
        return None

    def _by_invoice(self, key: tuple[Any, ...], where: str) -> None:
        name = _text(key[0]), _text(key[1])
        self._damage.note(Sentence("Invoice {number} of {owner}", number=name[1], owner=name[0]), where, name)

    _marks = _rectifications = _attached = _by_invoice

    def _pieces(self, key: tuple[Any, ...], where: str) -> None:
        served = "SELECT CAST(owner AS BLOB), CAST(number AS BLOB) FROM main.attached WHERE piece IS ?"
        names = [(_text(owner), _text(number)) for owner, number in self._all(served, *key)]
        for name in names:
            self._damage.note(
                Sentence("A piece of invoice {number} of {owner}", number=name[1], owner=name[0]), where, name
            )
        if not names:
            self._damage.note(Sentence("Piece {key}", key=_show_digest(key[0])), where)

    def _left_out(self, key: tuple[Any, ...], where: str) -> None:
        self._damage.note(Sentence("What was left out of piece {key}", key=_show_digest(key[0])), where)

    def _signatures(self, key: tuple[Any, ...], where: str) -> None:
        self._damage.note(Sentence("The signature of {key}", key=_text(key[0])), where)

    def _outcomes(self, key: tuple[Any, ...], where: str) -> None:
        named = "SELECT CAST(owner AS BLOB), CAST(number AS BLOB) FROM main.documents WHERE id = ?"
        names = [(_text(owner), _text(number)) for owner, number in self._all(named, *key)]
        for name in names:
            self._damage.note(
                Sentence("The answer to invoice {number} of {owner}", number=name[1], owner=name[0]),
                where,
                name,
            )
        if not names:
            self._damage.note(Sentence("The answer to document {key}", key=key[0]), where)

    def _files(self, key: tuple[Any, ...], where: str) -> None:
        (row,) = self._all("SELECT CAST(identity AS BLOB) FROM main.files WHERE id = ?", *key)
        self._hidden["files"][key] = None
        self._damage.note(Sentence("File {file}", file=_text(row[0])), where)
        # One of these may be in the file: it must not leave in another.
        loose = (
            "SELECT CAST(d.owner AS BLOB), CAST(d.number AS BLOB) FROM main.documents d"
            " JOIN main.files f ON f.kind = d.kind AND f.recipient = d.recipient"
            f" WHERE f.id = ? AND d.state IN ({codes(TO_SEND)})"
            " AND d.id NOT IN (SELECT document FROM main.lot_documents)"
        )
        for owner, number in self._all(loose, *key) if where == "files.documents" else ():
            name = _text(owner), _text(number)
            self._damage.note(
                Sentence(
                    "Invoice {number} of {owner}, which may be in file {file},",
                    number=name[1],
                    owner=name[0],
                    file=_text(row[0]),
                ),
                where,
                name,
            )

    def _lots(self, key: tuple[Any, ...], where: str) -> None:
        self._damage.lots += 1
        self._of_file("SELECT file FROM main.lots WHERE id = ?", key, where)

    def _file_events(self, key: tuple[Any, ...], where: str) -> None:
        self._of_file("SELECT file FROM main.file_events WHERE id = ?", key, where)

    def _lot_documents(self, key: tuple[Any, ...], where: str) -> None:
        named = "SELECT CAST(owner AS BLOB), CAST(number AS BLOB) FROM main.documents WHERE id = ?"
        names = [(_text(owner), _text(number)) for owner, number in self._all(named, *key)]
        what = (
            Sentence("Invoice {number} of {owner}", number=names[0][1], owner=names[0][0])
            if names
            else Sentence("Document {key} of a lot", key=key[0])
        )
        self._damage.note(what, where, *names)

    def _of_file(self, question: str, key: tuple[Any, ...], where: str) -> None:
        (row,) = self._all(question, *key)
        named = self._all("SELECT id, CAST(identity AS BLOB) FROM main.files WHERE id = ?", row[0])
        for file, identity in named:
            self._hidden["files"][(file,)] = None
            self._damage.note(Sentence("File {identity}", identity=_text(identity)), where)
        if not named:
            self._damage.note("A file of lots", where)

    def _all(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._database.execute(question, values).fetchall()

    def _write_views(self) -> None:
        execute = self._database.execute
        execute("PRAGMA temp_store = MEMORY")
        for table, rows in self._hidden.items():
            condition = TABLES[table].sound
            if table in _BY_ID and rows:
                column = "id" if table not in ("lot_documents", "outcomes", "pieces") else _key(table)
                execute(f"CREATE TEMP TABLE aside_{table} (key)")
                self._database.executemany(f"INSERT INTO aside_{table} VALUES (?)", list(rows))
                condition += (
                    f" AND NOT EXISTS (SELECT 1 FROM aside_{table} WHERE key IS main.{table}.{column})"
                )
            if rows:
                execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE {condition}")


def _text(raw: object) -> str:
    """Return a value of any type in printable form."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _show_digest(raw: object) -> str:
    return raw.hex()[:16] if isinstance(raw, bytes) else _text(raw)[:16]


_SHOWN: Final = 40
