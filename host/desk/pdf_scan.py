"""The DPI at which a PDF's page is scanned: that of the image that carries the writing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any, Final

from tla_sim.host.desk.cut_images import TooManyPixels
from tla_sim.host.desk.pdf_ink import Looks, coarse_carries_ink
from tla_sim.host.desk.pdf_layers import PlacedImage, Sheet, layers_of
from tla_sim.host.desk.pdf_page import list_above, look, look_for_ink, placed_images

_COVERS: Final = 0.25
"""Coarse images that together cover less of a page than this share are not a scan."""

_GROUND: Final = 0.05
"""What is drawn after the last coarse image that covers more of a page than this share is not hidden."""

_LEAST_SIDE: Final = 10
_MOST_SIDE: Final = 14_400
"""The smallest and largest side of a page, in points."""


class NoSensibleSize(Exception):
    """A page is smaller or larger than any real sheet."""


def measure_page(
    page: Any, masked: Any, unit: float | None, max_pixels: int, min_dpi: float
) -> dict[str, Any]:
    """Return the DPI of a page's writing (page of pypdfium2), and its picture: width, height, grey pixels
    (base64).

    `masked` is the same page with each masked image replaced by its mask, or `None`; `unit` the points in the
    page's own unit, `None` where it is a point. The DPI is `None` where no image coarser than `min_dpi`
    carries the writing. Raises `TooManyPixels`, `NoSensibleSize`.
    """
    width, height = page.get_size()
    if not all(_LEAST_SIDE <= side * (unit or 1) <= _MOST_SIDE for side in (width, height)):
        raise NoSensibleSize
    images = placed_images(page)
    if any(each and each.columns * each.rows > max_pixels for each in images):
        raise TooManyPixels
    dpi = _coarse_dpi(page, masked, images, Sheet.of(width, height, unit), min_dpi)
    picture = look(page)
    return {"dpi": dpi, "picture": [*picture.size, b64encode(picture.tobytes()).decode()]}


def _coarse_dpi(
    page: Any, masked: Any, images: list[PlacedImage | None], sheet: Sheet, min_dpi: float
) -> float | None:
    """Return the DPI of the largest coarse layer, if the writing is in coarse layers."""
    layers = layers_of([each for each in images if each], sheet)
    coarse = [layer for layer in layers if layer.dpi < min_dpi]
    share = sum(layer.area for layer in coarse) / sheet.area
    if share < _COVERS:
        return None
    rough = [image for layer in coarse for image in layer.images]
    items = [image.item for image in rough]
    ground = [image.item for image in rough if image.area >= _GROUND * sheet.area] or items
    looks = Looks(
        whole=look_for_ink(page, sheet.unit),
        coarse=look_for_ink(page, sheet.unit, items),
        above=look_for_ink(page, sheet.unit, list_above(page, ground, items)),
        masks=masked and _finer_masks(masked, images, rough, sheet, min_dpi),
        share=min(share, 1),
    )
    if not coarse_carries_ink(looks):
        return None
    return max(coarse, key=lambda layer: (round(layer.area), layer.dpi)).dpi


def _finer_masks(
    masked: Any,
    images: list[PlacedImage | None],
    coarse: Iterable[PlacedImage],
    sheet: Sheet,
    min_dpi: float,
) -> Any:
    """Return the page with only those masks of coarse images that are fine enough, or `None`."""
    wanted = {id(image) for image in coarse}
    finer = []
    for image, mask in zip(images, placed_images(masked), strict=True):
        if image is None or mask is None or id(image) not in wanted:
            continue
        replaced = (mask.columns, mask.rows) != (image.columns, image.rows)
        if replaced and layers_of([mask], sheet)[0].dpi >= min_dpi:
            finer.append(mask.item)
    return look_for_ink(masked, sheet.unit, finer) if finer else None
