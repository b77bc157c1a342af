"""The images of a PDF's page, as they lie on it: their points to the inch, in layers where one is cut up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import hypot
from typing import Any, Final

POINTS: Final = 72
_A4: Final = (8.27 * POINTS, 11.69 * POINTS)
_STRIP: Final = 0.05
"""What covers less of a page than this may be a strip or a tile of a layer, its place rounded."""


@dataclass(frozen=True)
class Sheet:
    """A page in its own units: what it covers, the points in a unit, how much finer it makes its images."""

    area: float
    unit: float
    finer: float

    @classmethod
    def of(cls, width: float, height: float, unit: float | None) -> Sheet:
        """A page of a size in units of `unit` points, None where none is stated.

        Programs that take a pixel for a point state pages as large as posters: one larger than A4 counts as
        A4, as an image does. A page that states its unit is believed.
        """
        if unit is not None:
            return cls(width * height, unit, 1 / unit)
        short, long = sorted((width, height))
        return cls(width * height, 1, max(short / _A4[0], long / _A4[1], 1))


@dataclass(frozen=True)
class PlacedImage:
    """An image on its page: the object, its points, the lengths of its sides, and what it covers."""

    item: Any
    columns: int
    rows: int
    wide: float
    high: float
    area: float

    @classmethod
    def of(cls, item: Any) -> PlacedImage | None:
        """An image of pypdfium2 in whatever forms; None for one that is drawn without any extent."""
        columns, rows = item.get_px_size()
        a, b, c, d = matrix_of(item)
        wide, high, area = hypot(a, b), hypot(c, d), abs(a * d - b * c)
        return cls(item, columns, rows, wide, high, area) if min(wide, high, area) > 0 else None


@dataclass(frozen=True)
class Layer:
    """Images that belong together, their DPI, and what they cover together."""

    dpi: float
    area: float
    images: tuple[PlacedImage, ...]


def matrix_of(item: Any) -> tuple[float, float, float, float]:
    """The vectors on the page of an object's sides: its matrix times those of all forms that it stands in.

    Their lengths stay what they are however the object is turned or mirrored.
    """
    matrix, form = item.get_matrix(), item.container
    while form is not None:
        matrix = matrix.multiply(form.get_matrix())
        form = form.container
    return matrix.a, matrix.b, matrix.c, matrix.d


def layers_of(images: list[PlacedImage], sheet: Sheet) -> list[Layer]:
    """The layers of a page. Strips of one length, and columns of one height, are one."""
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
