"""Members of an enum as a statement names them, for statements that are put together once."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


def codes(members: Iterable[IntEnum]) -> str:
    """Return the numbers of members, with commas between."""
    return ", ".join(str(int(each)) for each in members)
