"""A ledger file of each former schema version is opened, keeps its data, and is what a new one is.

The `schema-N.sql` beside are as those versions wrote them, and stay so; a new version adds one of the last.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.host.ledger.test_file import Interrupted
from tla_sim.host.ledger.desk_model import FileState, Mark, Piece, PieceRole, Rights, SignatureSetting
from tla_sim.host.ledger.file import SCHEMA_VERSION
from tla_sim.host.ledger.files import accepted_in, documents_in, file_lines, last_lot, rejected_kinds
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.ledger.marks import marks, rectifications
from tla_sim.host.ledger.pieces import pieces_of, put_left_out, put_piece, signature_setting
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.tools.cast.invoices import make_document, make_invoice
from tla_sim.tools.cast.people import NURSE

HERE = Path(__file__).parent
VERSIONS = range(1, SCHEMA_VERSION)
IDS = [DocumentId(NURSE, f"00000000{number}", DocumentKind.FSE) for number in (1, 2, 3)]
SCAN = bytes(31) + b"\1"


def former(directory: Path, version: int) -> Path:
    """A file as this version of the schema had it."""
    path = directory / f"of-version-{version}.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((HERE / f"schema-{version}.sql").read_text("utf-8"))
        assert database.execute("PRAGMA user_version").fetchone() == (version,)
    return path


def schema(path: Path) -> list[tuple[str, str]]:
    """Every table and index of a file, by name, without the blanks of its text."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        return [(name, " ".join(sql.split())) for name, sql in rows]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_documents_of_a_former_version_are_all_there(tmp_path: Path, version: int) -> None:
    left = LedgerState.COMPLETE if version == 1 else LedgerState.TRANSMITTED
    path = former(tmp_path, version)
    for _ in ("brought up to date", "opened again"):
        with Ledger.open(path) as ledger:
            ledger.check()
            assert ledger.damaged == ()
            states = {each.id: each.state for each in ledger.documents()}
            assert states == dict(zip(IDS, (left, LedgerState.LOADED, LedgerState.PREPARED), strict=True))
            assert [PreparedInvoice.parse(ledger.invoice(each)).number for each in IDS] == [
                each.number for each in IDS
            ]
            assert ledger.fse(IDS[0])
            steps = [each.state for each in ledger.events(IDS[0])]
            assert steps[:2] == [LedgerState.LOADED, LedgerState.COMPLETE]
            assert steps[-1] is left
            assert {each.at for each in ledger.events()} == {"2019-03-05T12:00:00+00:00"}


@pytest.mark.parametrize("version", VERSIONS)
def test_work_goes_on_in_a_file_of_a_former_version(tmp_path: Path, version: int) -> None:
    with Ledger.open(former(tmp_path, version)) as ledger:
        assert ledger.record_prepared([make_document(4)]) == 1
        ledger.check_number(make_invoice(2))
        assert ledger.record_loaded([make_document(2)], "TLA00000001") == 0
        with ledger.writing():
            put_piece(ledger, SCAN, "ordonnance.pdf", 2, 4_096)
            put_piece(ledger, bytes(32), "ordonnance.pdf", 3, 5_000)
            put_left_out(ledger, SCAN, bytes(32), (2,))
        ledger.check()


def test_what_the_desk_had_in_version_2_is_all_there(tmp_path: Path) -> None:
    with Ledger.open(former(tmp_path, 2)) as ledger:
        third = (NURSE, IDS[2].number)
        assert marks(ledger) == {third: Mark(True, Rights.ADR, False, True)}
        assert rectifications(ledger) == {third: (IDS[0].number, date(2019, 3, 5))}
        assert pieces_of(ledger, *third) == (Piece(SCAN, "ordonnance.pdf", 2, 4_096, PieceRole.PRESCRIPTION),)
        assert signature_setting(ledger, NURSE) == SignatureSetting(bytes(31) + b"\2", True)
        (file,) = file_lines(ledger, states=FileState)
        assert (file.identity, file.state, file.lots, file.rejected) == (
            "0123456789abcdef",
            FileState.ACKNOWLEDGED,
            1,
            1,
        )
        assert documents_in(ledger, file.identity) == [IDS[0]]
        assert accepted_in(ledger, file.identity) == {IDS[0]: False}
        assert last_lot(ledger, NURSE) == 7
        assert rejected_kinds(ledger, NURSE, IDS[0].number) == (DocumentKind.FSE,)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_brought_up_to_date_is_what_a_new_one_is(tmp_path: Path, version: int) -> None:
    path = former(tmp_path, version)
    Ledger.open(path).close()
    Ledger.open(tmp_path / "new.db").close()
    assert schema(path) == schema(tmp_path / "new.db")
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cut_leaves_the_former_version_whole(tmp_path: Path, version: int) -> None:
    path = former(tmp_path, version)
    before = schema(path)
    for statement in range(1, 100):
        copy = tmp_path / f"cut-{statement}.db"
        shutil.copyfile(path, copy)
        cut = sqlite3.connect(copy, isolation_level=None, factory=Interrupted)
        cut.arm(statement, True)
        try:
            Ledger.open(copy, open_database=lambda *_, cut=cut: cut).close()
            break
        except KeyboardInterrupt:
            cut.close()
        assert schema(copy) in (before, schema_of_new(tmp_path))
        with Ledger.open(copy) as ledger:
            ledger.check()
            assert len(ledger.documents()) == 3
    assert statement > 10


def schema_of_new(directory: Path) -> list[tuple[str, str]]:
    path = directory / "new.db"
    Ledger.open(path).close()
    return schema(path)
