"""A PDF's page in pypdfium2: its images, and its picture with only some of its objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tla_sim.host.desk.pdf_layers import PlacedImage
from tla_sim.host.desk.scan_limits import LOOK_PIXELS

if TYPE_CHECKING:
    from PIL.Image import Image

_A4_HEIGHT: Final = 842
_FORMS: Final = 30
"""The depth of nested forms to which images are searched for."""


def placed_images(page: Any) -> list[PlacedImage | None]:
    """Return the images of a page in drawing order; `None` stands for one without extent."""
    import pypdfium2.raw as pdfium_c

    found = page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=_FORMS)
    return [PlacedImage.of(item) for item in found]


def list_above(page: Any, ground: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return the objects drawn on a page after the last of some images, without some others."""
    below, left_out = ({_address(item) for item in items} for items in (ground, others))
    above: list[Any] = []
    for item in page.get_objects(max_depth=_FORMS):
        if _address(item) in below:
            above.clear()
        elif _address(item) not in left_out:
            above.append(item)
    return above


def look(page: Any) -> Image:
    """Return the page in grey, its longest side LOOK_PIXELS pixels."""
    return _render(page, LOOK_PIXELS / max(page.get_size()))


def look_for_ink(page: Any, unit: float, alone: Sequence[Any] | None = None) -> Image:
    """Return the page in grey, whole or with only some of its objects; a small page has its size on an A4.

    `unit` is the page's own unit in points. The next look shows all objects again.
    """
    scale = min(LOOK_PIXELS / max(page.get_size()), LOOK_PIXELS / _A4_HEIGHT * unit)
    if alone is None:
        return _render(page, scale)
    addresses = {_address(item) for item in alone}
    _show(page, addresses)
    try:
        return _render(page, scale, may_draw_forms=False, draw_annots=False)
    finally:
        _show(page, None)


def _render(page: Any, scale: float, **options: bool) -> Image:
    picture: Image = page.render(scale=scale, grayscale=True, **options).to_pil().convert("L")
    return picture


def _show(page: Any, shown: set[int] | None) -> None:
    """Hide every object of the page, in any form, except these; `None` shows all."""
    import pypdfium2.raw as pdfium_c

    for item in page.get_objects(max_depth=_FORMS):
        if item.type != pdfium_c.FPDF_PAGEOBJ_FORM:
            pdfium_c.FPDFPageObj_SetIsActive(item, shown is None or _address(item) in shown)


def _address(item: Any) -> int:
    from ctypes import addressof

    return addressof(item.raw.contents)
