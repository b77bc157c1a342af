"""Exclusivity: resources that one program keeps to itself, each by itself, or with its reader or channel."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.server.galss.numbers import Draw, draw_number
from tla_sim.protocol.lad import Lad

MAX_AREAS: Final = 8
"""Resources in one exclusivity. Project-defined."""

_SEPARATORS: Final = re.compile(r"[,; ]+")
_PAIR: Final = re.compile(r"([0-9]{1,5}):([123])", re.ASCII)


class Level(IntEnum):
    """How much is held with a resource. This server has one reader, so that the first two are the same."""

    CHANNEL = 1
    PAD = 2
    LAD = 3


class Wanted(NamedTuple):
    """A session, and how much around its resource is to be held."""

    session: int
    level: Level


class HeldByAnother(CallRefused):
    """Another session holds the resource; `application` and `resource` say which."""

    def __init__(self, code: SsvCode, application: str, resource: str) -> None:
        super().__init__(
            code,
            "The application {application} holds {resource}",
            "Wait, then call again",
            application=application,
            resource=resource,
        )
        self.application = application
        self.resource = resource


@dataclass(frozen=True)
class Area:
    """What an exclusivity holds: who, by which session of which name, at which place and how far."""

    owner: object
    session: int
    application: str
    resource: str
    lad: Lad
    level: Level

    def covers(self, lad: Lad, level: Level = Level.LAD) -> bool:
        """Whether it holds any of what that place and level name."""
        alone = self.level is Level.LAD and level is Level.LAD
        return self.lad is lad or not alone


def parse_wanted(text: str) -> tuple[Wanted, ...]:
    """Return what "session:level" says, several with commas, semicolons or blanks between them.

    The signs between several are inferred. Raises CallRefused with 4000.
    """
    found = [_PAIR.fullmatch(each) for each in _SEPARATORS.split(text.strip()) if each]
    pairs = [Wanted(int(match[1]), Level(int(match[2]))) for match in found if match is not None]
    sessions = {each.session for each in pairs}
    if len(pairs) != len(found) or not 1 <= len(pairs) <= MAX_AREAS or len(sessions) != len(pairs):
        raise CallRefused(
            SsvCode.PARAMETER, "The resources of an exclusivity cannot be read", "Write session:level"
        )
    return tuple(pairs)


class Exclusivities:
    """The exclusivities in force, by number. It is called with the table's lock held."""

    def __init__(self, draw: Draw = secrets.randbelow) -> None:
        self._draw = draw
        self._held: dict[int, tuple[Area, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def is_held(self, lad: int) -> bool:
        """Whether anybody holds a place."""
        return any(area.level is not Level.LAD or area.lad == lad for area in self._areas())

    def check(self, owner: object, lad: Lad, level: Level = Level.LAD) -> None:
        """Check that nobody else holds a place. Raises HeldByAnother with 0004."""
        for area in self._areas():
            if area.owner is not owner and area.covers(lad, level):
                raise HeldByAnother(SsvCode.HELD, area.application, area.resource)

    def begin(self, areas: Sequence[Area]) -> int:
        """Hold all these areas of one owner, or none; return the exclusivity's number.

        Raises HeldByAnother with 0004 for another owner's, with 0008 for the owner's own.
        """
        for wanted in areas:
            self.check(wanted.owner, wanted.lad, wanted.level)
        for wanted in areas:
            for area in self._areas():
                if area.covers(wanted.lad, wanted.level):
                    raise HeldByAnother(SsvCode.HELD_HERE, area.application, area.resource)
        number = draw_number(self._held, self._draw)
        self._held[number] = tuple(areas)
        return number

    def end(self, owner: object, number: int) -> None:
        """End an exclusivity. Raises CallRefused with 1000 for one that this owner does not have."""
        areas = self._held.get(number)
        if areas is None or areas[0].owner is not owner:
            raise CallRefused(
                SsvCode.UNKNOWN_NUMBER, "There is no exclusivity {number}", "Begin one", number=number
            )
        del self._held[number]

    def end_of_session(self, session: int) -> int:
        """End the exclusivity that a session is part of; return its number, 0 for none."""
        for number, areas in self._held.items():
            if any(area.session == session for area in areas):
                del self._held[number]
                return number
        return 0

    def _areas(self) -> list[Area]:
        return [area for areas in self._held.values() for area in areas]
