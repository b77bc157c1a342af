"""Scanned documents in JPEG or PNG: opened with care, checked, and made into a PDF of one page."""

from __future__ import annotations

import struct
import warnings
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

from tla_sim.host.desk.cut_images import jpeg_is_cut
from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.flat_image import BITS, on_white
from tla_sim.host.desk.image_end import JPEG, PNG, bare_png, image_end
from tla_sim.host.desk.page_look import Look, Seen, check_look, look_at
from tla_sim.host.desk.scan_limits import (
    A4_INCHES,
    MAX_BYTES,
    MAX_PIXELS,
    MIN_DPI,
    POINTS,
    SCAN_AGAIN,
    TOLERANCE,
)
from tla_sim.protocol.sentence import Sentence

if TYPE_CHECKING:
    from PIL.Image import Image

_PNG_BITS: Final = 24
"""The offset of a PNG's bits per sample, in IHDR, its first chunk."""

_ALL: Final = Look(Seen.WRITING)

_MAX_SCANS: Final = 100
"""The most scans of a progressive JPEG, usually ten: a few bytes of one cost a pass over all pixels."""


def open_image(raw: bytes, label: str, max_pixels: int = MAX_PIXELS) -> Image:
    """Return a JPEG or PNG decoded and upright, after checking its size. Raises `PieceRefused`."""
    from PIL import Image, UnidentifiedImageError

    end = image_end(raw)
    if end.scans > _MAX_SCANS:
        raise PieceRefused(
            "{label} takes more memory or time to read than a document should", SCAN_AGAIN, label=label
        )
    shown = bare_png(raw) if raw.startswith(PNG) else raw[: end.at]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(BytesIO(shown), formats=("JPEG", "PNG"))
            if image.width * image.height > max_pixels:
                raise PieceRefused(
                    "{label} has more than {most:,} pixels", "Scan at 300 DPI", label=label, most=max_pixels
                )
            image.load()
            dpi = image.info.get("dpi")
            upright = _upright(image)
    except Image.DecompressionBombError:
        raise PieceRefused(
            "{label} has more than {most:,} pixels", "Scan at 300 DPI", label=label, most=max_pixels
        ) from None
    except UnidentifiedImageError:
        raise PieceRefused("{label} cannot be read: it is damaged", SCAN_AGAIN, label=label) from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError) as error:
        what = (
            Sentence("is truncated")
            if "truncated" in str(error)
            else Sentence("cannot be read: it is damaged")
        )
        raise PieceRefused("{label} {what}", SCAN_AGAIN, label=label, what=what) from None
    upright.info["dpi"] = dpi
    if end.at is None or (raw.startswith(JPEG) and jpeg_is_cut(shown, max_pixels)):
        raise PieceRefused("{label} is truncated: its end is missing", SCAN_AGAIN, label=label)
    if raw.startswith(PNG):
        upright.info[BITS] = raw[_PNG_BITS]
    return upright


def _upright(image: Image) -> Image:
    """Return the image rotated as its EXIF data say, or as it is where they are damaged."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, struct.error):
        return image.copy()


def image_as_pdf(raw: bytes, label: str) -> bytes:
    """Return the one-page PDF that travels instead of a JPEG or PNG. Raises `PieceRefused`."""
    image = open_image(raw, label)
    flat = on_white(image)
    look = look_at(flat)
    dpi = _resolution(image)
    if dpi < MIN_DPI * TOLERANCE:
        raise PieceRefused(
            "{label} has {dpi:.0f} DPI on its page; at least {least} are needed",
            SCAN_AGAIN,
            label=label,
            dpi=dpi,
            least=MIN_DPI,
        )
    of_sheet = _resolution(image, look)
    if of_sheet < MIN_DPI * TOLERANCE:
        raise PieceRefused(
            "{label} has {dpi:.0f} DPI on the sheet that it shows; at least {least} are needed",
            "Take the picture again, nearer to the sheet",
            label=label,
            dpi=of_sheet,
            least=MIN_DPI,
        )
    check_look(look.seen, label)
    return _one_page(flat, dpi)


def _resolution(image: Image, look: Look = _ALL) -> float:
    """Return the DPI that the image states, or its DPI as an A4 page if it states none or a larger page.

    Of a sheet on a dark ground only the sheet counts as that page.
    """
    short, long = sorted((image.width * look.width, image.height * look.height))
    as_a4 = max(short / A4_INCHES[0], long / A4_INCHES[1])
    stated = image.info.get("dpi")
    try:
        least = min(float(each) for each in stated or ())
    except (TypeError, ValueError):
        return as_a4
    return max(least, as_a4) if least > 1 else as_a4


def _one_page(image: Image, dpi: float) -> bytes:
    from fpdf import FPDF

    width, height = (side / dpi * POINTS for side in image.size)
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
