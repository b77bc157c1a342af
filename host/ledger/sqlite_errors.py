"""The true causes of SQLite's errors: the file, the disk under it, or another program.

SQLite reports at which step the system failed, but not the system's error. That is found out by writing a
little beside the ledger, or by reading it once more. A failure that has passed by then is reported by its
step.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from errno import EIO, ENOSPC
from os import strerror
from pathlib import Path
from typing import Final

from tla_sim.host.ledger.errors import (
    LedgerDamaged,
    LedgerFull,
    LedgerHeld,
    LedgerUnreadable,
    LedgerUnusable,
    LedgerUnwritable,
    NotALedger,
)
from tla_sim.host.whole_file import written_part
from tla_sim.protocol.sentence import Sentence

_PRIMARY: Final = 0xFF
_HELD: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_ALTERED: Final = (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH)
_UNDECODED: Final = "UTF-8"
"""A word of Python's message for a text that is not UTF-8; that error has no SQLite code."""

_DISK: Final = (
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
)
_READING: Final = (
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_FSTAT,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
    sqlite3.SQLITE_IOERR_DATA,
)
_INDEX: Final = (
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_SHMLOCK,
)
"""Steps on the index of the write-ahead log, which is a file of its own."""

_PROBE: Final = bytes(64 * 1024)


def to_ledger_error(path: str, error: sqlite3.Error) -> LedgerUnusable:
    """Return the ledger's error for an error of SQLite."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & _PRIMARY
    if primary == sqlite3.SQLITE_NOTADB:
        return NotALedger(path)
    if primary in _HELD:
        return LedgerHeld(path)
    if primary == sqlite3.SQLITE_CORRUPT:
        return (
            LedgerDamaged(path, str(error)) if _is_damaged(path) else LedgerUnreadable(path, _input_output())
        )
    if primary in _ALTERED or _UNDECODED in str(error):
        return LedgerDamaged(path, str(error))
    if code in _READING:
        return LedgerUnreadable(path, _input_output())
    if primary in _DISK:
        return _of_disk(path, code, error)
    return LedgerUnwritable(path, str(error))


def _of_disk(path: str, code: int, error: sqlite3.Error) -> LedgerUnusable:
    said = _said_by_the_system(path)
    if code & _PRIMARY == sqlite3.SQLITE_FULL or (said is not None and said.errno == ENOSPC):
        return LedgerFull(path)
    if said is not None:
        return LedgerUnwritable(path, (said.strerror or str(said)).lower())
    if code in _INDEX:
        return LedgerUnwritable(path, Sentence("{path}-shm: {reason}", path=path, reason=_input_output()))
    if code & _PRIMARY == sqlite3.SQLITE_IOERR:
        return LedgerUnwritable(path, _input_output())
    return LedgerUnwritable(path, str(error))


def _input_output() -> str:
    return strerror(EIO).lower()


def _said_by_the_system(path: str) -> OSError | None:
    """Return the system's error for writing beside the ledger; `None` when it succeeds."""
    try:
        with written_part(Path(path), _PROBE):
            return None
    except OSError as error:
        return error


def _is_damaged(path: str) -> bool:
    """Return whether the file itself is damaged, and not only what was just read of it."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            return bool(database.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok")
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", 0) not in _READING


@contextmanager
def raise_typed(path: str) -> Iterator[None]:
    """Raise errors of SQLite inside as `LedgerUnusable`."""
    try:
        yield
    except sqlite3.Error as error:
        raise to_ledger_error(path, error) from error
