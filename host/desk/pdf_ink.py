"""Which layers of a page carry the ink that a person reads.

Strokes are looked for: what is darker or lighter than its surroundings on both sides. A page is divided into
cells of some five millimetres; one counts as written by the layer whose strokes it shows. A background, a
picture or a stamp may be as coarse as it likes while the writing is in text, in lines or in finer images. How
this is measured is Project-defined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image

_DEPTH: Final = 40
_STROKE_STEPS: Final = (1, 2, 4)
"""Their sum is the greatest width of a stroke, in points of the page as it is looked at: some 2.5 mm."""

_CELL: Final = 16
_LEAST: Final = 4
"""Of the 255 that a cell full of strokes has: four points in 256."""

_MOST: Final = 140
"""More strokes than this in a cell are a texture and no writing."""

_PAPER_RANGE: Final = 64
_COARSE_SHARE: Final = 0.25
"""Of the written cells of a page, more than this in a coarse layer alone make the page a coarse scan."""

_TEXTURE: Final = 0.9
"""Strokes in more of a picture's cells than this are a photograph: written pages have margins."""

_TEXT: Final = 40
"""So many cells of other writing carry a page in spite of a photograph: some four lines."""


@dataclass(frozen=True)
class Looks:
    """Grey pictures of one page, all of one size."""

    whole: Image
    coarse: Image
    """Its coarse images alone."""

    above: Image
    """What is drawn after the last large one of these, alone."""

    masks: Image | None
    """The finer masks alone of coarse images, in their places, if there are any."""

    share: float
    """Of the page, what its coarse images cover."""


def coarse_carries_ink(looks: Looks) -> bool:
    """Whether a page is read from its coarse images."""
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
    """By how much each point is darker, and lighter, than what lies on both sides of it."""
    from PIL import ImageChops

    opened = _spread(_spread(picture, ImageChops.darker, 1), ImageChops.lighter, -1)
    return ImageChops.subtract(_ground(picture), picture), ImageChops.subtract(picture, opened)


def _ground(picture: Image) -> Image:
    """The picture without its dark strokes: a morphological closing."""
    from PIL import ImageChops

    return _spread(_spread(picture, ImageChops.lighter, 1), ImageChops.darker, -1)


def _spread(picture: Image, choose: Callable[[Image, Image], Image], sign: int) -> Image:
    """Each point as the lightest or darkest of a square that has it in one corner."""
    from PIL import ImageChops

    for step in _STROKE_STEPS:
        picture = choose(picture, ImageChops.offset(picture, sign * step, 0))
        picture = choose(picture, ImageChops.offset(picture, 0, sign * step))
    return picture


def _cells(strokes: Image, most: int = 255) -> Image:
    """The cells that show strokes, 255 each, the others 0."""
    deep = strokes.point([255 if level > _DEPTH else 0 for level in range(256)])
    return deep.reduce(_CELL).point([255 if _LEAST <= level <= most else 0 for level in range(256)])


def _on_paper(picture: Image) -> Image:
    """The cells whose ground is about as light as the page's paper, 255 each, the others 0."""
    ground = _ground(picture).reduce(_CELL)
    levels = ground.histogram()
    paper = max(range(256), key=levels.__getitem__)
    return ground.point([255 if abs(level - paper) <= _PAPER_RANGE else 0 for level in range(256)])
