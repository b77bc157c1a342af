"""The ledger's file: SQLite, its schema and versions, opened so that what is committed is on disk.

For the choice of SQLite and its settings see docs/decisions/ledger-sqlite.md. Project-defined.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from errno import EACCES, EISDIR
from pathlib import Path
from typing import Final

from tla_sim.host.ledger.desk_schema import DESK_TABLES, LEFT_OUT_TABLES
from tla_sim.host.ledger.errors import LedgerTooNew, LedgerUnwritable, NotALedger
from tla_sim.host.ledger.sqlite_errors import raise_typed
from tla_sim.host.regular_file import NotAFile, check_regular, make_regular
from tla_sim.protocol.sentence import Sentence

APPLICATION_ID: Final = int.from_bytes(b"TLAL")
"""The application identifier in SQLite's header, which tells a ledger from any other database."""

Connect = Callable[[Path, float], sqlite3.Connection]
"""A function that opens a database file, waiting a number of seconds for another program's lock."""

_VERSIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """
        CREATE TABLE documents (
            id INTEGER PRIMARY KEY,
            owner TEXT NOT NULL,
            number TEXT NOT NULL,
            kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
            mode INTEGER NOT NULL CHECK (mode IN (1, 2)),
            reader TEXT NOT NULL,
            owner_name TEXT NOT NULL,
            patient TEXT NOT NULL,
            recipient TEXT NOT NULL,
            made_on TEXT NOT NULL,
            prescribed_on TEXT,
            total INTEGER NOT NULL,
            fund INTEGER NOT NULL,
            complementary INTEGER NOT NULL,
            insured INTEGER NOT NULL,
            to_pay INTEGER NOT NULL,
            third_party_amo INTEGER NOT NULL,
            third_party_amc INTEGER NOT NULL,
            invoice_digest BLOB NOT NULL,
            UNIQUE (owner, number, kind)
        ) STRICT
        """,
        """
        CREATE TABLE invoices (
            document INTEGER PRIMARY KEY REFERENCES documents (id),
            content BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE fses (
            document INTEGER PRIMARY KEY REFERENCES documents (id),
            pulled_digest BLOB NOT NULL,
            digest BLOB NOT NULL,
            content BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents (id),
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
            at TEXT NOT NULL,
            reader TEXT NOT NULL,
            signers TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX documents_by_day ON documents (made_on)",
        "CREATE INDEX events_by_document ON events (document)",
    ),
    DESK_TABLES,
    LEFT_OUT_TABLES,
)
"""The statements that lead from each schema version to the next, beginning with version 0, an empty file."""

_BESIDE: Final = ("-journal", "-wal", "-shm")

SCHEMA_VERSION: Final = len(_VERSIONS)


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Return a plain connection; transactions are begun and ended explicitly."""
    return sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)


def open_ledger_file(path: Path, busy_seconds: float, open_database: Connect = connect) -> sqlite3.Connection:
    """Return a connection to the ledger at `path`, which is created (mode 0600) if it does not exist.

    Raises `NotALedger`, `LedgerTooNew`, `LedgerDamaged`, `LedgerUnwritable`, `LedgerFull` or `LedgerHeld`; a
    refused file is left as it was.
    """
    name = str(path)
    _claim(path)
    with raise_typed(name):
        database = open_database(path, busy_seconds)
    try:
        with raise_typed(name):
            _check(database, name)
            _settle(database)
            _migrate(database, name)
    except BaseException:
        database.close()
        raise
    return database


def _claim(path: Path) -> None:
    """Make sure that a regular file is there, private when it is new."""
    try:
        make_regular(path)
        # It is not opened to find that out. Closing a descriptor of it would drop the locks that SQLite holds
        # on it anywhere in this process, and another program would then take the log of what is in use away.
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), str(path))
    except OSError as error:
        if isinstance(error, NotAFile) and error.errno != EISDIR:
            raise NotALedger(str(path)) from None
        raise LedgerUnwritable(str(path), (error.strerror or str(error)).lower()) from None
    for ending in _BESIDE:
        # SQLite opens anything without a check, and would wait at a pipe for ever.
        beside = f"{path}{ending}"
        try:
            check_regular(beside)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise LedgerUnwritable(
                str(path), Sentence("{beside}: {reason}", beside=beside, reason=error.strerror or error)
            ) from None


def _number(database: sqlite3.Connection, question: str) -> int:
    row = database.execute(question).fetchone()
    return int(row[0])


def _check(database: sqlite3.Connection, name: str) -> None:
    """Check the file before anything is written."""
    if database.in_transaction:
        _check_view(database, name)
        return
    # In one view: between two, another program may begin the ledger, which would pass for a foreign file.
    database.execute("BEGIN")
    try:
        _check_view(database, name)
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def _check_view(database: sqlite3.Connection, name: str) -> None:
    application = _number(database, "PRAGMA application_id")
    version = _number(database, "PRAGMA user_version")
    fresh = application == version == 0 and not _number(database, "SELECT count(*) FROM sqlite_schema")
    if not fresh and application != APPLICATION_ID:
        raise NotALedger(name)
    if version > SCHEMA_VERSION:
        raise LedgerTooNew(name, version, SCHEMA_VERSION)


def _settle(database: sqlite3.Connection) -> None:
    mode = database.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    # Without a write-ahead log (a folder on a network) EXTRA also syncs the folder of the rollback journal.
    database.execute(f"PRAGMA synchronous = {'FULL' if mode == 'wal' else 'EXTRA'}")
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA trusted_schema = OFF")


def _migrate(database: sqlite3.Connection, name: str) -> None:
    if _number(database, "PRAGMA user_version") == SCHEMA_VERSION:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        # Another program may have done it while this one waited for the lock.
        _check(database, name)
        for version in range(_number(database, "PRAGMA user_version"), SCHEMA_VERSION):
            for statement in _VERSIONS[version]:
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
