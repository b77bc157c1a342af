"""Versions of reader software, written as in the field: 1.40."""

from __future__ import annotations

from typing import Final, NamedTuple


class Version(NamedTuple):
    """A version of reader software: major, and minor, which is written with two digits."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor:02}"


V1_31: Final = Version(1, 31)
V1_40: Final = Version(1, 40)
