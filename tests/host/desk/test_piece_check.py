"""What may travel as SCOR, and the one sentence for each scan that may not."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image

from tests.scans import A4_AT_200, image_bytes, page, scan_pdf, text_pdf
from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.piece_check import check_file, check_piece
from tla_sim.host.desk.scan_limits import MAX_BYTES


def refusal(raw: bytes, name: str = "scan") -> str:
    with pytest.raises(PieceRefused) as refused:
        check_piece(raw, name)
    assert refused.value.action
    return refused.value.message


@pytest.mark.share(5)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "CMYK", "P", "RGBA"])
def test_images_of_any_mode_become_a_one_page_pdf(kind: str, mode: str) -> None:
    if (kind, mode) in (("PNG", "CMYK"), ("JPEG", "P"), ("JPEG", "RGBA")):
        mode = "L"
    checked = check_piece(image_bytes(page().convert(mode), kind), "ordonnance.jpg")
    with pypdfium2.PdfDocument(checked.pdf) as document:
        width, height = document[0].get_size()
    assert (checked.pages, round(width), round(height)) == (1, 595, 842)


def test_a_pdf_is_kept_as_it_is() -> None:
    raw = scan_pdf(page(), page())
    checked = check_piece(raw, "ordonnance.pdf")
    assert (checked.pdf, checked.pages) == (raw, 2)


def test_a_pdf_of_text_has_no_resolution_to_lack() -> None:
    assert check_piece(text_pdf(3), "lettre.pdf").pages == 3


def test_the_pdf_of_an_image_passes_the_check_itself() -> None:
    assert check_piece(check_piece(image_bytes(page()), "a").pdf, "b").pages == 1


def test_a_small_slip_at_200_dpi_is_good_enough() -> None:
    assert check_piece(image_bytes(page((800, 600))), "talon.jpg").pages == 1


@pytest.mark.parametrize("dpi", [None, 72])
def test_a_picture_without_a_true_resolution_counts_as_a_page_of_a4(dpi: int | None) -> None:
    assert check_piece(image_bytes(page((2480, 3508)), dpi=dpi), "photo.jpg").pages == 1
    small = image_bytes(page((1000, 1414)), dpi=dpi)
    assert refusal(small, "photo.jpg") == "photo.jpg has 121 DPI on its page; at least 200 are needed"


def test_a_pdf_scanned_at_150_dpi_is_refused_with_its_page() -> None:
    raw = scan_pdf(page((1240, 1754)), dpi=150)
    assert refusal(raw) == "Page 1 of scan is scanned at 150 DPI; at least 200 are needed"


@pytest.mark.parametrize("make", [image_bytes, scan_pdf])
def test_blank_and_black_pages_are_refused(make: Callable[[Image.Image], bytes]) -> None:
    assert "is blank" in refusal(make(page(ink=False)))
    assert "is blank" in refusal(make(page(ink=False, paper=225)))
    assert "is black" in refusal(make(page(ink=False, paper=10)))


def test_the_second_page_is_looked_at_too() -> None:
    assert refusal(scan_pdf(page(), page(ink=False))) == "Page 2 of scan is blank"


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("raw", [image_bytes(page()), image_bytes(page(), "PNG"), scan_pdf(page())])
def test_what_was_cut_off_is_refused(raw: bytes, share: float) -> None:
    assert "truncated" in refusal(raw[: int(len(raw) * share)])


def test_damaged_files_are_refused() -> None:
    whole = scan_pdf(page())
    assert "cannot be read" in refusal(b"%PDF-1.7\n" + bytes(2_000) + b"startxref\n0\n%%EOF")
    assert "cannot be read" in refusal(b"\xff\xd8\xff" + bytes(500))
    damaged = bytearray(image_bytes(page(), "PNG"))
    damaged[60:90] = bytes(30)
    assert refusal(bytes(damaged))
    assert refusal(whole.replace(b"/Pages", b"/Pagez"))


def test_a_password_is_asked_to_be_taken_off() -> None:
    assert refusal(text_pdf(password="secret")) == "scan is protected by a password"


def test_other_formats_are_refused() -> None:
    assert refusal(b"GIF89a") == "scan is neither PDF nor JPEG nor PNG"
    assert refusal(b"") == "scan is neither PDF nor JPEG nor PNG"


def test_too_many_pages_are_refused() -> None:
    assert refusal(text_pdf(21)) == "scan has 21 pages; 1 to 20 are accepted"


def png(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_000, 60_000])
def test_a_decompression_bomb_is_seen_before_it_is_decoded(side: int) -> None:
    assert "more than 40,000,000 pixels" in refusal(png(side, side, zlib.compress(bytes(1_000))))


def test_a_bomb_inside_a_pdf_is_refused() -> None:
    raw = scan_pdf(page())
    assert b"/Width 1654" in raw
    bomb = raw.replace(b"/Width 1654", b"/Width 65400").replace(b"/Height 2339", b"/Height 23390")
    assert refusal(bomb)


def test_a_600_mb_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(600 * 1024 * 1024)
    with pytest.raises(PieceRefused, match="larger than 10 MiB"):
        check_file(path)
    assert "larger than 10 MiB" in refusal(bytes(MAX_BYTES + 1))


def test_pipes_directories_and_absent_files_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "absent"):
        with pytest.raises(PieceRefused):
            check_file(tmp_path / name)


def test_a_name_is_never_a_path() -> None:
    raw = image_bytes(page())
    assert check_piece(raw, "../../etc/passwd.jpg").name == "passwd.jpg"
    assert check_piece(raw, "/").name == "document"
    assert check_piece(raw, "a\x1b[2Jb.jpg").name == "a[2Jb.jpg"


def test_a_photo_lying_on_its_side_is_turned_upright() -> None:
    image = page(A4_AT_200[::-1])
    exif = Image.Exif()
    exif[0x0112] = 6
    out = BytesIO()
    image.save(out, "JPEG", dpi=(200, 200), exif=exif)
    with pypdfium2.PdfDocument(check_piece(out.getvalue(), "photo").pdf) as document:
        width, height = document[0].get_size()
    assert width < height


def test_a_scan_cut_into_strips_has_the_resolution_of_its_strips() -> None:
    def striped(side: int) -> bytes:
        whole = page((side, round(side * 1.414)))
        pdf = FPDF(unit="pt", format="A4")
        pdf.set_auto_page_break(False)
        pdf.add_page()
        for part in range(10):
            top, end = (whole.height * each // 10 for each in (part, part + 1))
            strip = whole.crop((0, top, whole.width, end))
            pdf.image(strip, 0, pdf.h * top / whole.height, pdf.w, pdf.h * (end - top) / whole.height)
        return bytes(pdf.output())

    assert check_piece(striped(1_654), "scan").pages == 1
    assert "is scanned at 121 DPI" in refusal(striped(1_000))


def test_a_scan_inside_a_form_has_the_resolution_that_it_has_on_the_page() -> None:
    def placed(scale: float) -> bytes:
        made = BytesIO()
        with (
            pypdfium2.PdfDocument.new() as document,
            pypdfium2.PdfDocument(scan_pdf(page((827, 1169)))) as scan,
        ):
            width, height = scan[0].get_size()
            form = scan.page_as_xobject(0, document).as_pageobject()
            form.transform(pypdfium2.PdfMatrix().scale(scale, scale))
            target = document.new_page(width * scale, height * scale)
            target.insert_obj(form)
            target.gen_content()
            document.save(made)
        return made.getvalue() + b"\n"

    assert check_piece(placed(0.5), "scan").pages == 1
    assert "is scanned at 100 DPI" in refusal(placed(2))


def test_a_jpeg_of_countless_passes_is_refused_unread() -> None:
    raw = image_bytes(page())
    begins = raw.rindex(b"\xff\xda")
    empty = raw[begins : begins + 10]
    assert "more memory or time" in refusal(raw[:begins] + empty * 2_000 + raw[begins:])
    progressive = BytesIO()
    page().save(progressive, "JPEG", dpi=(200, 200), progressive=True)
    assert check_piece(progressive.getvalue(), "scan").pages == 1
