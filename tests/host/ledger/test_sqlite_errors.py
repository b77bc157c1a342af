"""What SQLite raises, told as what the system said, on which file."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from tla_sim.host.ledger import sqlite_errors
from tla_sim.host.ledger.errors import (
    LedgerDamaged,
    LedgerFull,
    LedgerHeld,
    LedgerUnreadable,
    LedgerUnusable,
    LedgerUnwritable,
    NotALedger,
)
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.sqlite_errors import to_ledger_error


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    return path


def raised(code: int) -> sqlite3.Error:
    """What SQLite raises with an extended code."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


def told(path: Path, code: int) -> LedgerUnusable:
    return to_ledger_error(str(path), raised(code))


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (sqlite3.SQLITE_IOERR_WRITE, LedgerUnwritable, "written: input/output error"),
        (sqlite3.SQLITE_IOERR_FSYNC, LedgerUnwritable, "written: input/output error"),
        (sqlite3.SQLITE_IOERR_SHMSIZE, LedgerUnwritable, "ledger.db-shm: input/output error"),
        (sqlite3.SQLITE_IOERR_SHMMAP, LedgerUnwritable, "ledger.db-shm: input/output error"),
        (sqlite3.SQLITE_IOERR_SHMOPEN, LedgerUnwritable, "ledger.db-shm: input/output error"),
        (sqlite3.SQLITE_IOERR_READ, LedgerUnreadable, "cannot be read from its disk: input/output error"),
        (sqlite3.SQLITE_IOERR_SHORT_READ, LedgerUnreadable, "cannot be read"),
        (sqlite3.SQLITE_IOERR_CORRUPTFS, LedgerUnreadable, "cannot be read"),
        (sqlite3.SQLITE_CORRUPT, LedgerUnreadable, "cannot be read"),
        (sqlite3.SQLITE_FULL, LedgerFull, "the disk is full"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, LedgerHeld, "in use"),
        (sqlite3.SQLITE_NOTADB, NotALedger, "not a ledger"),
    ],
)
def test_a_failure_that_has_passed_is_told_by_its_step(
    ledger: Path, code: int, kind: type[LedgerUnusable], said: str
) -> None:
    found = told(ledger, code)
    assert type(found) is kind
    assert said in found.message
    assert str(ledger) in found.message
    assert [each.name for each in ledger.parent.iterdir()] == ["ledger.db"], "asking leaves nothing"


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_READONLY]
)
@pytest.mark.parametrize(
    "number", [errno.EIO, errno.EROFS, errno.EACCES, errno.EDQUOT, errno.EMFILE, errno.ENOTDIR]
)
def test_what_the_system_says_is_told(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, code: int, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(sqlite_errors, "written_part", refuse)
    found = told(ledger, code)
    assert isinstance(found, LedgerUnwritable)
    assert os.strerror(number).lower() in found.message


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE])
def test_a_disk_that_is_full_is(ledger: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert isinstance(told(ledger, code), LedgerFull)
    assert [each.name for each in ledger.parent.iterdir()] == ["ledger.db"]


def test_a_file_that_is_damaged_is_still_told_so(ledger: Path) -> None:
    raw = bytearray(ledger.read_bytes())
    raw[4096:12288] = b"\xa5" * 8192
    ledger.write_bytes(raw)
    with pytest.raises(LedgerDamaged):
        _read_all(ledger)


def _read_all(path: Path) -> None:
    with Ledger.open(path) as opened:
        opened.documents()
        opened.check()
