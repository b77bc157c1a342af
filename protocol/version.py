"""Versions of reader software, as the field writes them: 1.40."""

from __future__ import annotations

from typing import Final, NamedTuple


class Version(NamedTuple):
    """A version of reader software: major, minor (two digits when written)."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor:02}"


V1_31: Final = Version(1, 31)
V1_40: Final = Version(1, 40)
