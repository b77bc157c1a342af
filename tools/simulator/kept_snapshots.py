"""Snapshots of the reader in a state directory, which is switched off: kept beside its state, or in files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tla_sim.host.whole_file import FileUnusable
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.control.snapshots import UnknownSnapshot
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader
from tla_sim.tools.simulator.history.snapshot import Snapshot
from tla_sim.tools.simulator.history.snapshot_file import (
    SUFFIX,
    SnapshotRefused,
    read_header,
    read_snapshot,
    write_snapshot,
)
from tla_sim.tools.simulator.history.snapshot_state import Header
from tla_sim.tools.simulator.kept_reader import KeptReader
from tla_sim.tools.simulator.state_directory import NotAStateDirectory
from tla_sim.tools.simulator.state_files import STATE

FOLDER: Final = "snapshots"
"""The folder of a state directory with the snapshots of its reader."""
_MOST_NAME: Final = 64


class BadSnapshotFile(TlaError):
    """This cannot be the name of a snapshot that is kept beside a reader's state."""

    category = Category.BAD_INPUT


class KeptSnapshot(NamedTuple):
    """A snapshot beside a reader's state; `header` is what is wrong with its file where it cannot be used."""

    name: str
    path: Path
    header: Header | TlaError


def snapshot_path(state: Path, name: str) -> Path:
    """Return the file that a snapshot is in: a path, or a name beside the state. Raises BadSnapshotFile."""
    if os.sep in name or name.endswith(SUFFIX):
        return Path(name)
    if not name or name.startswith(".") or len(name) > _MOST_NAME or not name.isprintable():
        raise BadSnapshotFile(
            "A snapshot cannot be called {name!r}",
            "Give a name of 1 to {most} characters, or a file that ends in {suffix}",
            name=name,
            most=_MOST_NAME,
            suffix=SUFFIX,
        )
    return state / FOLDER / f"{name}{SUFFIX}"


def find_snapshot(state: Path, name: str) -> Path:
    """Return the file with a snapshot: one that is kept under this name, or else the file that is called so.

    Raises BadSnapshotFile, and UnknownSnapshot when there is neither.
    """
    given = Path(name)
    try:
        kept = snapshot_path(state, name)
    except BadSnapshotFile:
        if name and os.path.lexists(given):
            return given
        raise
    if kept == given or os.path.lexists(kept):
        return kept
    if os.path.lexists(given):
        return given
    raise UnknownSnapshot(
        "There is no snapshot {name} in {state}, and no file of this name",
        "Look at the list, or name a .snapshot file by its path",
        name=name,
        state=state,
    )


def save_state(state: Path, path: Path) -> Header:
    """Take a snapshot of the reader in a directory, and return what its file says of itself.

    Raises NotAStateDirectory when there is none, SnapshotUnwritable, and as `KeptReader.open`.
    """
    if not _has_reader(state):
        raise NotAStateDirectory("There is no reader in {path}", "Check the path", path=state)
    if path.parent == state / FOLDER:
        path.parent.mkdir(mode=0o700, exist_ok=True)
    with KeptReader.open(state, recorded=True) as kept:
        write_snapshot(path, kept.recorded.snapshot(path.name.removesuffix(SUFFIX)))
    return read_header(path)


def restore_state(state: Path, path: Path) -> Header:
    """Have the reader in a directory be as in a snapshot, switched off. A new directory gets a new reader.

    Raises FileUnusable, SnapshotRefused, HistoryDiverged, OtherGeometry, OtherReader, and as
    `KeptReader.open`: the directory is unchanged then.
    """
    snapshot = read_snapshot(path)
    _try(snapshot)
    flash_bytes, key = snapshot.cold.flash.array_bytes, snapshot.cold.device_key
    with KeptReader.open(state, flash_bytes=flash_bytes, recorded=True, device_key=key) as kept:
        kept.recorded.restore(snapshot)
    return read_header(path)


def kept_snapshots(state: Path) -> Iterator[KeptSnapshot]:
    """Yield the snapshots beside a reader's state, by name."""
    for path in sorted((state / FOLDER).glob(f"*{SUFFIX}")):
        try:
            told: Header | TlaError = read_header(path)
        except (SnapshotRefused, FileUnusable) as error:
            told = error
        yield KeptSnapshot(path.name.removesuffix(SUFFIX), path, told)


def _has_reader(state: Path) -> bool:
    return os.path.lexists(state / STATE)


def _try(snapshot: Snapshot) -> None:
    """Restore a snapshot in memory first, so that one that leads nowhere changes nothing."""
    flash = NorFlash(blank_image(snapshot.cold.flash.array_bytes))
    board = assemble_board(0, SeededEntropy(0), flash, snapshot.cold.device_key)
    RecordedReader(board, Strikes(FaultPlan())).restore(snapshot)
