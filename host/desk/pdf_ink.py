"""Which layers of a page carry its readable ink.

Strokes are looked for: pixels darker or lighter than their surroundings on both sides. A page is divided into
cells of some five millimetres, and each cell with strokes is attributed to the layer that shows them. A
background, a picture or a stamp may be as coarse as it likes while the writing is in text, in lines or in
finer images. The measures are Project-defined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image

_DEPTH: Final = 40
_STROKE_STEPS: Final = (1, 2, 4)
"""Their sum is the greatest width of a stroke, in pixels of the page's picture: some 2.5 mm."""

_CELL: Final = 16
_LEAST: Final = 4
"""The least mean of a written cell, of 255 for a cell full of strokes: four pixels in 256."""

_MOST: Final = 140
"""More strokes than this in a cell are a texture, not writing."""

_PAPER_RANGE: Final = 64
_COARSE_SHARE: Final = 0.25
"""The share of written cells that, when only a coarse layer has them, makes the page a coarse scan."""

_TEXTURE: Final = 0.9
"""The share of a picture's cells above which strokes are a photograph: written pages have margins."""

_TEXT: Final = 40
"""The number of cells of other writing that carry a page in spite of a photograph: some four lines."""


@dataclass(frozen=True)
class Looks:
    """Grey pictures of one page, all of the same size."""

    whole: Image
    coarse: Image
    """The page's coarse images alone."""

    above: Image
    """Only what is drawn after the last large one of these."""

    masks: Image | None
    """Only the finer masks of coarse images, in their places, if there are any."""

    share: float
    """The part of the page that its coarse images cover."""


def coarse_carries_ink(looks: Looks) -> bool:
    """Return whether the page's writing is in its coarse images."""
    from PIL import ImageChops

    dark, light = _strokes(looks.whole)
    shown = ImageChops.lighter(dark, light)
    changed = ImageChops.difference(looks.whole, looks.coarse)
    above = ImageChops.lighter(*_strokes(looks.above))
    fine = _cells(ImageChops.darker(shown, ImageChops.lighter(changed, above)))
    if looks.masks is not None:
        masked = _cells(ImageChops.lighter(*_strokes(looks.masks)))
        fine = ImageChops.lighter(fine, ImageChops.darker(masked, _cells(shown)))
    finely = _count(fine)
    if finely == 0:
        return True
    coarse_dark, coarse_light = _strokes(looks.coarse)
    texture = _cells(ImageChops.lighter(coarse_dark, coarse_light))
    if _count(texture) > _TEXTURE * looks.share * texture.width * texture.height:
        return finely < _TEXT
    rough = ImageChops.darker(_cells(ImageChops.darker(coarse_dark, dark), _MOST), _on_paper(looks.coarse))
    roughly = _count(ImageChops.subtract(rough, fine))
    return roughly > _COARSE_SHARE * (finely + roughly)


def _count(cells: Image) -> int:
    return cells.histogram()[255]


def _strokes(picture: Image) -> tuple[Image, Image]:
    """Return by how much each pixel is darker, and lighter, than its surroundings on both sides."""
    from PIL import ImageChops

    opened = _spread(_spread(picture, ImageChops.darker, 1), ImageChops.lighter, -1)
    return ImageChops.subtract(_ground(picture), picture), ImageChops.subtract(picture, opened)


def _ground(picture: Image) -> Image:
    """Return the picture without its dark strokes: a morphological closing."""
    from PIL import ImageChops

    return _spread(_spread(picture, ImageChops.lighter, 1), ImageChops.darker, -1)


def _spread(picture: Image, choose: Callable[[Image, Image], Image], sign: int) -> Image:
    """Return each pixel as the lightest or darkest of a square that has it in one corner."""
    from PIL import ImageChops

    for step in _STROKE_STEPS:
        picture = choose(picture, ImageChops.offset(picture, sign * step, 0))
        picture = choose(picture, ImageChops.offset(picture, 0, sign * step))
    return picture


def _cells(strokes: Image, most: int = 255) -> Image:
    """Return the cells that show strokes as 255, the others as 0."""
    deep = strokes.point([255 if level > _DEPTH else 0 for level in range(256)])
    return deep.reduce(_CELL).point([255 if _LEAST <= level <= most else 0 for level in range(256)])


def _on_paper(picture: Image) -> Image:
    """Return the cells whose ground is about as light as the page's paper as 255, the others as 0."""
    ground = _ground(picture).reduce(_CELL)
    levels = ground.histogram()
    paper = max(range(256), key=levels.__getitem__)
    return ground.point([255 if abs(level - paper) <= _PAPER_RANGE else 0 for level in range(256)])
