"""Checking whether a scanned document may travel as SCOR, with one sentence for each refusal.

PDF, JPEG and PNG are accepted; images are converted to PDF. At least 200 DPI, not blank, not black, not
truncated, readable: the public facts on SCOR.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tla_sim.host.desk.empty_pages import without_pages
from tla_sim.host.desk.errors import EmptyPages, PieceRefused
from tla_sim.host.desk.image_end import JPEG, PNG
from tla_sim.host.desk.pdf_envelope import has_pdf_header
from tla_sim.host.desk.scan_image import image_as_pdf
from tla_sim.host.desk.scan_limits import MAX_BYTES
from tla_sim.host.desk.scan_pdf import check_pdf
from tla_sim.host.whole_file import FileUnusable, read_whole


@dataclass(frozen=True)
class CheckedPiece:
    """A document that may travel: its display name, its PDF, and its number of pages.

    `left_out` has the numbers of the empty pages that only `original`, the document as it came, has.
    """

    name: str
    pdf: bytes = field(repr=False)
    pages: int
    left_out: tuple[int, ...] = ()
    original: bytes | None = field(default=None, repr=False)


def check_file(path: Path, without_empty_pages: bool = False) -> CheckedPiece:
    """Check a document in a file of at most 10 MiB. Raises `EmptyPages`, `PieceRefused`."""
    try:
        raw = read_whole(path, MAX_BYTES)
    except FileUnusable as error:
        raise PieceRefused(error.message, error.action) from None
    return check_piece(raw, path.name, without_empty_pages)


def check_piece(raw: bytes, name: str, without_empty_pages: bool = False) -> CheckedPiece:
    """Check a document's bytes. `name` is never used as a path.

    Raises `PieceRefused`, and `EmptyPages` for a PDF with some empty pages unless it is to travel without
    them.
    """
    label = shown_name(name)
    if len(raw) > MAX_BYTES:
        raise PieceRefused(
            "{label} is larger than {most} MiB",
            "Scan it in grey",
            label=label,
            most=MAX_BYTES // 1024 // 1024,
        )
    if raw.startswith((JPEG, PNG)):
        return CheckedPiece(label, image_as_pdf(raw, label), 1)
    if has_pdf_header(raw):
        return _check_pdf(raw, label, without_empty_pages)
    raise PieceRefused("{label} is neither PDF nor JPEG nor PNG", "Give one of these", label=label)


def shown_name(name: str) -> str:
    """Return a file's name as it may be shown: without its folders, in one line, and not too long."""
    return "".join(each for each in Path(name).name if each.isprintable())[:120] or "document"


def _check_pdf(raw: bytes, label: str, without_empty_pages: bool) -> CheckedPiece:
    try:
        return CheckedPiece(label, *check_pdf(raw, label))
    except EmptyPages as empty:
        if not without_empty_pages:
            raise
        shorter = without_pages(empty.kept, empty.pages, label)
        return CheckedPiece(label, *check_pdf(shorter, label), empty.pages, raw)
