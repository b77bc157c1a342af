"""What may stand before a PDF's header and after its end, and what travels then."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from tests.scans import page, scan_pdf
from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.pdf_envelope import cut_to_pdf, has_pdf_header
from tla_sim.host.desk.piece_check import check_piece
from tla_sim.tools.fuzz.targets.pdf_writer import Leaf, write_pdf, written

PDF = write_pdf(Leaf(300, 200, written(["une ligne"] * 6, 300, 200)), tail=b"")

TAILS = {
    "a NUL": bytes(1),
    "a block of NULs": bytes(4096),
    "a megabyte of NULs": bytes(1 << 20),
    "NULs and line ends": (b"\0" * 512 + b"\r\n") * 9,
    "spaces": b" " * 3000,
    "end of file of CP/M": b"\x1a",
    "erased flash": b"\xff" * 2048,
    "a comment of a web server": b"\n<!-- served by www -->\n",
    "the end of a form's part": b"\r\n--boundary42--\r\n",
    "the end of a print job": b"\x1b%-12345X@PJL EOJ\r\n\x1b%-12345X",
}
HEADS = {
    "byte order mark": b"\xef\xbb\xbf",
    "byte order mark of UTF-16": b"\xff\xfe",
    "blank lines": b"\r\n\r\n\n",
    "headers of HTTP": b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
    "a print job": b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n",
    "a block of NULs": bytes(128),
    "a comment": b"% scanned\n",
    "1,023 bytes": b"x" * 1023,
}


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
def test_what_stands_after_the_end_is_cut_off(tail: bytes) -> None:
    assert cut_to_pdf(PDF + tail, "scan") == PDF + b"\n"


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r\n", b"\r\n\r\n"])
def test_line_ends_stay(tail: bytes) -> None:
    assert cut_to_pdf(PDF + tail, "scan") == PDF + tail


@pytest.mark.share(5)
@pytest.mark.parametrize("counted", [False, True], ids=["offsets from the header", "offsets from the file"])
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_what_travels_begins_with_the_header_and_its_table_is_right(head: bytes, counted: bool) -> None:
    raw = write_pdf(
        Leaf(300, 200, written(["une ligne"] * 6, 300, 200)), head=head, tail=b"\n", counted=counted
    )
    kept = check_piece(raw, "scan").pdf
    assert kept.startswith(b"%PDF-")
    untouched = kept == raw[len(head) :].rstrip() + b"\n"
    assert untouched is not counted, "only a table that would be wrong is written anew"
    with pikepdf.open(BytesIO(kept)) as pdf:
        assert (len(pdf.pages), pdf.get_warnings()) == (1, [])


def test_a_header_farther_in_is_none() -> None:
    assert has_pdf_header(b"x" * 1023 + b"%PDF-")
    assert not has_pdf_header(b"x" * 1024 + b"%PDF-")
    with pytest.raises(PieceRefused, match="neither PDF nor JPEG nor PNG"):
        check_piece(b"x" * 1024 + PDF, "scan")


@pytest.mark.parametrize(
    "raw",
    [
        PDF[: len(PDF) // 2],
        PDF[: len(PDF) // 2] + bytes(len(PDF)),
        PDF[:-6],
        PDF + b"x" * 5_000,
        PDF + b"\n9 0 obj\n<< /Length 100 >>\nstream\nabc",
        PDF + b"\nxref\n0 1\n0000000000 65535 f \n",
        PDF.replace(b"startxref", b"startxxxx"),
    ],
)
def test_what_was_cut_off_is_truncated(raw: bytes) -> None:
    with pytest.raises(PieceRefused, match=r"is truncated: a PDF ends with %%EOF"):
        cut_to_pdf(raw, "scan")


def test_padding_does_not_hide_that_a_scan_is_whole() -> None:
    raw = scan_pdf(page())
    assert check_piece(raw + bytes(4096), "scan").pdf == raw.rstrip() + b"\n"


@pytest.mark.parametrize(("sound", "lost"), [(b"\nxref\n0", b"\nx:ef\n0"), (b"startxref\n", b"startxref\n9")])
def test_a_pdf_that_lost_its_table_travels_with_a_new_one(sound: bytes, lost: bytes) -> None:
    raw = PDF.replace(sound, lost)
    kept = check_piece(raw, "scan").pdf
    assert kept != raw
    with pikepdf.open(BytesIO(kept)) as pdf:
        assert (len(pdf.pages), pdf.get_warnings()) == (1, [])
    assert check_piece(kept, "scan").pdf == kept
