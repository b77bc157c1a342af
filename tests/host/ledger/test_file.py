"""The ledger's file: made private, refused untouched when it is not ours, whole after any interruption."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.samples import make_fse, verified
from tla_sim.host.ledger.errors import (
    DocumentDamaged,
    LedgerDamaged,
    LedgerFull,
    LedgerHeld,
    LedgerTooNew,
    LedgerUnusable,
    LedgerUnwritable,
    NotALedger,
)
from tla_sim.host.ledger.file import SCHEMA_VERSION
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.tools.cast.invoices import make_document, make_invoice
from tla_sim.tools.cast.people import NURSE

FSES = [verified(make_fse(make_invoice(number), counter=10 * number)) for number in range(10)]
DOCUMENTS = [make_document(number) for number in range(10)]


def plain(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def whole(path: Path) -> int:
    """Check that a batch of ten is there whole or not at all; how many documents there are."""
    with Ledger.open(path) as ledger:
        ledger.check()
        lines = ledger.documents()
        assert len(lines) == len(ledger.events()) or {each.state for each in lines} == {LedgerState.PARTIAL}
        return len([each for each in lines if each.state is LedgerState.PARTIAL])


def test_a_new_ledger_and_what_lies_beside_it_are_private(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        ledger.record_prepared(DOCUMENTS)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.db"]


def test_what_was_recorded_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "mon cabinet.db"
    with Ledger.open(path) as ledger:
        digests = ledger.record_pulled(FSES, "R1")
    assert digests == tuple(digest(each.content) for each in FSES)
    with Ledger.open(str(path)) as ledger:
        assert [each.document.content for each in ledger.to_sign()] == [each.content for each in FSES]
        ledger.close()


def not_a_database(path: Path) -> None:
    path.write_bytes(b"Cher confrere, " * 400)


def another_database(path: Path) -> None:
    with plain(path) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")
    database.close()


def another_application(path: Path) -> None:
    with plain(path) as database:
        database.execute("PRAGMA application_id = 252006673")
    database.close()


def later_version(path: Path) -> None:
    Ledger.open(path).close()
    with plain(path) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()


def cut_short(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.record_pulled(FSES, "R1")
    os.truncate(path, 10_000)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (not_a_database, NotALedger, "not a ledger"),
        (another_database, NotALedger, "not a ledger"),
        (another_application, NotALedger, "not a ledger"),
        (later_version, LedgerTooNew, f"versions up to {SCHEMA_VERSION}"),
        (cut_short, LedgerDamaged, "malformed"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_untouched(
    tmp_path: Path, make: Callable[[Path], None], error: type[LedgerUnusable], says: str
) -> None:
    path = tmp_path / "ledger.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(error, match=says) as caught:
        Ledger.open(path)
    assert caught.value.action
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.db"]


def test_places_where_no_ledger_can_be_are_named(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent" / "ledger.db", Path("a\0b")):
        with pytest.raises(LedgerUnwritable, match="cannot be opened"):
            Ledger.open(place)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(NotALedger):
        Ledger.open(pipe)


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch()
    with Ledger.open(path) as ledger:
        assert ledger.record_prepared(DOCUMENTS) == 10


def test_bytes_altered_behind_our_back_are_noticed_when_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.record_pulled(FSES, "R1")
    raw = path.read_bytes()
    at = raw.index(FSES[4].content[-100:])
    path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    name = DocumentId(NURSE, FSES[4].invoice.number, DocumentKind.FSE)
    with Ledger.open(path) as ledger:
        assert ledger.fse(DocumentId(NURSE, FSES[5].invoice.number, DocumentKind.FSE)) == FSES[5].content
        others = [each.content for each in FSES if each is not FSES[4]]
        assert [each.document.content for each in ledger.to_sign()] == others
        assert "FSE 000000004 of" in ledger.damaged[0].message
        with pytest.raises(DocumentDamaged, match="FSE 000000004"):
            ledger.fse(name)
        with pytest.raises(LedgerDamaged, match="FSE 000000004"):
            ledger.check()


def test_a_full_disk_leaves_the_batch_out_and_the_rest_in(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"

    def almost_full(where: Path, busy_seconds: float) -> sqlite3.Connection:
        database = sqlite3.connect(where, timeout=busy_seconds, isolation_level=None)
        database.execute("PRAGMA max_page_count = 32")
        return database

    with Ledger.open(path, open_database=almost_full) as ledger:
        ledger.record_pulled(FSES[:2], "R1")
        with pytest.raises(LedgerFull, match="disk is full") as caught:
            ledger.record_pulled(FSES[2:], "R1")
        assert "Free some space" in caught.value.action
        assert [each.document.content for each in ledger.to_sign()] == [each.content for each in FSES[:2]]
        ledger.record_pulled(FSES[2:3], "R1")
        ledger.check()
    with Ledger.open(path) as ledger:
        ledger.record_pulled(FSES, "R1")
        assert len(ledger.to_sign()) == 10


class Interrupted(sqlite3.Connection):
    """Ctrl-C before or after the n-th statement from `arm` on."""

    left = -1
    after = False

    def arm(self, left: int, after: bool) -> None:
        self.left, self.after = left, after

    def _run(self, statement: Callable[..., sqlite3.Cursor], *given: Any) -> sqlite3.Cursor:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise KeyboardInterrupt
        done = statement(*given)
        if self.left == 0:
            raise KeyboardInterrupt
        return done

    def execute(self, *given: Any) -> sqlite3.Cursor:
        return self._run(super().execute, *given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        return self._run(super().executemany, *given)


@pytest.mark.parametrize("after", [False, True])
def test_an_interrupt_at_any_statement_leaves_a_batch_whole_or_out(tmp_path: Path, after: bool) -> None:
    path = tmp_path / "ledger.db"
    database = sqlite3.connect(path, timeout=5, isolation_level=None, factory=Interrupted)
    with Ledger.open(path, open_database=lambda *_: database) as ledger:
        ledger.record_loaded(DOCUMENTS, "R1")
        for statement in range(1, 100):
            database.arm(statement, after)
            try:
                ledger.record_pulled(FSES, "R1")
                break
            except KeyboardInterrupt:
                database.arm(-1, False)
                assert whole(path) in (0, 10)
        assert statement > 14
        database.arm(-1, False)
        ledger.record_pulled(FSES, "R1")
        assert whole(path) == 10


KILLED = """
import os, signal, sys
from pathlib import Path
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.file import connect
from tests.host.ledger.test_file import FSES

def dying(path, busy_seconds):
    database = connect(path, busy_seconds)
    seen = 0
    def trace(statement):
        nonlocal seen
        if sys.argv[2] in statement:
            seen += 1
            if seen == int(sys.argv[3]):
                os.kill(os.getpid(), signal.SIGKILL)
    database.set_trace_callback(trace)
    return database

Ledger.open(Path(sys.argv[1]), open_database=dying).record_pulled(FSES, "R1")
"""


@pytest.mark.parametrize(
    ("statement", "nth"), [("CREATE TABLE events", 1), ("INSERT INTO main.fses", 5), ("COMMIT", 2)]
)
def test_a_program_killed_mid_batch_leaves_nothing_half_written(
    tmp_path: Path, statement: str, nth: int
) -> None:
    path = tmp_path / "ledger.db"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), statement, str(nth)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert whole(path) == 0
    with Ledger.open(path) as ledger:
        ledger.record_pulled(FSES, "R1")
        assert len(ledger.to_sign()) == 10


def test_a_second_program_waits_and_is_told_when_it_waited_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as first, Ledger.open(path, busy_seconds=0.05) as second:
        first.record_prepared(DOCUMENTS[:1])
        with plain(path) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerHeld, match="in use by another program"):
                second.record_prepared(DOCUMENTS[1:2])
            assert len(second.documents()) == 1, "reading goes on"
            holder.execute("ROLLBACK")
        holder.close()
        second.record_prepared(DOCUMENTS[1:2])
        assert len(first.documents()) == 2


def test_two_programs_keep_to_one_set_of_rules(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as first, Ledger.open(path) as second:
        first.record_pulled([FSES[0]], "R1")
        other = verified(make_fse(make_invoice(0), counter=50))
        with pytest.raises(Exception, match="held already"):
            second.record_pulled([other], "R2")


BOTH = """
import sys
from pathlib import Path
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.tools.cast.invoices import make_document
with Ledger.open(Path(sys.argv[1]), busy_seconds=30) as ledger:
    for number in range(int(sys.argv[2]), 60, 2):
        ledger.record_prepared([make_document(number)])
"""


def test_two_programs_beginning_one_ledger_at_once_both_get_their_work_in(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    running = [
        subprocess.Popen([sys.executable, "-c", BOTH, str(path), str(which)], cwd=Path(__file__).parents[3])
        for which in (0, 1)
    ]
    assert [each.wait(60) for each in running] == [0, 0]
    with Ledger.open(path) as ledger:
        ledger.check()
        assert len(ledger.documents()) == 60


class Overtaken(sqlite3.Connection):
    """A connection in the middle of whose first look another program begins the ledger, if it can."""

    path: Path | None = None

    def execute(self, sql: str, /, *parameters: Any) -> sqlite3.Cursor:
        """Carry out a statement."""
        path = Overtaken.path
        if path is not None and "sqlite_schema" in sql:
            Overtaken.path = None
            with contextlib.suppress(LedgerHeld):
                Ledger.open(path, busy_seconds=0).close()
        return super().execute(sql, *parameters)


def test_a_ledger_that_another_program_begins_meanwhile_is_no_foreign_file(tmp_path: Path) -> None:
    def overtaken(where: Path, busy_seconds: float) -> sqlite3.Connection:
        Overtaken.path = where
        return sqlite3.connect(where, timeout=busy_seconds, isolation_level=None, factory=Overtaken)

    with Ledger.open(tmp_path / "ledger.db", open_database=overtaken) as ledger:
        ledger.check()
    assert Overtaken.path is None


def test_a_folder_without_shared_memory_still_has_durable_batches(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"

    def no_shared_memory(where: Path, busy_seconds: float) -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{where}?vfs=unix-dotfile", uri=True, timeout=busy_seconds, isolation_level=None
        )

    with Ledger.open(path, open_database=no_shared_memory) as ledger:
        assert ledger.database.rows("PRAGMA journal_mode") == [("delete",)]
        assert ledger.database.rows("PRAGMA synchronous") == [(3,)]
        ledger.record_pulled(FSES, "R1")
        assert len(ledger.to_sign()) == 10
    with Ledger.open(path) as ledger:
        assert ledger.database.rows("PRAGMA synchronous") == [(2,)]


def test_two_open_ledgers_of_a_program_lose_nothing_to_another_that_comes_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as kept:
        kept.record_prepared(DOCUMENTS[:1])
        Ledger.open(path).close()
        assert _seen_by_another_program(path) == 1
        kept.record_prepared(DOCUMENTS)
        assert _seen_by_another_program(path) == len(DOCUMENTS)
        with plain(path) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()


def _seen_by_another_program(path: Path) -> int:
    program = (
        "import sys, tla_sim\nwith tla_sim.Ledger.open(sys.argv[1]) as ledger: print(len(ledger.documents()))"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    return int(done.stdout)
