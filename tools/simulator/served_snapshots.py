"""The moments that are kept of a reader served by another process, as files."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from tla_sim.tools.simulator.control.snapshots import check_name, name_for, unknown_snapshot
from tla_sim.tools.simulator.history.snapshot_file import SUFFIX, read_snapshot, write_snapshot


class ServedSnapshots:
    """Snapshots in a folder, taken and gone to by lines of the visit script, which `say` sends."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the snapshots in the folder."""
        return tuple(sorted(file.name.removesuffix(SUFFIX) for file in self._folder.glob(f"*{SUFFIX}")))

    def save(self, name: str) -> None:
        """Keep the present moment. Raises BadSnapshotName, NotDone, NotServed."""
        check_name(name)
        self._say(f"save {shlex.quote(str(self._file(name)))}")

    def restore(self, name: str) -> None:
        """Go to a moment. Raises UnknownSnapshot, NotDone, NotServed."""
        self._say(f"restore {shlex.quote(str(self._known(name)))}")

    def forget(self, name: str) -> None:
        """Remove a snapshot. Raises UnknownSnapshot."""
        self._known(name).unlink()

    def write(self, name: str, path: Path) -> None:
        """Write a snapshot to another file. Raises UnknownSnapshot, SnapshotUnwritable."""
        write_snapshot(path, read_snapshot(self._known(name)))

    def read(self, path: Path) -> str:
        """Keep the snapshot in a file and return its name. Raises as `read_snapshot`."""
        snapshot = read_snapshot(path)
        name = name_for(snapshot.name, path)
        write_snapshot(self._file(name), snapshot)
        return name

    def _known(self, name: str) -> Path:
        if name not in self.names:
            raise unknown_snapshot(name)
        return self._file(name)

    def _file(self, name: str) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder.absolute() / f"{name}{SUFFIX}"
