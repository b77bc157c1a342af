"""Whether a page is blank or black. The measures are Project-defined.

Ink is what is darker than the paper around it. Where a sheet lies on a dark ground, only the sheet counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from tla_sim.host.desk.errors import PieceRefused
from tla_sim.host.desk.scan_limits import LOOK_PIXELS
from tla_sim.host.desk.sheet_on_ground import SIDE, find_sheet, whole_sheet

if TYPE_CHECKING:
    from PIL.Image import Image

_BLANK_SHARE: Final = 0.0005
_BLACK_SHARE: Final = 0.9
_MOSTLY: Final = 0.5
_INK_DEPTH: Final = 40
_BLACK_LEVEL: Final = 64
_STROKE_DEPTH: Final = 80
_STROKE_REACH: Final = 4
_STROKE_POINTS: Final = 12
"""Initials may have less ink than a page's dust and show-through, but they are dark and close together."""

_MARGIN: Final = 0.015
"""The share of a page along each edge where a scanner sees its own shadows."""


class Seen(StrEnum):
    """The result of looking at a page."""

    WRITING = "writing"
    BLANK = "blank"
    BLANK_SHEET = "surrounded"
    BLACK = "black"


@dataclass(frozen=True, slots=True)
class Look:
    """The result of looking at a page, and the sheet's share of its width and height."""

    seen: Seen
    width: float = 1.0
    height: float = 1.0


def look_at(page: Image) -> Look:
    """Look at a page in any mode that converts to grey; a large one is scaled down first."""
    picture = page.convert("L")
    picture.thumbnail((LOOK_PIXELS, LOOK_PIXELS))
    dark = sum(picture.histogram()[:_BLACK_LEVEL]) / (picture.width * picture.height)
    black = dark > _BLACK_SHARE
    small = picture.reduce(max(round(max(picture.size) / SIDE), 1))
    sheet = find_sheet(small)
    if sheet is None and dark <= _MOSTLY:
        sheet = whole_sheet(small)
    if sheet is None or (black and not sheet.surrounded):
        return Look(Seen.BLACK)
    left, top, right, bottom = sheet.box
    shares = (right - left) / small.width, (bottom - top) / small.height
    if _is_written(picture, sheet.paper, sheet.mask, sheet.pictures):
        return Look(Seen.WRITING, *shares)
    if black:
        return Look(Seen.BLACK)
    return Look(Seen.BLANK_SHEET, *shares) if sheet.surrounded else Look(Seen.BLANK)


def check_look(seen: Seen, where: str) -> None:
    """Refuse a page that is black or blank. Raises `PieceRefused`."""
    match seen:
        case Seen.BLACK:
            raise PieceRefused(
                "{where} is black", "Scan it again, with the page facing the glass", where=where
            )
        case Seen.BLANK:
            raise PieceRefused("{where} is blank", "Scan the other side, or leave that page out", where=where)
        case Seen.BLANK_SHEET:
            raise PieceRefused(
                "{where} shows a blank sheet on a dark ground",
                "Scan the other side; if that is the side, crop it to the sheet",
                where=where,
            )


def _is_written(page: Image, paper: Image, sheet: Image, pictures: int) -> bool:
    """Return whether there is ink: enough of it anywhere, or a pen stroke."""
    from PIL import Image, ImageChops, ImageFilter

    depth = ImageChops.subtract(paper.resize(page.size, Image.Resampling.BILINEAR), page)
    mask = sheet.resize(page.size, Image.Resampling.NEAREST)
    _clear_margin(mask)
    points = mask.histogram()[255]
    large = pictures * points / max(sheet.histogram()[255], 1)
    if (sum(depth.histogram(mask)[_INK_DEPTH:]) + large) / max(points, 1) >= _BLANK_SHARE:
        return True
    deep = Image.new("L", page.size)
    deep.paste(depth.point(lambda each: 255 if each >= _STROKE_DEPTH else 0), mask=mask)
    shares = deep.filter(ImageFilter.BoxBlur(_STROKE_REACH)).histogram()
    return any(shares[255 * _STROKE_POINTS // (2 * _STROKE_REACH + 1) ** 2 :])


def _clear_margin(mask: Image) -> None:
    width, height = mask.size
    margin = round(_MARGIN * max(mask.size))
    for box in (
        (0, 0, width, margin),
        (0, height - margin, width, height),
        (0, 0, margin, height),
        (width - margin, 0, width, height),
    ):
        mask.paste(0, box)
