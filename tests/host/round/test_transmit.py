"""Only whole documents leave, as whole files, once; and nothing leads out of the outbox."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import count_effort
from tests.samples import COMPLETE, FINAL, PARTIAL, verified
from tests.tools.signed import signed
from tla_sim.host.ledger.desk_model import NewFile
from tla_sim.host.ledger.errors import LedgerFull, LedgerHeld
from tla_sim.host.ledger.files import put_file, put_lot
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.progress import Progress
from tla_sim.host.round.outbox import Outbox, OutboxConflict, OutboxUnusable, file_name
from tla_sim.host.round.transmit import Transmitted, transmit
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Fse, Role
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.protocol.documents.verification import VerifiedFse, verify_fse
from tla_sim.tools.cast.invoices import make_document, make_invoice
from tla_sim.tools.cast.people import NURSE

ANCHORS = TrustAnchors.shipped()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "out")


def keep(ledger: Ledger, number: int, roles: tuple[Role, ...]) -> Fse:
    """A truly signed FSE in the ledger."""
    fse = signed(make_invoice(number), roles)
    if roles == FINAL:
        partial = Fse(fse.kind, fse.mode, fse.invoice_bytes, fse.blocks[:2])
        ledger.record_pulled([verify_fse(Document.of(partial), ANCHORS)], "TLA00000001")
        ledger.record_final([verify_fse(Document.of(fse), ANCHORS)], "TLA00000001")
    else:
        ledger.record_pulled([verify_fse(Document.of(fse), ANCHORS)], "TLA00000001")
    return fse


def run(ledger: Ledger, outbox: Outbox) -> Transmitted:
    progress: list[Progress] = []
    result = transmit(ledger, outbox, ANCHORS, progress.append)
    assert [each.done for each in progress] == sorted(each.done for each in progress)
    assert {each.stage for each in progress} <= {"transmit"}
    return result


def files(outbox: Outbox) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in outbox.directory.iterdir()}


def test_complete_and_final_leave_and_the_rest_says_what_it_lacks(ledger: Ledger, outbox: Outbox) -> None:
    complete, final = keep(ledger, 1, COMPLETE), keep(ledger, 2, FINAL)
    keep(ledger, 3, PARTIAL)
    ledger.record_loaded([make_document(4)], "TLA00000001")
    ledger.record_prepared([make_document(5)])
    ledger.record_loaded([make_document(6)], "TLA00000001")
    ledger.record_cancelled([make_document(6).id], "TLA00000001")
    result = run(ledger, outbox)
    assert files(outbox) == {
        f"{NURSE}-000000001-fse.fse": complete.build(),
        f"{NURSE}-000000002-fse.fse": final.build(),
    }
    assert [(each.document.number, each.lacks) for each in result.withheld] == [
        ("000000003", (Role.TITULAIRE,)),
        ("000000004", (Role.VITALE, Role.TITULAIRE)),
        ("000000005", (Role.VITALE, Role.TITULAIRE)),
    ]
    assert result.withheld[0].cards == ("CPS of PIQURE2969 MAYA",)
    assert result.bytes_written == len(complete.build()) + len(final.build())


def test_what_leaves_is_verified_once_as_it_was_read(
    ledger: Ledger, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [keep(ledger, 1, COMPLETE), keep(ledger, 2, FINAL)]
    effort = count_effort(monkeypatch)
    assert len(run(ledger, outbox).sent) == 2
    assert list(effort.verified.values()) == [1] * 5
    assert [(effort.hashed[each.build()], effort.parsed[each.build()]) for each in left] == [(1, 1)] * 2


def test_an_fse_under_the_name_of_another_does_not_leave(
    ledger: Ledger, outbox: Outbox, tmp_path: Path
) -> None:
    """Somebody gave two lines of the file each other's bytes, digests and all: every signature holds."""
    keep(ledger, 1, COMPLETE)
    keep(ledger, 2, COMPLETE)
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        (one, two) = database.execute("SELECT document, pulled_digest, digest, content FROM fses").fetchall()
        change = "UPDATE fses SET pulled_digest = ?, digest = ?, content = ? WHERE document = ?"
        database.executemany(change, [(*one[1:], two[0]), (*two[1:], one[0])])
    result = run(ledger, outbox)
    assert [each.problem for each in result.withheld] == [
        f"The ledger holds something else as FSE {number} of {NURSE}" for number in ("000000001", "000000002")
    ]
    assert (result.sent, files(outbox)) == ((), {})


def test_a_second_run_writes_nothing(ledger: Ledger, outbox: Outbox) -> None:
    keep(ledger, 1, COMPLETE)
    run(ledger, outbox)
    times = [path.stat().st_mtime_ns for path in outbox.directory.iterdir()]
    result = run(ledger, outbox)
    assert (result.sent, result.withheld, result.bytes_written) == ((), (), 0)
    assert [path.stat().st_mtime_ns for path in outbox.directory.iterdir()] == times


def test_cut_before_the_ledger_knows_the_next_run_finishes_with_the_same_file(
    ledger: Ledger, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fse = keep(ledger, 1, COMPLETE)

    leaving = ledger.leaving

    @contextmanager
    def full(fses: Iterable[VerifiedFse]) -> Iterator[tuple[DocumentId, ...]]:
        with leaving(fses) as mine:
            yield mine
            raise LedgerFull(ledger.path)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "leaving", full)
        with pytest.raises(LedgerFull):
            run(ledger, outbox)
    assert ledger.state(DocumentId(NURSE, "000000001", DocumentKind.FSE)) is LedgerState.COMPLETE
    before = [(path, path.stat().st_ino) for path in outbox.directory.iterdir()]
    assert len(run(ledger, outbox).sent) == 1
    assert [(path, path.stat().st_ino) for path in outbox.directory.iterdir()] == before
    assert list(files(outbox).values()) == [fse.build()]


def test_what_another_program_sent_meanwhile_is_left_to_it(
    ledger: Ledger, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        keep(ledger, number, COMPLETE)
    leaving = ledger.leaving
    with Ledger.open(ledger.path) as other:

        def late(fses: Iterable[VerifiedFse]) -> AbstractContextManager[tuple[DocumentId, ...]]:
            assert len(transmit(other, tmp_path / "other", ANCHORS).sent) == 2
            return leaving(fses)

        monkeypatch.setattr(ledger, "leaving", late)
        result = run(ledger, outbox)
    assert (result.sent, result.bytes_written, files(outbox)) == ((), 0, {})
    assert len(ledger.events()) == 4
    assert len(list((tmp_path / "other").iterdir())) == 2


def test_another_program_waits_while_documents_leave(
    ledger: Ledger, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(ledger, 1, COMPLETE)
    put = outbox.put
    with Ledger.open(ledger.path, busy_seconds=0.05) as other:

        def meanwhile(document: DocumentId, content: bytes) -> Path:
            with pytest.raises(LedgerHeld):
                transmit(other, tmp_path / "other", ANCHORS)
            return put(document, content)

        monkeypatch.setattr(outbox, "put", meanwhile)
        assert len(run(ledger, outbox).sent) == 1
        assert transmit(other, tmp_path / "other", ANCHORS).sent == ()
    assert list((tmp_path / "other").iterdir()) == []


AT_ONCE = """
import sys
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.transmit import transmit
with Ledger.open(sys.argv[1], busy_seconds=60) as ledger:
    sys.stdin.readline()
    transmit(ledger, sys.argv[2])
"""


def test_two_programs_at_once_into_two_folders_send_each_document_once(
    ledger: Ledger, tmp_path: Path
) -> None:
    names = [f"{NURSE}-{number:09}-fse.fse" for number in range(1, 81)]
    for number in range(1, 81):
        keep(ledger, number, COMPLETE)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, ledger.path, str(tmp_path / folder)], stdin=subprocess.PIPE
        )
        for folder in ("one", "two")
    ]
    for each in running:
        each.communicate(b"\n", 60)
    assert [each.returncode for each in running] == [0, 0]
    found = [path.name for folder in ("one", "two") for path in (tmp_path / folder).iterdir()]
    assert sorted(found) == names
    assert {each.state for each in ledger.documents()} == {LedgerState.TRANSMITTED}


def test_what_is_in_a_lot_does_not_leave_in_a_file_of_its_own(ledger: Ledger) -> None:
    fse = verify_fse(Document(keep(ledger, 1, COMPLETE).build()), ANCHORS)
    with ledger.writing():
        new = NewFile("0" * 16, DocumentKind.FSE, "CPAM", 1, 1, b"x", 1, ledger.now())
        file = put_file(ledger, new)
        assert file is not None
        assert put_lot(ledger, file, NURSE, 1, {fse.id: fse.document.digest})
    with ledger.leaving([fse]) as mine:
        assert mine == ()
    assert ledger.state(fse.id) is LedgerState.COMPLETE


def test_a_signature_that_does_not_hold_keeps_its_document_back_and_no_other(
    ledger: Ledger, outbox: Outbox
) -> None:
    keep(ledger, 1, COMPLETE)
    false = Fse.parse(signed(make_invoice(2), COMPLETE).build()[:-1] + b"\x00")
    ledger.record_pulled([verified(false)], "TLA00000001")
    result = run(ledger, outbox)
    assert [each.document.number for each in result.sent] == ["000000001"]
    assert [each.document.number for each in result.withheld] == ["000000002"]
    assert "does not hold" in result.withheld[0].problem
    assert list(files(outbox)) == [f"{NURSE}-000000001-fse.fse"]
    assert ledger.state(DocumentId(NURSE, "000000002", DocumentKind.FSE)) is LedgerState.COMPLETE


def test_a_ledger_altered_from_outside_lets_nothing_out(
    ledger: Ledger, outbox: Outbox, tmp_path: Path
) -> None:
    keep(ledger, 1, COMPLETE)
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        database.execute("UPDATE fses SET content = zeroblob(100)")
    assert run(ledger, outbox).sent == ()
    assert files(outbox) == {}
    (damaged,) = ledger.damaged
    assert "fses.content is not what was written" in damaged.message


def test_more_documents_than_one_batch_all_leave(ledger: Ledger, outbox: Outbox) -> None:
    for number in range(1, 131):
        keep(ledger, number, COMPLETE)
    assert len(run(ledger, outbox).sent) == 130
    assert len(files(outbox)) == 130


class TestOutbox:
    def test_other_content_of_that_name_is_not_touched(self, outbox: Outbox) -> None:
        path = outbox.put(DocumentId(NURSE, "1", DocumentKind.FSE), b"mine")
        assert outbox.put(DocumentId(NURSE, "1", DocumentKind.FSE), b"mine") == path
        with pytest.raises(OutboxConflict):
            outbox.put(DocumentId(NURSE, "1", DocumentKind.FSE), b"other")
        assert path.read_bytes() == b"mine"

    def test_a_file_that_cannot_be_written_leaves_nothing_behind(
        self, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("tla_sim.host.whole_file.os.fsync", full)
        with pytest.raises(OutboxUnusable, match="No space left"):
            outbox.put(DocumentId(NURSE, "1", DocumentKind.FSE), b"x")
        assert files(outbox) == {}

    @pytest.mark.parametrize("name", ["a file", "a file/below"])
    def test_a_file_is_no_directory(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "a file").write_text("x")
        with pytest.raises(OutboxUnusable):
            Outbox(tmp_path / name)

    @given(st.text(), st.text(), st.sampled_from(DocumentKind))
    def test_no_name_leads_out(self, owner: str, number: str, kind: DocumentKind) -> None:
        try:
            name = file_name(DocumentId(owner, number, kind))
        except ValueError:
            return
        assert Path("/out", name).resolve().parent == Path("/out")

    @pytest.mark.parametrize("number", ["../../etc/passwd", "1/2", "", "1\x00", "1\n", "１"])
    def test_what_is_no_number_is_no_name(self, number: str) -> None:
        with pytest.raises(ValueError, match="no name"):
            file_name(DocumentId(NURSE, number, DocumentKind.FSE))
