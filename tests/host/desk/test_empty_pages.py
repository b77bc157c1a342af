"""A duplex scan with empty backs: they are named, it travels without them, and the original is kept."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from tests.host.desk.scenes import noisy, on_table, sheet
from tests.scans import page, scan_pdf
from tla_sim.host.desk.errors import EmptyPages, PieceRefused
from tla_sim.host.desk.piece_check import check_piece
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.desk.pieces import attach
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import PieceRole
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.pieces import pieces_of
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import NURSE

NUMBER = "190305001"
EMPTY = {
    "white": lambda: page(ink=False),
    "grey": lambda: page(ink=False, paper=215),
    "what shines through": lambda: sheet(ink=228),
    "a scanner's noise": lambda: noisy(page(ink=False, paper=240)),
    "a small sheet under an open lid": lambda: on_table(sheet(ink=None), 12, at=(0, 0)),
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        opened.record_prepared(documents_of(make_invoice(NUMBER)))
        yield opened


def sizes(pdf: bytes) -> list[int]:
    """The pages by their widths in points: what is which."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [round(each.get_size()[0]) for each in document]


@pytest.mark.share(2)
@pytest.mark.parametrize("back", EMPTY)
def test_an_empty_back_is_named_and_left_out(back: str) -> None:
    raw = scan_pdf(page(), EMPTY[back](), page((1_200, 1_700)))
    with pytest.raises(EmptyPages) as refused:
        check_piece(raw, "recto-verso.pdf")
    assert refused.value.message == "Page 2 of recto-verso.pdf is blank"
    assert "leave the empty pages out" in refused.value.action
    assert refused.value.pages == (2,)
    checked = check_piece(raw, "recto-verso.pdf", without_empty_pages=True)
    assert (checked.pages, checked.left_out, checked.original) == (2, (2,), raw)
    assert sizes(checked.pdf) == [595, 432]


@pytest.mark.share(2)
@pytest.mark.parametrize(
    ("pages", "empty", "named"),
    [
        ("w.w.w.", (2, 4, 6), "Pages 2, 4 and 6 of scan are blank"),
        (".w", (1,), "Page 1 of scan is blank"),
        ("w..", (2, 3), "Pages 2 and 3 of scan are blank"),
        ("." * 9 + "w" + "." * 10, (*range(1, 10), *range(11, 21)), "18, 19 and 20 of scan are blank"),
    ],
)
def test_whichever_pages_are_empty(pages: str, empty: tuple[int, ...], named: str) -> None:
    small = (420, 300)
    raw = scan_pdf(*(sheet(small, stroke=2, lines=4, ink=40 if each == "w" else None) for each in pages))
    with pytest.raises(EmptyPages, match=named) as refused:
        check_piece(raw, "scan")
    assert refused.value.pages == empty
    checked = check_piece(raw, "scan", without_empty_pages=True)
    assert (checked.pages, checked.left_out) == (pages.count("w"), empty)


@pytest.mark.parametrize("kind", ["Tx", "Sig"])
def test_a_page_is_not_empty_where_a_field_of_a_form_is_filled_or_signed(kind: str) -> None:
    made = BytesIO()
    with pikepdf.open(BytesIO(scan_pdf(page(), page(ink=False)))) as pdf:
        drawn = pdf.make_stream(b"0 g 10 10 280 60 re f")
        drawn.Type, drawn.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        drawn.BBox = [0, 0, 300, 150]
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name(f"/{kind}"),
            T=pikepdf.String("field"),
            F=4,
            Rect=[100, 300, 400, 450],
            AP=pikepdf.Dictionary(N=drawn),
        )
        fields = pikepdf.Array([pdf.make_indirect(field)])
        pdf.pages[1].obj.Annots = fields
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=fields))
        pdf.save(made)
    checked = check_piece(made.getvalue(), "scan", without_empty_pages=True)
    assert (checked.pages, checked.left_out) == (2, ())


def test_what_is_left_looks_as_it_did() -> None:
    raw = scan_pdf(page(), page(ink=False), sheet())
    made = check_piece(raw, "scan", without_empty_pages=True).pdf
    with pypdfium2.PdfDocument(raw) as before, pypdfium2.PdfDocument(made) as after:
        for old, new in ((0, 0), (2, 1)):
            pictures = [each.render(scale=0.5).to_pil().tobytes() for each in (before[old], after[new])]
            assert pictures[0] == pictures[1]


@pytest.mark.share(4)
@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "Page 1 of scan is blank"),
        (2, "All 2 pages of scan are blank"),
        (5, "All 5 pages of scan are blank"),
    ],
)
@pytest.mark.parametrize("leave_out", [False, True])
def test_a_document_without_any_writing_is_refused(count: int, sentence: str, leave_out: bool) -> None:
    with pytest.raises(PieceRefused) as refused:
        check_piece(scan_pdf(*[page(ink=False)] * count), "scan", leave_out)
    assert not isinstance(refused.value, EmptyPages)
    assert refused.value.message == sentence


@pytest.mark.parametrize("leave_out", [False, True])
def test_a_black_page_is_never_left_out(leave_out: bool) -> None:
    with pytest.raises(PieceRefused, match="Page 3 of scan is black"):
        check_piece(scan_pdf(page(), page(ink=False), page(ink=False, paper=5)), "scan", leave_out)


def test_a_document_without_empty_pages_travels_as_it_came() -> None:
    raw = scan_pdf(page(), page())
    checked = check_piece(raw, "scan", without_empty_pages=True)
    assert (checked.pdf, checked.left_out, checked.original) == (raw, (), None)


def test_the_piece_travels_and_the_original_is_kept(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "recto-verso.pdf"
    path.write_bytes(scan_pdf(page(), page(ink=False)))
    store = PieceStore(ledger)
    with pytest.raises(EmptyPages):
        attach(ledger, path, [NUMBER], PieceRole.PRESCRIPTION)
    assert not store.directory.exists()
    piece, new = attach(ledger, path, [NUMBER], PieceRole.PRESCRIPTION, without_empty_pages=True)
    assert (new, piece.left_out, piece.pages) == ((NUMBER,), (2,), 1)
    assert pieces_of(ledger, NURSE, NUMBER) == (piece,)
    assert piece.original is not None
    assert store.get(piece.original) == path.read_bytes()
    assert sizes(store.get(piece.digest)) == [595]
    again = attach(ledger, path, [NUMBER], PieceRole.PRESCRIPTION, without_empty_pages=True)
    assert again == (piece, ())
    assert len(list(store.directory.iterdir())) == 2


def test_a_pdf_without_an_identity_is_written_the_same_way_each_time() -> None:
    made = BytesIO()
    raw = scan_pdf(page(), page(ink=False))
    bare = raw.replace(b"/ID [", b"/XX [")
    assert bare != raw
    made.write(check_piece(bare, "scan", without_empty_pages=True).pdf)
    assert check_piece(bare, "scan", without_empty_pages=True).pdf == made.getvalue()
