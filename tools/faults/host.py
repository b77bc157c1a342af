"""Faults of the host: killed at a write of its ledger, its disk full.

A kill is a copy of the ledger's files at that moment: what is done to them afterwards, while the exception
unwinds, is what a killed process would not have done, and `restore` takes it back.
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
    """The host's program was killed here."""


class HostFaults:
    """Opens ledgers whose writes are counted, and struck by the host faults of a plan.

    `on_commit` is called whenever a transaction is on the disk.
    """

    def __init__(self, strikes: Strikes) -> None:
        self.strikes = strikes
        self.dead = False
        self.on_commit: Callable[[], None] = lambda: None
        self._ledger: Path | None = None

    def open_database(self, path: Path, busy_seconds: float) -> sqlite3.Connection:
        """For `Ledger.open(open_database=…)`."""
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
        """A statement is about to be executed; whether the host is killed after it."""
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
        """A statement was executed."""
        if sql == "COMMIT" and not self.dead:
            self.on_commit()
        if kill:
            self.kill()

    def kill(self) -> None:
        """Keep the ledger as it is on the disk, and raise HostKilled."""
        self.dead = True
        if self._ledger is not None:
            for suffix in _FILES:
                file, copy = _beside(self._ledger, suffix), _beside(self._ledger, suffix + ".killed")
                copy.unlink(missing_ok=True)
                if file.exists():
                    shutil.copyfile(file, copy)
        raise HostKilled

    def restore(self) -> None:
        """The computer is there again: the ledger's files are as they were at the kill."""
        if not self.dead or self._ledger is None:
            return
        self.dead = False
        for suffix in (*_FILES, "-shm"):
            file, copy = _beside(self._ledger, suffix), _beside(self._ledger, suffix + ".killed")
            file.unlink(missing_ok=True)
            if copy.exists():
                copy.replace(file)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
