"""The capabilities of a version of the reader software, as `identify` reports them."""

from __future__ import annotations

from enum import IntEnum


class Capability(IntEnum):
    """Bits of the capability mask of `identify`."""

    PARTIAL_CERTIFICATION = 1
    MULTI_OWNER = 2
    DESK_CERTIFICATION = 4
    DRE = 8
    UPDATE = 16
