"""The moments of a reader that are kept by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.display import Screen
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.history.cold_image import Origin
from tla_sim.tools.simulator.history.snapshot import Snapshot
from tla_sim.tools.simulator.history.snapshot_file import SUFFIX

MAX_SNAPSHOTS: Final = 50
MAX_AUTOMATIC: Final = 10
_NAME: Final = re.compile(r"[^\W_][\w .,'()+-]{0,63}")


class BadSnapshotName(TlaError, ValueError):
    """The name is not one that a snapshot can have."""

    category = Category.BAD_INPUT


class UnknownSnapshot(TlaError, LookupError):
    """No snapshot of this name is kept."""

    category = Category.BAD_INPUT


class TooManySnapshots(TlaError):
    """No more snapshots are kept of one reader."""

    category = Category.REFUSED


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A moment that is kept: its name, the reader's clock then, what it showed, and what it had begun with.

    `revision` is that of the screen here, 0 for a snapshot that came from elsewhere. An `automatic` one was
    made before the reader went elsewhere in time; the oldest of those are forgotten.
    """

    name: str
    clock_ms: int
    revision: int
    lines: Screen
    on: bool
    origin: Origin
    automatic: bool = False


@dataclass(frozen=True)
class _Kept:
    info: SnapshotInfo
    snapshot: Snapshot = field(repr=False)


class Snapshots:
    """Snapshots by name, the oldest first."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def __iter__(self) -> Iterator[SnapshotInfo]:
        return iter([kept.info for kept in self._kept.values()])

    def keep(
        self, name: str, snapshot: Snapshot, screen: ScreenShown | None = None, *, automatic: bool = False
    ) -> SnapshotInfo:
        """Keep a snapshot, in place of one of the same name. Return what is told of it.

        Raises BadSnapshotName and TooManySnapshots.
        """
        check_name(name)
        if automatic:
            self._make_room()
        elif name not in self._kept and self._count(automatic=False) >= MAX_SNAPSHOTS:
            raise TooManySnapshots(
                "There are {most} snapshots already", "Forget one of them first", most=MAX_SNAPSHOTS
            )
        shown = snapshot.shown
        first, second, third, fourth = shown.lines
        revision = 0 if screen is None else screen.revision
        info = SnapshotInfo(
            name,
            shown.clock_ms,
            revision,
            (first, second, third, fourth),
            shown.on,
            snapshot.cold.origin,
            automatic,
        )
        self._kept.pop(name, None)
        self._kept[name] = _Kept(info, snapshot)
        return info

    def find(self, name: str) -> Snapshot:
        """Return the snapshot of a name. Raises UnknownSnapshot."""
        return self._find(name).snapshot

    def info(self, name: str) -> SnapshotInfo:
        """Return what is told of a snapshot. Raises UnknownSnapshot."""
        return self._find(name).info

    def forget(self, name: str) -> None:
        """Forget a snapshot. Raises UnknownSnapshot."""
        del self._kept[self._find(name).info.name]

    def _find(self, name: str) -> _Kept:
        kept = self._kept.get(name)
        if kept is None:
            raise unknown_snapshot(name)
        return kept

    def _count(self, *, automatic: bool) -> int:
        return sum(kept.info.automatic == automatic for kept in self._kept.values())

    def _make_room(self) -> None:
        made = [name for name, kept in self._kept.items() if kept.info.automatic]
        for name in made[: max(0, len(made) - MAX_AUTOMATIC + 1)]:
            del self._kept[name]


def unknown_snapshot(name: str) -> UnknownSnapshot:
    """Return the error for a name that no snapshot has."""
    return UnknownSnapshot("There is no snapshot {name!r}", "Look at the list", name=name[:80])


def name_for(given: str, file: Path) -> str:
    """Return the name under which to keep a snapshot from a file: its own, or that of the file."""
    for name in (given, file.name.removesuffix(SUFFIX)):
        if _NAME.fullmatch(name):
            return name
    return "snapshot"


def check_name(name: str) -> None:
    """Raise BadSnapshotName unless a snapshot can have this name."""
    if not _NAME.fullmatch(name):
        raise BadSnapshotName(
            "A snapshot cannot be called {name!r}",
            "Use up to 64 letters, digits, blanks and . , ' ( ) + - _, a letter or digit first",
            name=name[:80],
        )
