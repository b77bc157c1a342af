"""The images of a PDF's page as they are placed on it: their DPI, in layers where one image is cut up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import hypot
from typing import Any, Final

POINTS: Final = 72
_A4: Final = (8.27 * POINTS, 11.69 * POINTS)
_STRIP: Final = 0.05
"""The share of a page below which an image may be a strip or a tile of a layer, with its place rounded."""


@dataclass(frozen=True)
class Sheet:
    """A page in its own units: its extent, the points in a unit, and by how much it makes its images
    finer."""

    area: float
    unit: float
    finer: float

    @classmethod
    def of(cls, width: float, height: float, unit: float | None) -> Sheet:
        """Return the sheet of a page of some size in units of `unit` points, `None` if the page states none.

        Programs that take a pixel for a point state pages as large as posters: a page larger than A4 counts
        as A4, as an image does. A page that states its unit is taken at its word.
        """
        if unit is not None:
            return cls(width * height, unit, 1 / unit)
        short, long = sorted((width, height))
        return cls(width * height, 1, max(short / _A4[0], long / _A4[1], 1))


@dataclass(frozen=True)
class PlacedImage:
    """An image on its page: the object, its pixels, the lengths of its sides, and the area it covers."""

    item: Any
    columns: int
    rows: int
    wide: float
    high: float
    area: float

    @classmethod
    def of(cls, item: Any) -> PlacedImage | None:
        """Return a pypdfium2 image object within its forms as placed, `None` if it is drawn without
        extent."""
        columns, rows = item.get_px_size()
        a, b, c, d = matrix_of(item)
        wide, high, area = hypot(a, b), hypot(c, d), abs(a * d - b * c)
        return cls(item, columns, rows, wide, high, area) if min(wide, high, area) > 0 else None


@dataclass(frozen=True)
class Layer:
    """Images that belong together, their DPI, and the area that they cover together."""

    dpi: float
    area: float
    images: tuple[PlacedImage, ...]


def matrix_of(item: Any) -> tuple[float, float, float, float]:
    """Return the page vectors of an object's sides: its matrix times those of all forms around it.

    Their lengths do not depend on how the object is rotated or mirrored.
    """
    matrix, form = item.get_matrix(), item.container
    while form is not None:
        matrix = matrix.multiply(form.get_matrix())
        form = form.container
    return matrix.a, matrix.b, matrix.c, matrix.d


def layers_of(images: list[PlacedImage], sheet: Sheet) -> list[Layer]:
    """Return the layers of a page. Strips of one length, or columns of one height, form one layer."""
    groups: dict[tuple[object, ...], list[PlacedImage]] = defaultdict(list)
    for at, each in enumerate(images):
        if each.area >= _STRIP * sheet.area:
            groups["alone", at].append(each)
        elif each.columns >= each.rows:
            groups["strips", each.columns, round(each.wide)].append(each)
        else:
            groups["columns", each.rows, round(each.high)].append(each)
    return [_layer(kind[0] == "columns", members, sheet.finer) for kind, members in groups.items()]


def _layer(upright: bool, images: list[PlacedImage], finer: float) -> Layer:
    across = sum(each.columns for each in images) / sum(each.wide for each in images)
    along = sum(each.rows for each in images) / sum(each.high for each in images)
    if upright:
        across, along = along, across
    dpi = min(across, along) * POINTS * finer
    return Layer(dpi, sum(each.area for each in images), tuple(images))
