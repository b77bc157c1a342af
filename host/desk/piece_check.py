"""Whether a scanned document may travel as SCOR: checked page by page, one sentence for each refusal.

PDF, JPEG and PNG are taken and images become PDF. At least 200 DPI, not blank, not black, not truncated,
readable: the public facts on SCOR. The limits on size and pages, and how blank and black are measured, are
Project-defined.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tla_sim.host.desk import pdf_probe
from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.whole_file import FileUnusable, read_whole

if TYPE_CHECKING:
    from PIL.Image import Image

MIN_DPI: Final = 200
MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PAGES: Final = 20
MAX_PIXELS: Final = 40_000_000
"""Somewhat more than an A4 page at 600 DPI."""

_A4_INCHES: Final = (8.27, 11.69)
_POINTS: Final = 72
_TOLERANCE: Final = 0.985
"""A scanner's 200 DPI may be 199 once its page is measured in points."""

_BLANK_SHARE: Final = 0.0005
_BLACK_SHARE: Final = 0.9
_INK_DEPTH: Final = 40
_BLACK_LEVEL: Final = 64
_AGAIN: Final = "Scan it again"
_PROBE_SECONDS: Final = 60
_JPEG_SCAN: Final = b"\xff\xda"
_MAX_SCANS: Final = 100
"""Of a progressive JPEG, which has some ten; each may be a few bytes that take a pass over all points."""


@dataclass(frozen=True)
class CheckedPiece:
    """A document that may travel: its name for people, its PDF, how many pages."""

    name: str
    pdf: bytes = field(repr=False)
    pages: int


def check_file(path: Path) -> CheckedPiece:
    """Check a document in a file of at most 10 MiB. Raises PieceRefused."""
    try:
        raw = read_whole(path, MAX_BYTES)
    except FileUnusable as error:
        raise PieceRefused(error.message, error.action) from None
    return check_piece(raw, path.name)


def check_piece(raw: bytes, name: str) -> CheckedPiece:
    """Check a document's bytes; `name` is never used as a path. Raises PieceRefused."""
    label = "".join(each for each in Path(name).name if each.isprintable())[:120] or "document"
    if len(raw) > MAX_BYTES:
        raise PieceRefused(f"{label} is larger than {MAX_BYTES // 1024 // 1024} MiB", "Scan it in grey")
    if raw.startswith(b"%PDF-"):
        return CheckedPiece(label, raw, _check_pdf(raw, label))
    if raw.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return CheckedPiece(label, _image_as_pdf(raw, label), 1)
    raise PieceRefused(f"{label} is neither PDF nor JPEG nor PNG", "Give one of these")


def _check_pdf(raw: bytes, label: str) -> int:
    tail = raw[-1024:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise PieceRefused(f"{label} is truncated: a PDF ends with %%EOF", _AGAIN)
    found = _probe(raw)
    page = found.get("page")
    match found.get("problem"):
        case None:
            pass
        case "password":
            raise PieceRefused(f"{label} is protected by a password", "Give it without protection")
        case "pages":
            raise PieceRefused(
                f"{label} has {found['count']} pages; 1 to {MAX_PAGES} are taken", "Split it into several"
            )
        case "pixels":
            raise PieceRefused(
                f"Page {page} of {label} holds an image of more than {MAX_PIXELS:,} pixels", "Scan at 300 DPI"
            )
        case "size":
            raise PieceRefused(f"Page {page} of {label} has no sensible size", _AGAIN)
        case "bounds":
            raise PieceRefused(f"{label} takes more memory or time to read than a document should", _AGAIN)
        case _:
            raise PieceRefused(f"{label} cannot be read: it is damaged", _AGAIN)
    pages = found["pages"]
    for number, each in enumerate(pages, 1):
        where = f"Page {number} of {label}"
        if each["dpi"] is not None and each["dpi"] < MIN_DPI * _TOLERANCE:
            raise PieceRefused(
                f"{where} is scanned at {each['dpi']:.0f} DPI; at least {MIN_DPI} are needed", _AGAIN
            )
        _check_greys(each["greys"], where)
    return len(pages)


def _probe(raw: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", str(Path(pdf_probe.__file__)), str(MAX_PAGES), str(MAX_PIXELS)]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=_PROBE_SECONDS, check=False)
        if done.returncode == 0:
            found: dict[str, Any] = json.loads(done.stdout)
            return found
    except (subprocess.TimeoutExpired, ValueError):
        pass
    return {"problem": "bounds"}


def _check_greys(greys: Sequence[int], where: str) -> None:
    """Refuse a page that is black or blank, by how many of its points have each of 256 grey levels."""
    total = sum(greys)
    if sum(greys[:_BLACK_LEVEL]) > _BLACK_SHARE * total:
        raise PieceRefused(f"{where} is black", "Scan it again, with the page facing the glass")
    passed = paper = 0
    while passed <= total // 2:
        passed += greys[paper]
        paper += 1
    ink = sum(greys[: max(paper - _INK_DEPTH, 0)])
    if ink < _BLANK_SHARE * total:
        raise PieceRefused(f"{where} is blank", "Scan the other side, or leave that page out")


def open_image(raw: bytes, label: str, max_pixels: int = MAX_PIXELS) -> Image:
    """A JPEG or PNG, decoded and turned upright, its size looked at before. Raises PieceRefused."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if raw.count(_JPEG_SCAN) > _MAX_SCANS:
        raise PieceRefused(f"{label} takes more memory or time to read than a document should", _AGAIN)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(BytesIO(raw), formats=("JPEG", "PNG"))
            if image.width * image.height > max_pixels:
                raise PieceRefused(f"{label} has more than {max_pixels:,} pixels", "Scan at 300 DPI")
            image.load()
            dpi = image.info.get("dpi")
            upright = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError:
        raise PieceRefused(f"{label} has more than {max_pixels:,} pixels", "Scan at 300 DPI") from None
    except UnidentifiedImageError:
        raise PieceRefused(f"{label} cannot be read: it is damaged", _AGAIN) from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError) as error:
        what = "is truncated" if "truncated" in str(error) else "cannot be read: it is damaged"
        raise PieceRefused(f"{label} {what}", _AGAIN) from None
    upright.info["dpi"] = dpi
    return upright


def on_white(image: Image) -> Image:
    """The image in grey or colours, what is transparent in it white."""
    from PIL import Image

    if image.mode in ("1", "L", "RGB"):
        return image
    if image.mode in ("LA", "PA", "RGBA", "P") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return image.convert("L" if image.mode.startswith("I") or image.mode == "F" else "RGB")


def _image_as_pdf(raw: bytes, label: str) -> bytes:
    if raw.startswith(b"\x89PNG") and b"IEND" not in raw[-1024:]:
        raise PieceRefused(f"{label} is truncated: a PNG ends with IEND", _AGAIN)
    image = open_image(raw, label)
    dpi = _resolution(image)
    if dpi < MIN_DPI * _TOLERANCE:
        raise PieceRefused(f"{label} has {dpi:.0f} DPI on its page; at least {MIN_DPI} are needed", _AGAIN)
    flat = on_white(image)
    look = flat.convert("L")
    look.thumbnail((pdf_probe.LOOK_PIXELS, pdf_probe.LOOK_PIXELS))
    _check_greys(look.histogram(), label)
    return _one_page(flat, dpi)


def _resolution(image: Image) -> float:
    """The DPI that the image states, or what it has as an A4 page if it states none or a larger page."""
    short, long = sorted((image.width, image.height))
    as_a4 = max(short / _A4_INCHES[0], long / _A4_INCHES[1])
    stated = image.info.get("dpi")
    try:
        least = min(float(each) for each in stated or ())
    except (TypeError, ValueError):
        return as_a4
    return max(least, as_a4) if least > 1 else as_a4


def _one_page(image: Image, dpi: float) -> bytes:
    from fpdf import FPDF

    width, height = (side / dpi * _POINTS for side in image.size)
    pdf = FPDF(unit="pt", format=(width, height))
    pdf.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
    if image.mode != "1":
        pdf.set_image_filter("DCTDecode")
    pdf.set_margin(0)
    pdf.set_auto_page_break(False)
    pdf.add_page(format=(width, height))
    pdf.image(image, 0, 0, width, height)
    made = bytes(pdf.output())
    if len(made) > MAX_BYTES:
        raise PieceRefused("The page takes more than 10 MiB as PDF", "Scan it in grey at 200 DPI")
    return made
