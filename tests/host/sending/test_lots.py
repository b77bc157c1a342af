"""Lots and files: who signs them, what goes in, what does not, and that a second program can read them."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk_kit import ANCHORS, Desk, invoice, open_desk, with_dre
from tests.effort import count_effort
from tests.scans import image_bytes, page
from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.lists import DeskList, desk_lines
from tla_sim.host.desk.pieces import Travel, attach, send_sheet_on_paper
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.conditions import Sort
from tla_sim.host.ledger.desk_model import FileState, PieceRole
from tla_sim.host.ledger.files import file_lines
from tla_sim.host.ledger.ledger import DocumentFilter, LedgerState
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.round.pull import pull
from tla_sim.host.round.push import push_owner
from tla_sim.host.round.sign import sign
from tla_sim.host.round.transmit import Transmitted, transmit
from tla_sim.host.sending import lots
from tla_sim.host.sending.errors import FileRefused, NotSignedYet
from tla_sim.host.sending.lot_file import build_file, read_file, verify_file
from tla_sim.host.sending.lots import make_lots
from tla_sim.host.sending.send import file_content, send_to_folder
from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.verification import SignatureInvalid
from tla_sim.protocol.errors import StatusError, TlaError
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import MAYA, NURSE, PAUL, SECRETARY

A, B, C = "190305001", "190305002", "190305003"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


def numbers(desk: Desk, chosen: DeskList) -> list[str]:
    return [each.number for each in desk_lines(desk.ledger, chosen)]


def test_documents_move_from_list_to_list(desk: Desk) -> None:
    desk.ledger.record_prepared(documents_of(invoice(A)))
    assert (numbers(desk, DeskList.FSE_TO_SECURE), numbers(desk, DeskList.FSE_TO_SEND)) == ([A], [])
    desk.secured(A)
    assert (numbers(desk, DeskList.FSE_TO_SECURE), numbers(desk, DeskList.FSE_TO_SEND)) == ([], [A])
    (made,) = desk.files().files
    assert numbers(desk, DeskList.FSE_TO_SEND) == []
    assert [(each.identity, each.total) for each in file_lines(desk.ledger)] == [(made.identity, 15_620)]


def test_what_goes_into_a_lot_is_verified_once_as_it_was_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.secured(A)
    desk.degraded(B)
    contents = [each.document.content for each in desk.ledger.transmissible()]
    effort = count_effort(monkeypatch)
    made = desk.files().files
    assert sum(each.documents for each in made) == 2
    assert [(effort.hashed[each], effort.parsed[each]) for each in contents] == [(1, 1)] * 2
    signatures = [block.signature for each in contents for block in Fse.parse(each).blocks]
    assert [effort.verified[each] for each in signatures] == [1] * 3


def test_an_fse_that_changes_while_its_lot_is_made_is_in_no_lot(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lot was signed over another FSE than the one now on disk."""
    desk.secured(A)

    def swapped(*args: Any) -> Any:
        with sqlite3.connect(desk.ledger.path) as database:
            database.execute("UPDATE fses SET digest = zeroblob(32)")
        return build_file(*args)

    monkeypatch.setattr(lots, "build_file", swapped)
    with pytest.raises(DeskRefused):
        desk.files()
    assert file_lines(desk.ledger) == []


def test_secured_degraded_and_dre_go_into_lots_of_their_own_and_files_of_their_recipients(desk: Desk) -> None:
    desk.sign_digitally()
    desk.secured(A, dre=True)
    desk.degraded(B)
    desk.degraded(C, on_paper=True)
    scan = desk.directory / "ordonnance.jpg"
    scan.write_bytes(image_bytes(page()))
    attach(desk.ledger, scan, [A, B], PieceRole.PRESCRIPTION)
    made = {each.recipient: each for each in desk.files().files}
    assert {name: (each.kind, each.lots, each.documents, each.total) for name, each in made.items()} == {
        "CPAM - DEMONSTRATION": (DocumentKind.FSE, 2, 3, 46_860),
        "MUTUELLE - DEMONSTRATION": (DocumentKind.DRE, 1, 1, 6_248),
    }
    file = read_file(file_content(desk.ledger, made["CPAM - DEMONSTRATION"].identity))
    verified = verify_file(file, ANCHORS)
    assert [(each.lot.mode, each.signer.name, len(each.documents)) for each in verified] == [
        (SecurityMode.SECURED, "PIQURE2969 MAYA", 1),
        (SecurityMode.DEGRADED, "PIQURE2969 MAYA", 2),
    ]
    pieces = [(each.number, each.role) for lot in file.lots for each in lot.lot.pieces]
    assert pieces == [(A, 1), (B, 1), (B, 2)]
    assert len(file.pieces) == 2, "the prescription of both stands once"
    assert all(content.startswith(b"%PDF-") for content in file.pieces.values())


def test_the_marks_of_the_list_are_those_of_the_columns(desk: Desk) -> None:
    desk.secured(A)
    desk.degraded(B)
    marks = {
        each.number: (each.prescription, each.sheet) for each in desk_lines(desk.ledger, DeskList.FSE_TO_SEND)
    }
    assert marks == {A: (Travel.PAPER, Travel.NOT_NEEDED), B: (Travel.PAPER, Travel.PAPER)}
    desk.sign_digitally()
    assert {each.number: each.sheet for each in desk_lines(desk.ledger, DeskList.FSE_TO_SEND)} == {
        A: Travel.NOT_NEEDED,
        B: Travel.DIGITAL,
    }


def test_a_scanned_sheet_is_no_paper_and_nothing_changes_once_it_is_in_a_lot(desk: Desk) -> None:
    desk.degraded(A, on_paper=True)
    assert [each.sheet for each in desk_lines(desk.ledger, DeskList.FSE_TO_SEND)] == [Travel.PAPER]
    path = desk.directory / "sheet.jpg"
    path.write_bytes(image_bytes(page()))
    attach(desk.ledger, path, [A], PieceRole.CARE_SHEET)
    assert [each.sheet for each in desk_lines(desk.ledger, DeskList.FSE_TO_SEND)] == [Travel.DIGITAL]
    with pytest.raises(DeskRefused, match=r"travels as sheet\.jpg"):
        send_sheet_on_paper(desk.ledger, A, True)
    desk.degraded(B)
    send_sheet_on_paper(desk.ledger, B, True)
    desk.files()
    with pytest.raises(DeskRefused, match="in a lot already"):
        send_sheet_on_paper(desk.ledger, B, False)


def test_lists_filter_and_sort(desk: Desk) -> None:
    for number in (B, A):
        desk.degraded(number)
    assert numbers(desk, DeskList.FSE_TO_SEND) == [A, B]
    for wanted, expected in (
        (DocumentFilter(patient="mart"), [A, B]),
        (DocumentFilter(patient="dupont"), []),
        (DocumentFilter(owner="1"), []),
        (DocumentFilter(owner_name="maya"), [A, B]),
        (DocumentFilter(owner_name="toubib"), []),
        (DocumentFilter(recipient="cpam"), [A, B]),
    ):
        found = desk_lines(desk.ledger, DeskList.FSE_TO_SEND, wanted, Sort.NUMBER)
        assert [each.number for each in found] == expected


def test_what_lacks_a_signature_is_refused_with_the_card_that_lacks(desk: Desk) -> None:
    desk.insert(SECRETARY, cpe=True)
    desk.secured(A)
    desk.insert(MAYA)
    with pytest.raises(NotSignedYet, match="lacks the signature of the CPS of PIQURE2969 MAYA") as refused:
        desk.files([A])
    assert refused.value.cards == ("CPS of PIQURE2969 MAYA",)
    assert refused.value.action == "Insert it, then give the final signature"
    made = desk.files()
    assert made.files == ()
    assert [(line.number, card) for line, card in made.partial] == [(A, "CPS of PIQURE2969 MAYA")]
    desk.ledger.record_prepared(documents_of(invoice(B)))
    with pytest.raises(NotSignedYet, match="the Vitale of MARTIN PAUL and the CPS of PIQURE2969 MAYA"):
        desk.files([B])


def test_only_the_owners_card_that_may_sign_lots_makes_them(desk: Desk) -> None:
    desk.secured(A)
    desk.insert(PAUL)
    assert desk.files().elsewhere == ("PIQURE2969 MAYA",)
    with pytest.raises(DeskRefused, match="belongs to PIQURE2969 MAYA, not to TOUBIB PAUL"):
        desk.files([A])
    desk.insert(SECRETARY, cpe=True)
    with pytest.raises(DeskRefused, match="not entitled"):
        desk.files()
    desk.insert(MAYA, may_sign=False)
    with pytest.raises(DeskRefused, match="not entitled"):
        desk.files()
    assert file_lines(desk.ledger) == []


def test_a_document_goes_into_one_lot_only(desk: Desk) -> None:
    desk.secured(A)
    assert len(desk.files().files) == 1
    assert desk.files().files == ()
    with pytest.raises(DeskRefused, match="in a lot already"):
        desk.files([A])
    done = transmit(desk.ledger, desk.directory / "out", ANCHORS)
    assert isinstance(done, Transmitted)
    assert done.sent == ()
    scan = desk.directory / "late.jpg"
    scan.write_bytes(image_bytes(page()))
    with pytest.raises(DeskRefused, match="in a lot already"):
        attach(desk.ledger, scan, [A], PieceRole.PRESCRIPTION)


def test_an_invoices_fse_and_dre_have_a_life_each_from_the_visit_to_the_file(desk: Desk) -> None:
    documents = documents_of(with_dre(invoice(A)))
    push_owner(desk.client, desk.ledger, NURSE, documents)
    desk.bench.unplug()
    desk.bench.insert_ps(PAUL)
    desk.bench.insert_vitale()
    desk.bench.press("VAL")
    desk.bench.type_code()
    assert "1 FACTURE SIGNEE" in desk.bench.text
    desk.client = desk.bench.client()
    desk.insert(PAUL)
    pull(desk.client, desk.ledger, ANCHORS)
    assert (numbers(desk, DeskList.FSE_TO_SECURE), numbers(desk, DeskList.DRE_TO_SECURE)) == ([A], [A])
    desk.insert(MAYA)
    sign(desk.client, desk.ledger, ANCHORS, desk.card)
    assert {(each.kind, each.state) for each in desk.ledger.documents()} == {
        (kind, LedgerState.FINAL) for kind in DocumentKind
    }
    made = {each.kind: each for each in desk.files().files}
    assert {kind: (each.recipient, each.total) for kind, each in made.items()} == {
        DocumentKind.FSE: ("CPAM - DEMONSTRATION", 15_620),
        DocumentKind.DRE: ("MUTUELLE - DEMONSTRATION", 6_248),
    }
    send_to_folder(desk.ledger, made[DocumentKind.DRE].identity, Outbox(desk.directory / "out"))
    assert {each.kind: each.state for each in desk.ledger.documents()} == {
        DocumentKind.FSE: LedgerState.FINAL,
        DocumentKind.DRE: LedgerState.TRANSMITTED,
    }


def test_documents_alone_go_into_lots(desk: Desk) -> None:
    desk.secured(A, dre=True)
    desk.secured(B)
    dre = DocumentId(NURSE, A, DocumentKind.DRE)
    made = make_lots(desk.client, desk.ledger, ANCHORS, desk.card, documents=[dre])
    assert [(each.kind, each.documents) for each in made.files] == [(DocumentKind.DRE, 1)]
    assert [each.line.id for each in desk.ledger.transmissible()] == [
        DocumentId(NURSE, A, DocumentKind.FSE),
        DocumentId(NURSE, B, DocumentKind.FSE),
    ]
    for document, words in (
        (dre, "in a lot already"),
        (DocumentId(NURSE, C, DocumentKind.FSE), "not in the ledger"),
    ):
        with pytest.raises(TlaError, match=words):
            make_lots(desk.client, desk.ledger, ANCHORS, desk.card, documents=[document])
    desk.insert(PAUL)
    with pytest.raises(DeskRefused, match="belongs to PIQURE2969 MAYA, not to TOUBIB PAUL"):
        make_lots(
            desk.client,
            desk.ledger,
            ANCHORS,
            desk.card,
            documents=[DocumentId(NURSE, B, DocumentKind.FSE)],
        )


def test_a_document_asked_for_that_does_not_verify_stops_the_lots(desk: Desk) -> None:
    desk.secured(A)
    desk.secured(B)
    named = [DocumentId(NURSE, each, DocumentKind.FSE) for each in (A, B)]
    with pytest.raises(SignatureInvalid):
        make_lots(
            desk.client,
            desk.ledger,
            TrustAnchors.shipped([CardKind.REAL]),
            desk.card,
            documents=named,
        )
    assert file_lines(desk.ledger) == []
    assert desk.client.diagnostics().signature_counter == 4


def test_a_file_is_full_at_the_size_asked_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots, "MAX_LOT_DOCUMENTS", 1)
    desk.secured(A)
    desk.secured(B)
    made = make_lots(desk.client, desk.ledger, ANCHORS, desk.card, file_bytes=1)
    assert [each.lots for each in made.files] == [1, 1]


def test_lot_numbers_go_on_from_the_last(desk: Desk) -> None:
    found = []
    for number in (A, B):
        desk.degraded(number)
        (made,) = desk.files().files
        found += [each.lot.header.number for each in read_file(file_content(desk.ledger, made.identity)).lots]
    assert found == [1, 2]


def test_a_card_that_goes_away_leaves_nothing_half_done(desk: Desk) -> None:
    desk.secured(A)
    desk.bench.reader.remove(Slot.PS)
    with pytest.raises(StatusError):
        desk.files()
    assert file_lines(desk.ledger) == []
    assert numbers(desk, DeskList.FSE_TO_SEND) == [A]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    for desk in open_desk(tmp_path_factory.mktemp("desk")):
        desk.sign_digitally()
        desk.secured(A)
        desk.degraded(B)
        (made,) = desk.files().files
        return file_content(desk.ledger, made.identity)
    raise AssertionError


def rewritten(content: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def without(content: bytes, name: str) -> bytes:
    return rewritten(content, lambda parts: parts.pop(name))


@pytest.mark.parametrize(
    "name", ["../evil.fse", "/etc/passwd", "lots/001/../../evil", "pieces/" + "0" * 64 + ".pdf", "a\\..\\b"]
)
def test_parts_that_do_not_belong_are_refused_whatever_their_names(content: bytes, name: str) -> None:
    with pytest.raises(FileRefused, match="does not belong in it"):
        read_file(rewritten(content, lambda parts: parts.update({name: b"evil"})))


def test_a_file_without_one_of_its_parts_is_refused(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    assert len(names) > 8
    for name in names:
        with pytest.raises(FileRefused):
            read_file(without(content, name))


def test_a_bomb_is_not_inflated() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("file.json", bytes(200 * 1024 * 1024))
    with pytest.raises(FileRefused, match="larger than"):
        read_file(out.getvalue())


@settings(max_examples=60)
@given(st.data())
def test_a_file_of_which_a_byte_was_altered_is_refused_or_says_the_same(
    content: bytes, data: st.DataObject
) -> None:
    raw = bytearray(content)
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    try:
        file = read_file(bytes(raw))
    except FileRefused:
        return
    assert file == read_file(content)


@settings(max_examples=60)
@given(st.data())
def test_a_part_altered_under_a_right_checksum_is_refused(content: bytes, data: st.DataObject) -> None:
    """But for what file.json says twice: the headers are what counts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = data.draw(st.sampled_from([each for each in archive.namelist() if each != "file.json"]))
        part = bytearray(archive.read(name))
    part[data.draw(st.integers(0, len(part) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(FileRefused):
        verify_file(read_file(rewritten(content, lambda parts: parts.update({name: bytes(part)}))), ANCHORS)


def test_a_file_rewritten_by_another_program_says_the_same(content: bytes) -> None:
    again = rewritten(content, dict.copy)
    assert again != content
    assert read_file(again) == read_file(content)
    assert len(verify_file(read_file(again), ANCHORS)) == 2


def test_a_second_program_reads_it_as_the_page_says(content: bytes, tmp_path: Path) -> None:
    reference = Path(__file__).parents[3] / "docs" / "reference" / "lot-file.md"
    program = reference.read_text("utf-8").split("```python\n")[1].split("```")[0]
    (tmp_path / "read.py").write_text(program)
    (tmp_path / "file.zip").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-I", "read.py", "file.zip"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    lots = json.loads(done.stdout)
    assert [(each["kind"], each["mode"], each["total"], each["invoices"]) for each in lots] == [
        ("FSE", "SECURED", "156,20", [A]),
        ("FSE", "DEGRADED", "156,20", [B]),
    ]
    assert lots[0]["owner"] == NURSE


def test_states_of_a_file_are_told(desk: Desk) -> None:
    desk.secured(A)
    desk.files()
    (line,) = file_lines(desk.ledger)
    assert (line.state, line.lots, line.documents, line.total) == (FileState.TO_SEND, 1, 1, 15_620)


@pytest.mark.parametrize("first", ["the same file", "a lot of the same number"])
def test_of_two_programs_that_make_lots_at_once_one_is_told_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    desk.degraded(A, on_paper=True)
    build = build_file

    def built(*arguments: Any) -> tuple[str, bytes]:
        identity, content = build(*arguments)
        with sqlite3.connect(desk.ledger.path) as other:
            name = identity if first == "the same file" else "0" * 16
            row = (name, 1, 1, "CPAM", 0, 0, bytes(32), 1, "2019-03-05T12:00:00", "")
            file = other.execute(f"INSERT INTO files VALUES (NULL{', ?' * len(row)})", row).lastrowid
            other.execute("INSERT INTO lots VALUES (NULL, ?, ?, 1)", (file, NURSE))
        return identity, content

    with monkeypatch.context() as patch:
        patch.setattr(lots, "build_file", built)
        with pytest.raises(DeskRefused, match="Another program"):
            desk.files()
    assert [each.documents for each in desk.files().files] == [1]
