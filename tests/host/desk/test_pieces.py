"""Attaching once, keeping once, the signature of a PS, the two marks, and the care sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from tests.scans import image_bytes, page, signature_png
from tla_sim.host.desk.care_sheet import care_sheet
from tla_sim.host.desk.errors import BadSignatureImage, DeskRefused, PieceRefused, UnknownInvoice
from tla_sim.host.desk.piece_store import PieceLost, PieceStore
from tla_sim.host.desk.pieces import Travel, attach, attach_scan, detach, prescription_mark, sheet_mark
from tla_sim.host.desk.signature_image import (
    MAX_BYTES,
    register_scan,
    register_signature,
    signature_of,
    switch,
)
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import PieceRole
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.pieces import piece_name, pieces_of
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.groups.invoice import Act, Patient, Totals
from tla_sim.tools.cast.invoices import make_act, make_invoice
from tla_sim.tools.cast.people import NURSE

NUMBERS = ("190305001", "190305002")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        opened.record_prepared([each for number in NUMBERS for each in documents_of(make_invoice(number))])
        yield opened


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "ordonnance.jpg"
    path.write_bytes(image_bytes(page()))
    return path


def kept(ledger: Ledger) -> list[str]:
    directory = PieceStore(ledger).directory
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def test_a_scan_for_two_invoices_is_kept_once_and_listed_with_both(ledger: Ledger, scan: Path) -> None:
    piece, new = attach(ledger, scan, NUMBERS, PieceRole.PRESCRIPTION)
    assert new == NUMBERS
    assert attach(ledger, scan, NUMBERS, PieceRole.PRESCRIPTION) == (piece, ())
    assert kept(ledger) == [piece.digest.hex()]
    for number in NUMBERS:
        assert pieces_of(ledger, NURSE, number) == (piece,)
    assert PieceStore(ledger).get(piece.digest).startswith(b"%PDF-")
    assert detach(ledger, NUMBERS[0], piece.digest.hex()[:8]) == piece
    assert pieces_of(ledger, NURSE, NUMBERS[0]) == ()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\r\x00\u202egpj.jpg", "abgpj.jpg"),
        ("x" * 10_000 + ".jpg", "x" * 120),
        ("\ud800", "document"),
        ("", "document"),
    ],
)
def test_the_name_of_a_scan_is_only_shown(ledger: Ledger, name: str, shown: str) -> None:
    scan = image_bytes(page())
    piece, new = attach_scan(ledger, scan, name, [(NURSE, NUMBERS[0])], PieceRole.PRESCRIPTION)
    assert (piece.name, new) == (shown, ((NURSE, NUMBERS[0]),))
    assert piece_name(ledger, piece.digest) == shown
    assert kept(ledger) == [piece.digest.hex()]
    with pytest.raises(BadSignatureImage) as refused:
        register_scan(ledger, NURSE, b"neither", name)
    assert refused.value.message == f"{shown} is neither JPEG nor PNG"
    with pytest.raises(BadSignatureImage, match="larger than 5 MiB"):
        register_scan(ledger, NURSE, bytes(MAX_BYTES + 1), name)


def test_only_documents_are_pieces(ledger: Ledger) -> None:
    register_scan(ledger, NURSE, signature_png(), "signature.png")
    (signature,) = kept(ledger)
    assert piece_name(ledger, bytes.fromhex(signature)) is None
    assert signature_of(ledger, NURSE).usable is not None


def test_nothing_is_kept_of_what_is_refused(ledger: Ledger, scan: Path) -> None:
    with pytest.raises(UnknownInvoice):
        attach(ledger, scan, [NUMBERS[0], "999"], PieceRole.PRESCRIPTION)
    scan.write_bytes(image_bytes(page(ink=False)))
    with pytest.raises(PieceRefused):
        attach(ledger, scan, NUMBERS, PieceRole.PRESCRIPTION)
    assert kept(ledger) == []
    assert pieces_of(ledger, NURSE, NUMBERS[0]) == ()


def test_a_kept_scan_that_was_altered_is_not_given_out(ledger: Ledger, scan: Path) -> None:
    piece, _ = attach(ledger, scan, NUMBERS, PieceRole.OTHER)
    path = PieceStore(ledger).directory / piece.digest.hex()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(PieceLost, match="not what was written"):
        PieceStore(ledger).get(piece.digest)


def test_marks_are_green_red_or_none() -> None:
    assert prescription_mark(False, False) is Travel.NOT_NEEDED
    assert prescription_mark(True, False) is Travel.PAPER
    assert prescription_mark(True, True) is Travel.DIGITAL
    secured, degraded = SecurityMode.SECURED, SecurityMode.DEGRADED
    assert sheet_mark(secured, False, True, False) is Travel.NOT_NEEDED
    assert sheet_mark(degraded, False, True, False) is Travel.DIGITAL
    assert sheet_mark(degraded, False, True, True) is Travel.PAPER
    assert sheet_mark(degraded, False, False, False) is Travel.PAPER
    assert sheet_mark(degraded, True, False, True) is Travel.DIGITAL


def test_a_signature_is_cut_to_its_ink_and_can_be_switched_off(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "signature.png"
    path.write_bytes(signature_png())
    register_signature(ledger, NURSE, path)
    image = signature_of(ledger, NURSE).usable
    assert image is not None
    with Image.open(BytesIO(image)) as opened:
        assert (opened.mode, opened.width <= 600, opened.height <= 200) == ("L", True, True)
    switch(ledger, NURSE, False)
    assert signature_of(ledger, NURSE).usable is None
    switch(ledger, NURSE, True)
    assert signature_of(ledger, NURSE).usable == image


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (image_bytes(page(ink=False), "PNG"), "is blank"),
        (image_bytes(page(ink=False, paper=5), "PNG"), "all dark"),
        (signature_png()[:300], "truncated|damaged"),
        (b"%PDF-1.7", "neither JPEG nor PNG"),
    ],
)
def test_a_bad_signature_image_leaves_the_one_before(
    ledger: Ledger, tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "signature.png"
    path.write_bytes(signature_png())
    register_signature(ledger, NURSE, path)
    before = signature_of(ledger, NURSE)
    path.write_bytes(content)
    with pytest.raises(BadSignatureImage, match=problem):
        register_signature(ledger, NURSE, path)
    with pytest.raises(BadSignatureImage, match="cannot be read"):
        register_signature(ledger, NURSE, tmp_path / "missing.png")
    assert signature_of(ledger, NURSE) == before


def test_no_signature_cannot_be_switched_on(ledger: Ledger) -> None:
    with pytest.raises(DeskRefused, match="No signature is registered"):
        switch(ledger, NURSE, True)
    switch(ledger, NURSE, False)
    assert signature_of(ledger, NURSE).usable is None


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        return str(document[0].get_textpage().get_text_bounded())


def test_the_sheet_says_who_what_when_and_how_much() -> None:
    text = words(care_sheet(make_invoice("190305028")))
    for expected in (
        "Facture n° 190305028",
        "MARTIN PAUL",
        "1 55 08 99 999 001",
        "PIQURE2969 MAYA",
        "TOUBIB PAUL",
        "01/01/2019",
        "AMI",
        "78,10",
        "156,20 €",
        "CPAM - DEMONSTRATION",
        "mode dégradé",
    ):
        assert expected in text
    assert "À signer à la main" in text


def test_the_sheet_is_one_page_whatever_the_number_of_acts_and_the_same_each_time() -> None:
    acts = tuple(
        Act(
            performed_on=date(2019, 1, 1),
            code="AMI",
            coefficient=450,
            quantity=1,
            amount=100 + each,
            rate=100,
        )
        for each in range(60)
    )
    total = sum(each.amount for each in acts)
    invoice = replace(
        make_invoice(),
        acts=acts,
        totals=Totals(total=total, fund=total),
        patient=Patient(last_name="ŁUKASZEWICZ-DE LA TRÉMOÏLLE-" * 2, first_name="Ἀθηνᾶ"),
    )
    made = care_sheet(invoice)
    text = words(made)
    assert all(f"{amount // 100},{amount % 100:02}" in text for amount in (100, 129, 130, 159))
    assert made == care_sheet(invoice)
    assert b"pdfaid:part" in made


def test_no_name_leaves_its_box_and_no_coefficient_is_rounded() -> None:
    plain = make_invoice()
    act = make_act(coefficient=1_234_567)
    long = replace(
        plain,
        acts=(act, replace(act, coefficient=450)),
        patient=Patient(last_name="DE LA ROCHEFOUCAULD-MONTMORENCY " * 2, first_name="ANNE " * 12),
        ps=replace(plain.ps, last_name="W" * 60, first_name="W" * 60),
    )
    with pypdfium2.PdfDocument(care_sheet(long)) as document:
        text = document[0].get_textpage()
        shown = text.get_text_bounded()
        places = [
            text.get_charbox(each) for each in range(text.count_chars()) if shown[each : each + 1].strip()
        ]
    assert "12345,67" in shown
    assert "4,5" in shown
    assert "ANNE ANNE" in shown
    points = 72 / 25.4
    in_boxes = [
        (left / points, right / points)
        for left, bottom, right, _ in places
        if 34 < 297 - bottom / points < 100
    ]
    assert len(in_boxes) > 200
    assert [each for each in in_boxes if each[1] > 103 and each[0] < 107] == [], "nothing between the boxes"
    assert max(right for _, right in in_boxes) <= 196


def test_the_signature_is_on_the_sheet(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "signature.png"
    path.write_bytes(signature_png())
    register_signature(ledger, NURSE, path)
    made = care_sheet(make_invoice(), signature_of(ledger, NURSE).usable)
    assert "À signer à la main" not in words(made)
    with pypdfium2.PdfDocument(made) as document:
        whole = document[0].render(scale=1, grayscale=True).to_pil()
    box = whole.crop((310, 745, 540, 800))
    assert min(box.get_flattened_data()) < 100
