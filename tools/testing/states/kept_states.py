"""The states that tests have brought about in this process, each in a file until the run ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tla_sim.tools.simulator.passing_folder import PassingFolder
    from tla_sim.tools.simulator.simulated_reader import SimulatedReader


@dataclass(frozen=True)
class Run:
    """A provider that has run, with the reports that pytest has not been given yet."""

    reports: tuple[pytest.TestReport, ...]

    @property
    def outcome(self) -> str:
        """`failed`, `skipped` or `passed`."""
        outcomes = [report.outcome for report in self.reports]
        return next((each for each in ("failed", "skipped") if each in outcomes), "passed")

    @property
    def told(self) -> str:
        """What pytest says about the failure."""
        return "\n".join(report.longreprtext for report in self.reports if report.failed)


class KeptStates:
    """Files with the states of readers, by name. They hold test keys, and nobody else may read them."""

    def __init__(self) -> None:
        self._folder: PassingFolder | None = None
        self._files: dict[str, Path] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def keep(self, name: str, reader: SimulatedReader) -> None:
        """Keep the present state of a reader under a name."""
        from tla_sim.tools.simulator.history.snapshot_file import write_snapshot
        from tla_sim.tools.simulator.passing_folder import PassingFolder

        if self._folder is None:
            self._folder = PassingFolder("tla-states-")
        path = self._folder.path / f"{len(self._files)}.tla-snapshot"
        write_snapshot(path, reader.control.reader.snapshot(name))
        self._files[name] = path

    def give(self, name: str, reader: SimulatedReader) -> None:
        """Bring a reader into the state of this name, without the cables, whose hosts are gone."""
        from tla_sim.tools.simulator.history.snapshot_file import read_snapshot

        reader.control.reader.restore(read_snapshot(self._files[name]))
        reader.unplug()

    def close(self) -> None:
        """Forget all states."""
        self._files.clear()
        if self._folder is not None:
            self._folder.close()
            self._folder = None


STATES: Final = pytest.StashKey[KeptStates]()
"""Where a pytest configuration keeps its states."""
