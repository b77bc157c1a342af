"""The directory that a simulated reader lives in. Project-defined.

    flash.bin    the NOR image, changed in place
    device.key   32 random bytes: the fused secret that the image's records are sealed with
    flash.check  the image's CRC-32 as it was left; absent while a program uses the reader
    slots.json   which card files are in the slots
    cards.json   which card files the names in snapshots stand for; only here, since snapshots travel
    state.json   the format's version and what the other parts must match; written last, marks completion
    lock         locked while a program uses the reader

Everything is readable by its owner only. Existing parts are never recreated: a directory with a missing or
damaged part, or from a newer version, is refused with advice. A killed program leaves no flash.check, and
then only the flash's own checks protect its contents.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from zlib import crc32

from tla_sim.host.part_file import sweep
from tla_sim.host.regular_file import open_regular
from tla_sim.host.whole_file import sync_directory, with_path
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import ReaderHeld
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.flash import DEFAULT_SIZE, NorFlash
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.state_contents import make_contents, open_contents
from tla_sim.tools.simulator.state_files import (
    CARDS,
    CHECK,
    FLASH,
    FORMAT,
    KEY,
    LOCK,
    SLOTS,
    STATE,
    NotAStateDirectory,
    StateDamaged,
    StateError,
    StateNewer,
    StateUnreachable,
    damage,
    read_json,
    refusal,
    write_json,
)

__all__ = [
    "FORMAT",
    "SLOT_WORDS",
    "NotAStateDirectory",
    "StateDamaged",
    "StateDirectory",
    "StateError",
    "StateNewer",
    "StateUnreachable",
]

SLOT_WORDS: Final = {"cps": Slot.PS, "vitale": Slot.VITALE}
"""The names of the slots in scripts, in URLs and in slots.json."""

_PARTS: Final = (FLASH, CHECK, KEY, SLOTS, CARDS, STATE)
_OLD_PART: Final = re.compile(rf"\.(?:{'|'.join(map(re.escape, _PARTS))})\.[a-z0-9_]{{8}}")
"""The temporary names that earlier versions gave to a part while writing it."""
_NO_NAMES: Final = Sentence("Delete it: cards of snapshots get new files then, and no invoice is lost")
_EMPTY_SLOTS: Final = Sentence("Delete it: both slots are then empty, and no invoice is lost")


class StateDirectory:
    """A reader's directory, locked and with its flash mapped until `close`.

    `flash` is the mapped image, `device_key` its secret. When opened by `look`, changes to the flash are
    discarded.
    """

    def __init__(
        self, path: Path, lock: int, flash: NorFlash, mapped: mmap.mmap, device_key: bytes, looking: bool
    ) -> None:
        self.path = path
        self.flash = flash
        self.device_key = device_key
        self._lock = lock
        self._mapped = mapped
        self._looking = looking
        self._open = True

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        flash_bytes: int = DEFAULT_SIZE,
        device_key: bytes | None = None,
    ) -> Self:
        """Open the reader in a directory, created on first use with a blank flash of `flash_bytes` bytes.

        A new one has a random device key, unless one is given.

        Raises ReaderHeld when another program has it open; StateNewer, StateDamaged, NotAStateDirectory
        or StateUnreachable when it cannot be used; ValueError for an unsupported flash size.
        """
        return cls._take(Path(path).absolute(), flash_bytes, device_key, looking=False)

    @classmethod
    def look(cls, path: str | os.PathLike[str]) -> Self:
        """Open the reader in a directory for inspection: nothing is changed on the disk.

        Raises as `open`, and NotAStateDirectory when the directory has no reader.
        """
        home = Path(path).absolute()
        if not os.path.lexists(home / STATE):
            raise NotAStateDirectory("There is no reader in {path}", "Check the path", path=path)
        return cls._take(home, DEFAULT_SIZE, None, looking=True)

    @classmethod
    def _take(cls, home: Path, flash_bytes: int, device_key: bytes | None, *, looking: bool) -> Self:
        lock = -1
        try:
            _claim(home)
            lock = _lock(home)
            if not looking:
                _clean(home)
            if not os.path.lexists(home / STATE):
                make_contents(home, flash_bytes, device_key)
            contents = open_contents(home, mmap.ACCESS_COPY if looking else mmap.ACCESS_WRITE)
            # The check must be off the disk before the flash changes: stale, it would condemn the reader
            # of a killed program as damaged.
            if os.path.lexists(home / CHECK) and not looking:
                (home / CHECK).unlink()
                sync_directory(home)
            return cls(home, lock, *contents, looking)
        except OSError as error:
            _unlock(lock)
            raise _unreachable(error, home) from None
        except BaseException:
            _unlock(lock)
            raise

    @property
    def slots(self) -> dict[Slot, Path]:
        """The card files in the slots. Raises StateDamaged, StateNewer, StateUnreachable."""
        file = self.path / SLOTS
        data = read_json(file, _EMPTY_SLOTS) or {}
        found = {word: data.get(word) for word in SLOT_WORDS}
        if any(name is not None and not isinstance(name, str) for name in found.values()):
            raise damage(file, Sentence("a slot holds no path"), _EMPTY_SLOTS)
        return {SLOT_WORDS[word]: Path(name) for word, name in found.items() if name}

    def keep_slots(self, cards: dict[Slot, Path]) -> None:
        """Record which card files are in the slots. Raises StateUnreachable."""
        paths = {word: cards.get(slot) for word, slot in SLOT_WORDS.items()}
        data = {word: path and str(path.absolute()) for word, path in paths.items()}
        write_json(self.path / SLOTS, data)

    @property
    def card_files(self) -> dict[str, Path]:
        """The card files by their names in snapshots. Raises StateDamaged, StateNewer, StateUnreachable."""
        file = self.path / CARDS
        data = read_json(file, _NO_NAMES) or {}
        found = data.get("files", {})
        if not isinstance(found, dict) or any(not isinstance(path, str) for path in found.values()):
            raise damage(file, Sentence("a name stands for no path"), _NO_NAMES)
        return {name: self.path / path for name, path in found.items()}

    def keep_card_files(self, files: dict[str, Path]) -> None:
        """Record which card files names in snapshots stand for. Raises StateUnreachable."""
        here = {
            name: path.relative_to(self.path) if path.is_relative_to(self.path) else path.absolute()
            for name, path in files.items()
        }
        write_json(self.path / CARDS, {"files": {name: str(path) for name, path in here.items()}})

    def sync(self) -> None:
        """Write the flash through to the disk. Raises StateUnreachable."""
        try:
            self._mapped.flush()
        except OSError as error:
            raise _unreachable(with_path(error, self.path / FLASH), self.path) from None

    def close(self) -> None:
        """Write the flash to the disk and release the reader. The flash must not be used afterwards.

        Raises StateUnreachable when the flash cannot be written; the reader is released all the same.
        """
        if not self._open:
            return
        self._open = False
        try:
            self.sync()
            if not self._looking:
                with contextlib.suppress(StateUnreachable):  # without the check the reader opens all the same
                    write_json(self.path / CHECK, {"crc32": crc32(self._mapped)})
        finally:
            self.flash.close()
            self._mapped.close()
            _unlock(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"StateDirectory({str(self.path)!r})"


def _claim(home: Path) -> None:
    """Create the directory if need be; refuse one with files that are not a reader's."""
    if os.path.lexists(home) and not home.is_dir():
        raise NotAStateDirectory("{home} is a file, not a directory", "Name another path", home=home)
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            home.mkdir(mode=0o700)
    ours = (*_PARTS, LOCK)
    names = sorted(entry.name for entry in home.iterdir())
    if STATE not in names and any(name not in ours and not _temporary(name) for name in names):
        raise NotAStateDirectory(
            "{home} holds other files and no reader",
            "Name a new or empty directory, or a reader's",
            home=home,
        )


def _temporary(name: str) -> bool:
    return any(name.startswith(f".{ours}.") for ours in _PARTS)


def _clean(home: Path) -> None:
    """Remove the temporary files of a killed program. Call it with the lock held: no other program writes
    here then."""
    sweep(home)
    for entry in home.iterdir():
        if _OLD_PART.fullmatch(entry.name) and entry.is_file():
            entry.unlink()


def _unreachable(error: OSError, home: Path) -> StateUnreachable:
    return StateUnreachable(
        "{path}: {reason}",
        "Check the path, its permissions and the space on its disk",
        path=error.filename or home,
        reason=error.strerror or error,
    )


def _lock(home: Path) -> int:
    file = home / LOCK
    try:
        handle = open_regular(file, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise refusal(error, file, Sentence("Delete it: it will be created again")) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
        os.close(handle)
        who = Sentence(" (process {holder})", holder=holder) if holder.isdigit() else ""
        raise ReaderHeld(
            "The reader in {home} is held by another application{who}",
            Status.READER_HELD.en_action,
            home=home,
            who=who,
        ) from None
    except BaseException:
        os.close(handle)
        raise
    return handle


def _unlock(handle: int) -> None:
    if handle >= 0:
        os.close(handle)
