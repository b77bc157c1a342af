"""Measuring a PDF's contents in a process of its own with bounded memory and time.

The process runs `main`: the PDF on standard input, JSON on standard output. A hostile file can harm only that
process.
"""

from __future__ import annotations

import json
import resource
import sys
from base64 import b64encode
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from tla_sim.host.desk.cut_images import TooManyPixels
from tla_sim.host.desk.pdf_scan import NoSensibleSize, measure_page
from tla_sim.host.desk.pdf_streams import cut_stream, is_image, masks_of

MAX_MEMORY: Final = 1536 * 1024 * 1024
MAX_SECONDS: Final = 30
_MOST_UNIT: Final = 1_000
_OF_EVERY_IMAGE: Final = {"/Type", "/Subtype", "/Length"}
_OF_MASKS: Final = {"/ImageMask", "/SMask", "/Mask", "/Filter", "/DecodeParms"}


class _Problem(Exception):
    """The reason why measuring ended, as a word, and the page."""

    def __init__(self, word: str, page: int | None = None, **more: int) -> None:
        self.found = {"problem": word, **({} if page is None else {"page": page}), **more}


def measure(raw: bytes, max_pages: int, max_pixels: int, min_dpi: float) -> dict[str, Any]:
    """Return `problem` with a word, or `pages` with the DPI of what is readable on each, and its picture.

    The DPI is `None` where no image coarser than `min_dpi` carries the writing. `rewritten` is the PDF
    written anew, in base64, where it was protected or its table of objects was lost.
    """
    try:
        read = _read(raw, max_pages, max_pixels)
        pages = _pages(read.rewritten or raw, read, max_pixels, min_dpi)
    except _Problem as problem:
        return problem.found
    anew = {} if read.rewritten is None else {"rewritten": b64encode(read.rewritten).decode()}
    return {"pages": pages, **anew}


@dataclass(frozen=True)
class _Structure:
    """A PDF that can be drawn: itself, itself with masks instead of the masked images, and its pages'
    units."""

    rewritten: bytes | None
    masks: bytes | None
    units: list[float | None]


def _read(raw: bytes, max_pages: int, max_pixels: int) -> _Structure:
    import pikepdf

    try:
        with pikepdf.open(BytesIO(raw)) as pdf:
            if not 1 <= len(pdf.pages) <= max_pages:
                raise _Problem("pages", count=len(pdf.pages))
            rewritten = _rewrite(pdf)
            for number, page in enumerate(pdf.pages, 1):
                if _is_cut(page, number, max_pixels):
                    raise _Problem("cut", number)
            units = [_unit(page) for page in pdf.pages]
            return _Structure(rewritten, _masks_in_place(pdf), units)
    except pikepdf.PasswordError:
        raise _Problem("password") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise _Problem("password" if "encrypt" in str(error) else "unreadable") from None


def _is_cut(page: Any, number: int, max_pixels: int) -> bool:
    try:
        return cut_stream(page, max_pixels)
    except TooManyPixels:
        raise _Problem("pixels", number) from None


def _pages(raw: bytes, read: _Structure, max_pixels: int, min_dpi: float) -> list[dict[str, Any]]:
    import pypdfium2 as pdfium

    pages = []
    try:
        with pdfium.PdfDocument(raw) as document, pdfium.PdfDocument(read.masks or raw) as masked:
            if len(document) != len(read.units):
                raise _Problem("unreadable")
            for each in (document, masked):
                each.init_forms()  # without it what stands in a form's fields, signatures too, is not drawn
            for number, unit in enumerate(read.units, 1):
                under = masked[number - 1] if read.masks else None
                try:
                    pages.append(measure_page(document[number - 1], under, unit, max_pixels, min_dpi))
                except TooManyPixels:
                    raise _Problem("pixels", number) from None
                except NoSensibleSize:
                    raise _Problem("size", number) from None
    except pdfium.PdfiumError:
        raise _Problem("unreadable") from None
    return pages


def _rewrite(pdf: Any) -> bytes | None:
    """Return the PDF without its protection, or with a new table where its own was lost; otherwise `None`."""
    import pikepdf

    if not pdf.is_encrypted and not _lost_its_table(pdf):
        return None
    made = _save(pdf)
    with pikepdf.open(BytesIO(made)) as again:
        return _save(again) if _lost_its_table(again) else made


def _lost_its_table(pdf: Any) -> bool:
    """Return whether a reader has to search for the objects: the trailer that qpdf writes may then lack its
    size."""
    return any("reconstruct" in warning for warning in pdf.get_warnings())


def _save(pdf: Any) -> bytes:
    made = BytesIO()
    pdf.save(made, encryption=False, deterministic_id=True)
    return made.getvalue()


def _unit(page: Any) -> float | None:
    """Return the points in a unit of the page (ISO 32000-1, 14.11.2), `None` where the unit is a point."""
    stated = page.obj.get("/UserUnit")
    if not isinstance(stated, (int, Decimal)) or not 0 < stated < _MOST_UNIT or stated == 1:
        return None
    return float(stated)


def _masks_in_place(structure: Any) -> bytes | None:
    """Return the PDF with each masked image replaced by its mask, `None` where there is none."""
    import pikepdf

    found = False
    for stream in structure.objects:
        if not isinstance(stream, pikepdf.Stream) or not is_image(stream):
            continue
        mask = next(masks_of(stream), None)
        if mask is None or int(mask.Width) * int(mask.Height) <= int(stream.Width) * int(stream.Height):
            continue
        found = True
        raw = mask.read_raw_bytes()
        for key in set(stream.keys()) - _OF_EVERY_IMAGE:
            del stream[key]
        for key in set(mask.keys()) - _OF_EVERY_IMAGE - _OF_MASKS:
            stream[key] = mask[key]
        stream.write(raw, filter=mask.get("/Filter"), decode_parms=mask.get("/DecodeParms"))
        stream.ColorSpace = pikepdf.Name.DeviceGray
    if not found:
        return None
    made = BytesIO()
    structure.save(made, encryption=False)
    return made.getvalue()


def main(arguments: list[str]) -> int:
    """Bound this process, read, measure, print."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages, pixels, dpi = arguments
    print(json.dumps(measure(sys.stdin.buffer.read(), int(pages), int(pixels), float(dpi))))
    return 0
