"""The contents of a reader's state directory: created once, then cross-checked. Project-defined."""

from __future__ import annotations

import hashlib
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

from tla_sim.host.regular_file import open_regular
from tla_sim.host.whole_file import replace_file, with_path
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.board import DEVICE_KEY_BYTES
from tla_sim.reader_fw.board.flash import FlashImageError, NorFlash, blank_image
from tla_sim.tools.simulator.state_files import (
    CHECK,
    FLASH,
    KEY,
    STATE,
    StateDamaged,
    damage,
    read_json,
    read_part,
    refusal,
    write_json,
)

_MAX_FLASH: Final = 256 * 1024 * 1024
_RESTORE: Final = Sentence("Restore it from a copy, or name a new directory")


@dataclass(frozen=True)
class _State:
    """The contents of state.json: the flash size in bytes, and the first 16 hex digits of the device key's
    SHA-256."""

    flash_bytes: int
    key_check: str


def make_contents(home: Path, flash_bytes: int, device_key: bytes | None = None) -> None:
    """Complete a directory whose creation was never finished, with a random device key unless one is given.

    Raises StateDamaged when its flash was used already: only then can invoices be at stake.
    """
    flash, key = home / FLASH, home / KEY
    if os.path.lexists(flash) and not _is_blank(flash):
        raise damage(
            home / STATE,
            Sentence("it is missing beside a flash that was used"),
            Sentence("Restore it from a copy"),
        )
    image = bytes(blank_image(flash_bytes))
    home.chmod(0o700)
    if device_key is not None:
        replace_file(key, device_key)
    elif not os.path.lexists(key) or key.stat().st_size != DEVICE_KEY_BYTES:
        replace_file(key, os.urandom(DEVICE_KEY_BYTES))
    (home / CHECK).unlink(missing_ok=True)
    replace_file(flash, image)
    secret = read_part(key, DEVICE_KEY_BYTES, _RESTORE) or b""
    # Last: a directory without state.json counts as unfinished, and its blank parts are created again.
    write_json(home / STATE, {"flash_bytes": flash_bytes, "key_check": _key_check(secret)})


def _is_blank(flash: Path) -> bool:
    image = bytearray(read_part(flash, 2 * _MAX_FLASH, _RESTORE) or b"")
    try:
        part = NorFlash(image)
    except FlashImageError:
        return False
    return part.is_blank(0, part.size)


def open_contents(home: Path, access: int) -> tuple[NorFlash, mmap.mmap, bytes]:
    """Return the flash, the mapping beneath it and the device key, once they agree with state.json.

    Raises StateDamaged, StateNewer, StateUnreachable.
    """
    state = _state(home / STATE)
    key = read_part(home / KEY, DEVICE_KEY_BYTES, _RESTORE)
    if key is None:
        raise _missing(
            home / KEY, Sentence("is missing: without it the invoices in the flash cannot be read")
        )
    if len(key) != DEVICE_KEY_BYTES or _key_check(key) != state.key_check:
        raise damage(
            home / KEY, Sentence("it is not the key of this flash"), Sentence("Restore it from a copy")
        )
    file = home / FLASH
    mapped = _map_flash(file, access)
    try:
        flash = NorFlash(mapped)
    except FlashImageError as error:
        raise type(error)("{path}: {reason}", error.action, path=file, reason=error.message) from None
    try:
        if flash.size != state.flash_bytes:
            raise damage(
                file,
                Sentence("its size is not the one in state.json"),
                Sentence("Restore both from one copy"),
            )
        _compare(mapped, home / CHECK)
    except BaseException:
        flash.close()
        mapped.close()
        raise
    return flash, mapped, key


def _map_flash(file: Path, access: int) -> mmap.mmap:
    """Map the flash image into memory. Raises StateDamaged, StateUnreachable."""
    try:
        handle = open_regular(file, os.O_RDWR)
    except FileNotFoundError:
        raise _missing(file, Sentence("is missing")) from None
    except OSError as error:
        raise refusal(error, file, _RESTORE) from None
    try:
        size = os.fstat(handle).st_size
        if size == 0:
            raise damage(file, Sentence("it is empty"), Sentence("Restore it from a copy"))
        if size > 2 * _MAX_FLASH:
            raise damage(file, Sentence("it is larger than any flash"), Sentence("Restore it from a copy"))
        return mmap.mmap(handle, 0, access=access)
    except OSError as error:
        raise with_path(error, file) from None
    finally:
        os.close(handle)


def _missing(path: Path, problem: str) -> StateDamaged:
    return StateDamaged("{path} {problem}", _RESTORE, path=path, problem=problem)


def _compare(image: mmap.mmap, check: Path) -> None:
    """Check that the flash is as the reader left it. Raises StateDamaged, StateNewer."""
    action = Sentence(
        "Restore both from one copy, or delete {check} to see what the reader still finds in its flash",
        check=CHECK,
    )
    left = read_json(check, action)
    if left is not None and left.get("crc32") != crc32(image):
        raise damage(check.with_name(FLASH), Sentence("it is not as the reader left it"), action)


def _state(path: Path) -> _State:
    data = read_json(path, _RESTORE)
    if data is None:
        raise _missing(path, Sentence("is missing"))
    flash_bytes, check = data.get("flash_bytes"), data.get("key_check")
    if type(flash_bytes) is not int or not isinstance(check, str):
        raise damage(path, Sentence("it lacks an entry"), _RESTORE)
    return _State(flash_bytes, check)


def _key_check(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]
