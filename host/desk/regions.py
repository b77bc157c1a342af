"""Connected regions of a mask: which of them touch the picture's border, and their sizes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image

_RUN: Final = re.compile(b"\xff+")


@dataclass(slots=True)
class Region:
    """Runs of pixels, each a row with its first column and the one behind its last."""

    runs: list[tuple[int, int, int]] = field(default_factory=list)
    at_border: bool = False

    @property
    def points(self) -> int:
        """The number of pixels."""
        return sum(end - begin for _, begin, end in self.runs)


def regions_of(mask: Image) -> list[Region]:
    """Return the regions of a mask of 0 and 255 whose pixels touch by their sides."""
    width, height = mask.size
    points = mask.tobytes()
    runs: list[tuple[int, int, int]] = []
    parents: list[int] = []
    above: list[int] = []
    for row in range(height):
        here: list[int] = []
        for found in _RUN.finditer(points, row * width, (row + 1) * width):
            begin, end = found.start() - row * width, found.end() - row * width
            number = len(runs)
            runs.append((row, begin, end))
            parents.append(number)
            here.append(number)
            for other in above:
                if runs[other][1] < end and begin < runs[other][2]:
                    parents[_root(parents, other)] = _root(parents, number)
        above = here
    regions: dict[int, Region] = {}
    for number, run in enumerate(runs):
        region = regions.setdefault(_root(parents, number), Region())
        region.runs.append(run)
        region.at_border |= run[0] in (0, height - 1) or run[1] == 0 or run[2] == width
    return list(regions.values())


def mask_of(regions: list[Region], size: tuple[int, int]) -> Image:
    """Return the mask of 0 and 255 made of some regions."""
    from PIL import Image

    width, height = size
    points = bytearray(width * height)
    for region in regions:
        for row, begin, end in region.runs:
            points[row * width + begin : row * width + end] = b"\xff" * (end - begin)
    return Image.frombytes("L", size, bytes(points))


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number
