"""Scanned documents in PDF: cut to the PDF itself, measured, and checked page by page."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tla_sim.host.desk.empty_pages import EMPTY, check_pages
from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.page_look import look_at
from tla_sim.host.desk.pdf_apart import measure_apart
from tla_sim.host.desk.pdf_envelope import cut_to_pdf
from tla_sim.host.desk.scan_limits import MAX_BYTES, MAX_PAGES, MAX_PIXELS, MIN_DPI, SCAN_AGAIN
from tla_sim.protocol.sentence import Sentence

if TYPE_CHECKING:
    from PIL.Image import Image


def check_pdf(
    raw: bytes, label: str, measured: Callable[[bytes], dict[str, Any]] = measure_apart
) -> tuple[bytes, int]:
    """Return the PDF that may travel instead of the given one, and its number of pages.

    It is the given PDF without bytes before its header and after its end. One that is only protected against
    printing or changes is rewritten without protection, and one whose table of objects was lost with a new
    one. Raises `EmptyPages`, `PieceRefused`.
    """
    kept = cut_to_pdf(raw, label)
    found = measured(kept)
    if "problem" in found:
        raise _refusal(found, label)
    if "rewritten" in found:
        kept = b64decode(found["rewritten"])
        if len(kept) > MAX_BYTES:
            raise PieceRefused(
                "{label} is larger than {most} MiB",
                "Scan it in grey",
                label=label,
                most=MAX_BYTES // 1024 // 1024,
            )
    pages = found["pages"]
    seen = []
    for number, each in enumerate(pages, 1):
        where = Sentence("Page {number} of {label}", number=number, label=label)
        seen.append(look_at(_picture(each)).seen)
        if each["dpi"] is not None and seen[-1] not in EMPTY:
            raise PieceRefused(
                "{where} is scanned at {dpi:.0f} DPI; at least {least} are needed",
                SCAN_AGAIN,
                where=where,
                dpi=each["dpi"],
                least=MIN_DPI,
            )
    check_pages(seen, label, kept)
    return kept, len(pages)


def _picture(page: dict[str, Any]) -> Image:
    from PIL import Image

    width, height, points = page["picture"]
    return Image.frombytes("L", (width, height), b64decode(points))


def _refusal(found: dict[str, Any], label: str) -> PieceRefused:
    page = found.get("page")
    match found["problem"]:
        case "password":
            return PieceRefused(
                "{label} is protected by a password", "Give it without protection", label=label
            )
        case "pages":
            return PieceRefused(
                "{label} has {count} pages; 1 to {most} are accepted",
                "Split it into several",
                label=label,
                count=found["count"],
                most=MAX_PAGES,
            )
        case "pixels":
            return PieceRefused(
                "Page {page} of {label} holds an image of more than {most:,} pixels",
                "Scan at 300 DPI",
                page=page,
                label=label,
                most=MAX_PIXELS,
            )
        case "size":
            return PieceRefused(
                "Page {page} of {label} has no sensible size", SCAN_AGAIN, page=page, label=label
            )
        case "cut":
            return PieceRefused(
                "Page {page} of {label} is truncated: its data end early", SCAN_AGAIN, page=page, label=label
            )
        case "bounds":
            return PieceRefused(
                "{label} takes more memory or time to read than a document should", SCAN_AGAIN, label=label
            )
        case _:
            return PieceRefused("{label} cannot be read: it is damaged", SCAN_AGAIN, label=label)
