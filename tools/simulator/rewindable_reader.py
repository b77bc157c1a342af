"""Going back in a simulated reader's time: by screen, by clock, and to moments that are kept."""

from __future__ import annotations

import os
from pathlib import Path

from tla_sim.tools.simulator.scripted_reader import ScriptedReader


class RewindableReader(ScriptedReader):
    """The part of `SimulatedReader` that goes to other moments."""

    def rewind(self, *, revision: int | None = None, clock_ms: int | None = None) -> tuple[str, ...]:
        """Go back to a screen of the timeline, or to a time of the reader's clock; return the four lines.

        Cards, clock and flash are as they were then. The present is kept as a snapshot before. Sessions of
        hosts end. Raises BadMoment, ScreenForgotten, HistoryFull, MomentForgotten, and ElsewhereOnly for a
        served reader.

            >>> with tla_sim.SimulatedReader.in_memory() as visit:
            ...     visit.insert_vitale("MARTIN")
            ...     seen = visit.timeline()[-1].revision
            ...     visit.press("VAL")
            ...     visit.rewind(revision=seen)[0]
            'MARTIN PAUL'
        """
        shown = self.control.rewind(revision, clock_ms)
        return tuple(line.rstrip() for line in shown.lines)

    def save(self, name: str) -> None:
        """Keep the present moment under a name, in place of an older one of that name.

        Raises BadSnapshotName, TooManySnapshots, HistoryFull.

            >>> with tla_sim.SimulatedReader.in_memory() as desk:
            ...     desk.save("new")
            ...     desk.insert_ps("PIQURE2969")
            ...     desk.restore("new")
            ...     desk.snapshots
            ('before restore of new', 'new')
        """
        self._body.save(name)

    def restore(self, name: str) -> None:
        """Go to the moment that is kept under a name. Hosts' sessions end; the present is kept before.

        Raises UnknownSnapshot, OtherGeometry, OtherReader, UnknownProfile.
        """
        self._body.restore(name)

    @property
    def snapshots(self) -> tuple[str, ...]:
        """The names of the moments that are kept, in alphabetical order."""
        return tuple(sorted(self._body.snapshots))

    def forget(self, name: str) -> None:
        """Forget a moment. Raises UnknownSnapshot."""
        self._body.forget(name)

    def write_snapshot(self, name: str, file: str | os.PathLike[str]) -> None:
        """Write the moment of a name to a file that other machines open, readable by its owner only.

        It holds the test keys of cards and reader, and no code porteur. Raises UnknownSnapshot,
        SnapshotUnwritable.

            >>> with tla_sim.SimulatedReader.in_memory(seed=1) as here:
            ...     here.save("new")
            ...     here.write_snapshot("new", "new.snapshot")
            >>> with tla_sim.SimulatedReader.in_memory(seed=2) as there:
            ...     there.restore(there.read_snapshot("new.snapshot"))
            ...     serial = there.client().identify().serial_number
            >>> with tla_sim.SimulatedReader.in_memory(seed=1) as again:
            ...     again.client().identify().serial_number == serial
            True
        """
        self._body.write_snapshot(name, Path(file))

    def read_snapshot(self, file: str | os.PathLike[str]) -> str:
        """Keep the moment in a file, and return its name, for `restore`.

        Raises NotASnapshot, SnapshotNewer, SnapshotDamaged, FileUnusable.
        """
        return self._body.read_snapshot(Path(file))
