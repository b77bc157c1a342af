"""The ledger's file, open: what is asked of it, what is written in one transaction, what of it is damaged.

Only the modules of this room send statements; whoever reads a table reads it without what is damaged.
Project-defined.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from tla_sim.host.ledger.damage import decode_text, set_damage_aside
from tla_sim.host.ledger.errors import DocumentDamaged
from tla_sim.host.ledger.sqlite_errors import raise_typed
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.names import fold_name

T = TypeVar("T")

Row = tuple[Any, ...]


class LedgerDatabase:
    """An open ledger file. Every method raises LedgerUnusable when the file fails it."""

    def __init__(self, connection: sqlite3.Connection, path: str, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._clock = clock
        self.path = path
        self.moment = ""
        with raise_typed(path):
            self.damage = set_damage_aside(connection, path)
        connection.create_function("fold_name", 1, fold_name, deterministic=True)

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        self._connection.close()

    def now(self) -> str:
        """Return the present time (ISO 8601) as the ledger notes it."""
        return self._clock().isoformat(timespec="seconds")

    def version(self) -> int:
        """Return a number that changes whenever another connection or program has changed the file."""
        with raise_typed(self.path):
            row = self._connection.execute("PRAGMA data_version").fetchone()
        return int(row[0])

    def check_sound(self, document: DocumentId) -> None:
        """Make sure that nothing of a document's invoice is damaged. Raises `DocumentDamaged`."""
        damage = self.damage.invoices.get(document[:2]) if self.damage.invoices else None
        if damage is not None:
            raise DocumentDamaged(document, damage)

    def first(self, question: str, values: Iterable[Any] = ()) -> Row | None:
        """Return the first row that a SELECT gives."""
        with raise_typed(self.path):
            row: Row | None = self._connection.execute(question, tuple(values)).fetchone()
        return row

    def rows(self, question: str, values: Iterable[Any] = ()) -> list[Row]:
        """Return the rows that a SELECT gives."""
        with raise_typed(self.path):
            return self._connection.execute(question, tuple(values)).fetchall()

    def streamed(self, question: str, values: Iterable[Any], turn: Callable[[Iterable[Row]], T]) -> T:
        """Return what `turn` makes of the rows of a SELECT, which never all stand in memory as rows."""
        with raise_typed(self.path):
            return turn(self._connection.execute(question, tuple(values)))

    def readable_rows(self, question: str, values: Iterable[Any] = ()) -> list[Row]:
        """Return the rows that a SELECT gives, whatever the bytes of their texts."""
        asked = tuple(values)
        with raise_typed(self.path):
            try:
                return self._connection.execute(question, asked).fetchall()
            except sqlite3.OperationalError as error:
                if "UTF-8" not in str(error):
                    raise
                self._connection.text_factory = decode_text
                try:
                    return self._connection.execute(question, asked).fetchall()
                finally:
                    self._connection.text_factory = str

    def write(self, statement: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        """Execute a statement of the current transaction."""
        return self._connection.execute(statement, tuple(values))

    def write_each(self, statement: str, rows: Iterable[Row]) -> sqlite3.Cursor:
        """Execute a statement of the current transaction with each of several rows of values."""
        return self._connection.executemany(statement, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Have all that is written inside on disk at the end, or none of it."""
        connection = self._connection
        with raise_typed(self.path):
            try:
                if connection.in_transaction:  # left open by an interrupt between two lines below
                    connection.execute("ROLLBACK")
                self.moment = self.now()
                connection.execute("BEGIN IMMEDIATE")
                yield
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
