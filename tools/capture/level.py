"""What travels below the APDUs. The command line loads this for its help, so it needs next to nothing."""

from __future__ import annotations

from enum import Enum

from tla_sim.protocol.errors import Category, TlaError


class Level(Enum):
    """What travels below the APDUs."""

    T1 = "t1"
    CCID = "ccid"
    VPCD = "vpcd"


class UnknownLevel(TlaError, ValueError):
    """There is no such level below the APDUs."""

    category = Category.BAD_INPUT


def level_named(name: str) -> Level:
    """Return the level of a name. Raises UnknownLevel."""
    try:
        return Level(name)
    except ValueError:
        known = ", ".join(each.value for each in Level)
        raise UnknownLevel("There is no level {name!r}", "Use {known}", name=name, known=known) from None
