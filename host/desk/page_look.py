"""Whether a page, as it is looked at, is blank or black. How both are measured is Project-defined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tla_sim.host.desk.errors import PieceRefused

_BLANK_SHARE: Final = 0.0005
_BLACK_SHARE: Final = 0.9
_INK_DEPTH: Final = 40
_BLACK_LEVEL: Final = 64


def check_greys(greys: Sequence[int], where: str) -> None:
    """Refuse a page that is black or blank, by how many of its points have each of 256 grey levels.

    Raises PieceRefused.
    """
    total = sum(greys)
    if sum(greys[:_BLACK_LEVEL]) > _BLACK_SHARE * total:
        raise PieceRefused(f"{where} is black", "Scan it again, with the page facing the glass")
    passed = paper = 0
    while passed <= total // 2:
        passed += greys[paper]
        paper += 1
    ink = sum(greys[: max(paper - _INK_DEPTH, 0)])
    if ink < _BLANK_SHARE * total:
        raise PieceRefused(f"{where} is blank", "Scan the other side, or leave that page out")
