"""Finding the sheet on a picture, and what is dark around it: a table, an open lid.

The ground is dark, connected with the picture's border, and thicker than any pen stroke; the sheet is the
light rest. How the two are told apart is Project-defined.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tla_sim.host.desk.regions import Region, mask_of, regions_of

if TYPE_CHECKING:
    from PIL.Image import Image

STROKE: Final = 5
"""Half the width of the widest stroke, on a picture of SIDE pixels."""

SIDE: Final = 300
"""The approximate longest side, in pixels, of a picture on which sheet and ground are searched for."""

_DARKER: Final = 80
_DARKEST: Final = 140
_LEAST_GROUND: Final = 0.03
"""Less than this is the scanner's shadow."""

_LIGHT: Final = 0.95
_LEAST_SHEET: Final = 0.01
_LEAST_PART: Final = 0.25
_EDGE: Final = 7


@dataclass(frozen=True)
class Sheet:
    """The sheet on a picture: its mask without its edges, its box, and whether it fills the picture.

    `paper` is the picture without strokes; `pictures` counts the pixels of the sheet that are in large dark
    areas.
    """

    mask: Image = field(repr=False)
    paper: Image = field(repr=False)
    box: tuple[int, int, int, int]
    surrounded: bool
    pictures: int


def find_sheet(picture: Image) -> Sheet | None:
    """Return the sheet on a grey picture of about SIDE pixels, `None` where all but strokes and specks is
    dark."""
    from PIL import Image, ImageFilter

    paper = _without_strokes(picture)
    level = min(_level(paper.histogram(), _LIGHT) - _DARKER, _DARKEST)
    dark = regions_of(paper.point([255 if each < level else 0 for each in range(256)]))
    ground = [each for each in dark if each.at_border]
    pictures = sum(each.points for each in dark if not each.at_border)
    whole = (0, 0, *picture.size)
    if not ground:
        return Sheet(Image.new("L", picture.size, 255), paper, whole, False, pictures)
    around = mask_of(ground, picture.size)
    lights = _light_parts(picture, around, level)
    if not lights:
        return None
    sheet = mask_of(lights, picture.size)
    surrounded = sum(each.points for each in ground) >= _LEAST_GROUND * picture.width * picture.height
    box = sheet.getbbox() if surrounded else None
    sheet.paste(0, mask=around.filter(ImageFilter.MaxFilter(_EDGE)))
    within = sheet.histogram()[255]
    return Sheet(sheet, paper, box or whole, surrounded, min(pictures, within))


def whole_sheet(picture: Image) -> Sheet:
    """Return the picture as a sheet that fills it, such as a photograph printed to the edges."""
    from PIL import Image

    white = Image.new("L", picture.size, 255)
    return Sheet(white, _without_strokes(picture), (0, 0, *picture.size), False, 0)


def _without_strokes(picture: Image) -> Image:
    from PIL import ImageFilter, ImageOps

    # The border is extended in dark, or else a narrow strip of ground at the edge would count as a stroke.
    paper = ImageOps.expand(picture.filter(ImageFilter.MedianFilter(3)), 2 * STROKE, fill=0)
    for _ in range(STROKE):
        paper = paper.filter(ImageFilter.MaxFilter(3))
    for _ in range(STROKE):
        paper = paper.filter(ImageFilter.MinFilter(3))
    return ImageOps.crop(paper, 2 * STROKE)


def _light_parts(picture: Image, ground: Image, level: int) -> list[Region]:
    """Return the mostly light regions that are not ground: light writing on dark does not make a sheet."""
    rest = regions_of(ground.point([255 - each for each in range(256)]))
    least = _LEAST_SHEET * picture.width * picture.height
    parts = [
        each
        for each in rest
        if each.points >= least and _level(picture.histogram(mask_of([each], picture.size)), 0.5) >= level
    ]
    largest = max((each.points for each in parts), default=0)
    return [each for each in parts if each.points >= _LEAST_PART * largest]


def _level(tones: list[int], share: float) -> int:
    """Return the grey level up to which a share of the pixels lies."""
    wanted, passed = share * sum(tones), 0
    for level, count in enumerate(tones):
        passed += count
        if passed >= wanted:
            return level
    return 255
