"""Faults of the host: killed at a write of its ledger, disk full.

A kill copies the ledger's files at that moment. A killed process would write nothing more, but here the
exception still unwinds and SQLite rolls back: `restore` undoes that.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.striking import Strikes

_READING: Final = ("SELECT", "PRAGMA")
_FILES: Final = ("", "-wal", "-journal")


class HostKilled(BaseException):
    """The host's program is killed. Not an Exception, so that no handler of the host survives it."""


class HostFaults:
    """Opens ledgers whose writes are counted and subject to the host faults of a plan.

    `on_commit` is called after each committed transaction.
    """

    def __init__(self, strikes: Strikes) -> None:
        self.strikes = strikes
        self.dead = False
        self.on_commit: Callable[[], None] = lambda: None
        self._ledger: Path | None = None

    def open_database(self, path: Path, busy_seconds: float) -> sqlite3.Connection:
        """Open a database whose writes are counted; pass this to `Ledger.open(open_database=…)`."""
        self._ledger = path
        faults = self

        class Watched(sqlite3.Connection):
            """A connection whose writes are counted."""

            def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
                kill_after = faults.before(sql)
                cursor = super().execute(sql, *arguments)
                faults.after(sql, kill_after)
                return cursor

            def executemany(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
                kill_after = faults.before(sql)
                cursor = super().executemany(sql, *arguments)
                faults.after(sql, kill_after)
                return cursor

        return sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, factory=Watched)

    def before(self, sql: str) -> bool:
        """Count a statement before it is executed. Return whether the host is killed after it."""
        if self.dead or sql.lstrip()[:6].upper() in _READING:
            return False
        kill_after = False
        for fault, _ in self.strikes.next(Counted.LEDGER_WRITES, Where.HOST):
            if fault.kind.what == "full":
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            if fault.value == "before":
                self.kill()
            kill_after = True
        return kill_after

    def after(self, sql: str, kill: bool) -> None:
        """Take note that a statement was executed; kill the host if `kill` is set."""
        if sql == "COMMIT" and not self.dead:
            self.on_commit()
        if kill:
            self.kill()

    def kill(self) -> None:
        """Save the ledger's files as they are on the disk, and raise HostKilled."""
        self.dead = True
        if self._ledger is not None:
            for suffix in _FILES:
                file, copy = _beside(self._ledger, suffix), _beside(self._ledger, suffix + ".killed")
                copy.unlink(missing_ok=True)
                if file.exists():
                    shutil.copyfile(file, copy)
        raise HostKilled

    def restore(self) -> None:
        """Put the ledger's files back as they were at the kill: the computer is running again."""
        if not self.dead or self._ledger is None:
            return
        self.dead = False
        # SQLite rebuilds -shm from the log; the one left by the unwinding process would contradict it.
        for suffix in (*_FILES, "-shm"):
            file, copy = _beside(self._ledger, suffix), _beside(self._ledger, suffix + ".killed")
            file.unlink(missing_ok=True)
            if copy.exists():
                copy.replace(file)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
