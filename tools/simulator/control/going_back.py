"""How a control's reader goes to other moments: screens seen before, times, snapshots."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.moment import moment_text
from tla_sim.tools.simulator.control.control_core import ControlCore
from tla_sim.tools.simulator.control.events import EventKind
from tla_sim.tools.simulator.control.screens import ScreenForgotten, ScreenShown
from tla_sim.tools.simulator.control.snapshots import SnapshotInfo, check_name, name_for
from tla_sim.tools.simulator.history.chapters import HistoryFull
from tla_sim.tools.simulator.history.snapshot_file import (
    build_snapshot,
    parse_snapshot,
    read_snapshot,
    write_snapshot,
)


class BadMoment(TlaError, ValueError):
    """Not one moment is given, to which to go back."""

    category = Category.BAD_INPUT


class GoingBack(ControlCore):
    """The timeline of a control's reader, and its snapshots."""

    def timeline(self, after: int = 0, limit: int | None = None) -> tuple[ScreenShown, ...]:
        """Return the settled screens newer than a revision, the oldest first, of the newest 10,000."""
        return self._timeline.after(after, limit)

    def screen_at(self, revision: int) -> ScreenShown:
        """Return the screen of a revision. Raises ScreenForgotten."""
        return self._timeline.at(revision)

    def rewind(self, revision: int | None = None, clock_ms: int | None = None) -> ScreenShown:
        """Go back to a screen of the timeline, or to a time of the reader's clock. Return the settled screen.

        It is shown under a new revision, and later ones are forgotten. The present is kept as a snapshot
        first. Hosts' sessions end. Raises BadMoment, ScreenForgotten, HistoryFull, MomentForgotten.
        """
        if (revision is None) == (clock_ms is None):
            raise BadMoment("A moment is a revision or a time of the clock", "Give one of the two")
        if revision is not None:
            self._go_back(self._timeline.at(revision).step, f"before rewind to {revision}")
        elif clock_ms is not None:
            if clock_ms > self.clock_ms:
                raise ScreenForgotten("That time has not come yet", "Take an earlier time, or let time pass")
            moment = self._moments.at(clock_ms)
            if moment is None:
                raise ScreenForgotten(
                    "Nothing is known of that time", "Take a later time, or a revision of the timeline"
                )
            self._go_back(moment.step, f"before rewind to {moment_text(clock_ms).replace(':', '.')}")
            if clock_ms > self.clock_ms:
                self.reader.tick(clock_ms - self.clock_ms)
        return self.screen

    def save(self, name: str) -> SnapshotInfo:
        """Keep the present moment under a name, in place of an older one of that name.

        Raises BadSnapshotName, TooManySnapshots, HistoryFull.
        """
        check_name(name)
        info = self._snapshots.keep(name, self.reader.snapshot(name), self.screen)
        self._emit(EventKind.SNAPSHOT, name)
        return info

    def restore(self, name: str) -> ScreenShown:
        """Go to the moment that is kept under a name. Return the settled screen.

        The present is kept as a snapshot first. Hosts' sessions end. Raises UnknownSnapshot, OtherGeometry,
        OtherReader, UnknownProfile.
        """
        snapshot = self._snapshots.find(name)
        snapshot.check_fits(self.reader)
        self._keep_present(f"before restore of {name}"[:64])
        try:
            self.reader.restore(snapshot)
        except TlaError:
            self._look()
            raise
        return self.screen

    @property
    def snapshots(self) -> tuple[SnapshotInfo, ...]:
        """The moments that are kept, the oldest first."""
        return tuple(self._snapshots)

    def forget(self, name: str) -> None:
        """Forget a snapshot. Raises UnknownSnapshot."""
        self._snapshots.forget(name)
        self._emit(EventKind.SNAPSHOT, name)

    def snapshot_image(self, name: str) -> bytes:
        """Return the bytes of a snapshot's file. Raises UnknownSnapshot."""
        return build_snapshot(self._snapshots.find(name))

    def add_snapshot(self, name: str, image: bytes) -> SnapshotInfo:
        """Keep the snapshot of a file's bytes under a name.

        Raises SnapshotRefused, BadSnapshotName, TooManySnapshots.
        """
        info = self._snapshots.keep(name, parse_snapshot(image))
        self._emit(EventKind.SNAPSHOT, name)
        return info

    def write_snapshot(self, name: str, path: Path) -> None:
        """Write a snapshot to a file that other machines open, readable by its owner only.

        It holds the test keys of cards and reader. Raises UnknownSnapshot, SnapshotUnwritable.
        """
        write_snapshot(path, self._snapshots.find(name))

    def read_snapshot(self, path: Path) -> SnapshotInfo:
        """Keep the snapshot in a file. Return what is told of it.

        Raises FileUnusable, NotASnapshot, SnapshotNewer, SnapshotDamaged, TooManySnapshots.
        """
        snapshot = read_snapshot(path)
        info = self._snapshots.keep(name_for(snapshot.name, path), snapshot)
        self._emit(EventKind.SNAPSHOT, info.name)
        return info

    def _go_back(self, step: int, keep_as: str) -> None:
        self._keep_present(keep_as)
        try:
            self.reader.rewind(step)
        except TlaError:
            self._look()  # a history that does not repeat leaves the reader off
            raise

    def _keep_present(self, name: str) -> None:
        # What cannot be kept must not keep anybody from going back.
        with suppress(HistoryFull):
            self._snapshots.keep(name, self.reader.snapshot(name), self.screen, automatic=True)
            self._emit(EventKind.SNAPSHOT, name)

    def _restored(self) -> None:
        """Take note that the reader is at another moment now."""
        reader = self.reader
        self._controlled.find_cards()
        self._ports.forget_commands()
        self._last_ms = reader.board.clock.now_ms
        self._timeline.drop_after(reader.step)
        self._moments.drop_after(reader.step)
        shown = self._timeline.show(self._last_ms, reader.display, reader.on, reader.step, again=True)
        self._seen = self._state()
        self._moments.add(reader.step, self._last_ms)
        self._rules.settle(self.screen)
        self._emit(EventKind.REWOUND, shown)
        self._waits.see(self.screen)
        self.on_rewound()
