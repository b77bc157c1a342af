"""The directory that a simulated reader lives in. Project-defined.

    flash.bin    the NOR image, changed in place
    device.key   32 random bytes: the fused secret that the image's records are sealed with
    flash.check  the image's CRC-32 as it was left, while no program uses the reader
    slots.json   which card files are in the slots
    state.json   the format's version and what the rest must be; written last, the mark of completeness
    lock         held, as long as a program uses the reader

All is readable by its owner only. What is there is never made anew: a directory that lacks a part, holds a
damaged one or comes from a newer version is refused with what to do. A program that is killed leaves no
check behind: the flash's own checks are all there is then.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from zlib import crc32

from tla_sim.host.whole_file import replace_file, sync_directory
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import Category, ReaderHeld, TlaError
from tla_sim.reader_fw.board.board import DEVICE_KEY_BYTES
from tla_sim.reader_fw.board.flash import DEFAULT_SIZE, FlashImageError, NorFlash, blank_image
from tla_sim.reader_fw.board.slots import Slot

FORMAT: Final = 1

SLOT_WORDS: Final = {"cps": Slot.PS, "vitale": Slot.VITALE}
"""The slots as people name them: in scripts, in URLs, in slots.json."""

_FLASH: Final = "flash.bin"
_CHECK: Final = "flash.check"
_KEY: Final = "device.key"
_SLOTS: Final = "slots.json"
_STATE: Final = "state.json"
_LOCK: Final = "lock"
_MAX_JSON: Final = 65_536


class StateError(TlaError):
    """The state directory cannot be used; nothing in it was changed."""

    category = Category.BAD_INPUT


class StateNewer(StateError):
    """A later version of this program made it."""


class StateDamaged(StateError):
    """A part is missing, or is not what the others say it is."""


class NotAStateDirectory(StateError):
    """The path is something else."""


class StateUnreachable(StateError):
    """The system refuses to read or write it."""


@dataclass(frozen=True)
class _State:
    """What state.json says: bytes of flash, and the start of the device key's SHA-256 in hex."""

    flash_bytes: int
    key_check: str


class StateDirectory:
    """A reader's directory, locked and its flash mapped, until `close`.

    `flash` is the mapped image; `device_key` its secret. Where it is only looked at, what the reader does to
    its flash is forgotten.
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
    def open(cls, path: str | os.PathLike[str], flash_bytes: int = DEFAULT_SIZE) -> Self:
        """The reader in a directory; on first use the directory is made, with a blank flash of `flash_bytes`.

        Raises ReaderHeld when another program has it open; StateNewer, StateDamaged, NotAStateDirectory
        or StateUnreachable when it cannot be used; ValueError for a size that no flash has.
        """
        return cls._taken(Path(path).absolute(), flash_bytes, looking=False)

    @classmethod
    def look(cls, path: str | os.PathLike[str]) -> Self:
        """The reader in a directory, to look at: nothing of it is ever changed on the disk.

        Raises as `open`, NotAStateDirectory also where no reader is.
        """
        home = Path(path).absolute()
        if not (home / _STATE).is_file():
            raise NotAStateDirectory(f"There is no reader in {path}", "Check the path")
        return cls._taken(home, DEFAULT_SIZE, looking=True)

    @classmethod
    def _taken(cls, home: Path, flash_bytes: int, *, looking: bool) -> Self:
        lock = -1
        try:
            _claim(home)
            lock = _lock(home)
            if not (home / _STATE).exists():
                _create(home, flash_bytes)
            contents = _contents(home, mmap.ACCESS_COPY if looking else mmap.ACCESS_WRITE)
            if (home / _CHECK).exists() and not looking:
                (home / _CHECK).unlink()
                sync_directory(home)
            return cls(home, lock, *contents, looking)
        except OSError as error:
            _unlock(lock)
            raise StateUnreachable(
                f"{error.filename or home}: {error.strerror or error}",
                "Check the path, its permissions and the space on its disk",
            ) from None
        except BaseException:
            _unlock(lock)
            raise

    @property
    def slots(self) -> dict[Slot, Path]:
        """The card files that are in the slots. Raises StateDamaged, StateNewer, StateUnreachable."""
        file = self.path / _SLOTS
        try:
            data = _read_json(file, "Delete it: both slots are then empty, and no invoice is lost")
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                return {}
            raise StateUnreachable(f"{file}: {error.strerror}", "Check its permissions") from None
        found = {word: data.get(word) for word in SLOT_WORDS}
        if any(name is not None and not isinstance(name, str) for name in found.values()):
            raise _damaged(file, "a slot holds no path", "Delete it: both slots are then empty")
        return {SLOT_WORDS[word]: Path(name) for word, name in found.items() if name}

    def keep_slots(self, cards: dict[Slot, Path]) -> None:
        """Remember which card files are in the slots. Raises StateUnreachable."""
        paths = {word: cards.get(slot) for word, slot in SLOT_WORDS.items()}
        data = {word: path and str(path.absolute()) for word, path in paths.items()}
        _write_json(self.path / _SLOTS, data)

    def sync(self) -> None:
        """Have the flash reach the disk."""
        self._mapped.flush()

    def close(self) -> None:
        """Let the flash reach the disk, and others use the reader. Nothing of the flash may be used after."""
        if not self._open:
            return
        self._open = False
        try:
            self._mapped.flush()
            check = crc32(self._mapped)
            self.flash.close()
            self._mapped.close()
            if not self._looking:
                with contextlib.suppress(StateUnreachable):  # a full disk costs the check, not the reader
                    _write_json(self.path / _CHECK, {"crc32": check})
        finally:
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
    """Make sure that the directory is there and is a reader's, or empty."""
    if home.exists() and not home.is_dir():
        raise NotAStateDirectory(f"{home} is a file, not a directory", "Name another path")
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            home.mkdir(mode=0o700)
    ours = (_FLASH, _CHECK, _KEY, _SLOTS, _STATE, _LOCK)
    names = sorted(entry.name for entry in home.iterdir())
    if _STATE not in names and any(name not in ours and not _temporary(name) for name in names):
        raise NotAStateDirectory(
            f"{home} holds other files and no reader", "Name a new or empty directory, or a reader's"
        )


def _temporary(name: str) -> bool:
    return any(name.startswith(f".{ours}.") for ours in (_FLASH, _CHECK, _KEY, _SLOTS, _STATE))


def _lock(home: Path) -> int:
    handle = os.open(home / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
        os.close(handle)
        who = f" (process {holder})" if holder.isdigit() else ""
        raise ReaderHeld(
            f"The reader in {home} is held by another application{who}", Status.READER_HELD.en_action
        ) from None
    except BaseException:
        os.close(handle)
        raise
    return handle


def _unlock(handle: int) -> None:
    if handle >= 0:
        os.close(handle)


def _create(home: Path, flash_bytes: int) -> None:
    """Make what is missing of a directory whose making was never completed."""
    flash, key = home / _FLASH, home / _KEY
    if flash.exists() and not _is_blank(flash):
        raise _damaged(home / _STATE, "it is missing beside a flash that was used", "Restore it from a copy")
    image = bytes(blank_image(flash_bytes))
    home.chmod(0o700)
    if not key.exists() or key.stat().st_size != DEVICE_KEY_BYTES:
        replace_file(key, os.urandom(DEVICE_KEY_BYTES))
    (home / _CHECK).unlink(missing_ok=True)
    replace_file(flash, image)
    _write_json(home / _STATE, {"flash_bytes": flash_bytes, "key_check": _key_check(key.read_bytes())})


def _is_blank(flash: Path) -> bool:
    image = bytearray(flash.read_bytes())
    try:
        part = NorFlash(image)
    except FlashImageError:
        return False
    return part.is_blank(0, part.size)


def _contents(home: Path, access: int) -> tuple[NorFlash, mmap.mmap, bytes]:
    state = _state(home / _STATE)
    key = _part(home / _KEY, "is missing: without it the invoices in the flash cannot be read").read_bytes()
    if len(key) != DEVICE_KEY_BYTES or _key_check(key) != state.key_check:
        raise _damaged(home / _KEY, "it is not the key of this flash", "Restore it from a copy")
    file = _part(home / _FLASH, "is missing")
    handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    try:
        if os.fstat(handle).st_size == 0:
            raise _damaged(file, "it is empty", "Restore it from a copy")
        mapped = mmap.mmap(handle, 0, access=access)
    finally:
        os.close(handle)
    try:
        flash = NorFlash(mapped)
    except FlashImageError as error:
        raise type(error)(f"{file}: {error.message}", error.action) from None
    try:
        if flash.size != state.flash_bytes:
            raise _damaged(file, "it has another size than state.json says", "Restore both from one copy")
        _compare(mapped, home / _CHECK)
    except BaseException:
        flash.close()
        mapped.close()
        raise
    return flash, mapped, key


def _compare(image: mmap.mmap, check: Path) -> None:
    """See that the flash is as it was left. Raises StateDamaged, StateNewer."""
    if not check.exists():
        return
    action = f"Restore both from one copy, or delete {_CHECK} to see what the reader still finds in its flash"
    if _read_json(check, action).get("crc32") != crc32(image):
        raise _damaged(check.with_name(_FLASH), "it is not as the reader left it", action)


def _part(path: Path, problem: str) -> Path:
    if not path.is_file():
        raise StateDamaged(f"{path} {problem}", "Restore it from a copy, or name a new directory")
    return path


def _state(path: Path) -> _State:
    data = _read_json(path, "Restore it from a copy, or name a new directory")
    flash_bytes, check = data.get("flash_bytes"), data.get("key_check")
    if type(flash_bytes) is not int or not isinstance(check, str):
        raise _damaged(path, "it lacks an entry", "Restore it from a copy, or name a new directory")
    return _State(flash_bytes, check)


def _key_check(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]


def _read_json(path: Path, action: str) -> dict[str, Any]:
    with path.open("rb") as file:
        raw = file.read(_MAX_JSON + 1)
    try:
        data = json.loads(raw) if len(raw) <= _MAX_JSON else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or type(data.get("format")) is not int:
        raise _damaged(path, "it cannot be understood", action)
    if data["format"] > FORMAT:
        raise StateNewer(
            f"{path} has format {data['format']}, this version knows {FORMAT}",
            "Update tla-sim, or name a new directory",
        )
    if data["format"] < 1:
        raise _damaged(path, "it cannot be understood", action)
    return data


def _write_json(path: Path, data: dict[str, Any]) -> None:
    try:
        replace_file(path, json.dumps({"format": FORMAT, **data}, indent=2).encode() + b"\n")
    except OSError as error:
        raise StateUnreachable(
            f"{path}: {error.strerror or error}", "Check the directory's permissions and its disk's space"
        ) from None


def _damaged(path: Path, problem: str, action: str) -> StateDamaged:
    return StateDamaged(f"{path} is damaged: {problem}", action)
