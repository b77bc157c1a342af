"""Subset Roboto for the care sheet: `python -m tla_sim.tools.maintenance.fonts REGULAR.ttf BOLD.ttf`.

The sheet needs Latin letters, digits and a few signs; subsetting a whole font again for every sheet would
take twice as long as making the sheet. Roboto is Christian Robertson's, Apache License 2.0; the files
come from the PyPI package font-roboto 0.0.1.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from fontTools import subset, ttLib

FOLDER: Final = Path(__file__).resolve().parents[2] / "host" / "desk" / "fonts"
NAMES: Final = ("roboto-latin.ttf", "roboto-latin-bold.ttf")
_SIGNS: Final = "€–—‘’“”…•œŒ☐☑"
_LETTERS: Final = (
    *range(0xA0, 0x180),
    *range(0x218, 0x21C),
    *range(0x1E00, 0x1F00),
    *map(ord, "ƠơƯư"),
)
"""Letters of European languages and of Vietnamese."""


def main(arguments: list[str]) -> int:
    """Write both fonts. Return the exit code, 2 unless two files are named."""
    if len(arguments) != len(NAMES):
        print("usage: python -m tla_sim.tools.maintenance.fonts REGULAR.ttf BOLD.ttf", file=sys.stderr)
        return 2
    for source, name in zip(arguments, NAMES, strict=True):
        options = subset.Options(hinting=False, glyph_names=False, layout_features=[], notdef_outline=True)
        options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern"]
        font = ttLib.TTFont(source)
        cutter = subset.Subsetter(options)
        cutter.populate(
            unicodes=[
                *range(0x20, 0x7F),
                *_LETTERS,
                *map(ord, _SIGNS),
            ]
        )
        cutter.subset(font)
        font.save(FOLDER / name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
