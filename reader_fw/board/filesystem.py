"""The reader's file system: littlefs on the flash, behind the one wrapper that knows its traps.

Guarantees: `replace` and `append` happen whole or not at all, whenever the power goes; one flipped bit a
page is put right; a damaged file system is refused and never formatted. Traps of the binding that shape
this file: see `block_device` for callbacks; a handle is only ever closed after an error, once, and never
outlives its file system; a mount that is not unmounted leaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from littlefs import lfs
from littlefs.errors import LittleFSError

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import Category
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.block_device import BLOCK_SIZE, BlockDevice
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash
from tla_sim.reader_fw.board.page_code import DATA_SIZE
from tla_sim.reader_fw.failure import FirmwareFailure

_TEMPORARY: Final = "~"
_METADATA_CYCLES: Final = 500
_OPEN_READERS: Final = 4
_SEEK_SET: Final = 0
_FLAG: Final[Mapping[str, lfs.LFSFileFlag]] = lfs.LFSFileFlag.__members__
_APPEND: Final = _FLAG["rdwr"] | _FLAG["creat"] | _FLAG["append"]
_WRITE: Final = "w"
_READ: Final = "r"
_CODES: Final = LittleFSError.Error


class FlashFull(FirmwareFailure):
    """The flash has no room left; what was to be written is not there, and nothing else changed."""

    def __init__(self, context: str = "") -> None:
        super().__init__(Status.NO_FREE_SLOT, context)


class FileMissing(FirmwareFailure):
    """There is no file or directory of this name."""

    def __init__(self, context: str = "") -> None:
        super().__init__(Status.MEMORY_FAILURE, context)


class FileSystemDamaged(FirmwareFailure):
    """The file system contradicts itself. Nothing was formatted: what is there can still be examined."""

    category = Category.BAD_INPUT

    def __init__(self, context: str = "") -> None:
        super().__init__(Status.MEMORY_FAILURE, context)


class FileInfo(NamedTuple):
    """A file in a directory: its name there, and its bytes."""

    name: str
    size: int


class FlashFileSystem:
    """littlefs on `sectors` sectors of a flash from sector `first` on, mounted for as long as it lives.

    Made by `open`. Every method raises PowerCut when the power goes under it, and FileSystemDamaged when
    littlefs finds a contradiction; after either, this object is of no use and a new one is opened. Names of
    files may not end in `~`, which marks a file being replaced.
    """

    def __init__(self, device: BlockDevice) -> None:
        self._device = device
        self._config = lfs.LFSConfig(
            context=device,
            block_size=BLOCK_SIZE,
            block_count=device.count,
            read_size=BLOCK_SIZE,
            prog_size=DATA_SIZE,
            cache_size=BLOCK_SIZE,
            lookahead_size=(device.count + 63) // 64 * 8,
            block_cycles=_METADATA_CYCLES,
        )
        self._fs = lfs.LFSFilesystem()
        self._mounted = False
        self._readers: dict[str, Any] = {}
        self._writer: tuple[str, Any] | None = None

    @classmethod
    def open(
        cls, flash: NorFlash, first: int = 0, sectors: int | None = None, others: int = 0
    ) -> FlashFileSystem:
        """Mount the file system; make one if the whole flash is blank but for an unfinished format.

        The last `others` sectors of the flash do not matter for that.

        Raises FileSystemDamaged if it neither mounts nor is blank.
        """
        count = flash.sectors - first if sectors is None else sectors
        system = cls(BlockDevice(flash, first, count))
        try:
            system._mount()
        except FileSystemDamaged:
            superblocks, end = (first + 2) * SECTOR_SIZE, (flash.sectors - others) * SECTOR_SIZE
            if not (flash.is_blank(0, first * SECTOR_SIZE) and flash.is_blank(superblocks, end)):
                raise
            system._call(lfs.format, system._config)
            system._mount()
        return system

    @property
    def corrected(self) -> int:
        """How many pages read since `open` had a flipped bit put right."""
        return self._device.corrected

    @property
    def free_bytes(self) -> int:
        """Bytes in blocks that nothing uses. Walks every file: not for a hot path."""
        used = self._call(lfs.fs_size)
        return int(self._device.count - used) * BLOCK_SIZE

    @property
    def block_size(self) -> int:
        """Bytes a block holds; files occupy whole blocks."""
        return BLOCK_SIZE

    @property
    def block_count(self) -> int:
        """Blocks in all."""
        return self._device.count

    def read(self, path: str) -> bytes:
        """Return a whole file. Raises FileMissing."""
        handle = self._reader(path)
        return self._read(handle, 0, int(self._call(lfs.file_size, handle)))

    def read_part(self, path: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a file from `offset` on; fewer at its end. Raises FileMissing."""
        return self._read(self._reader(path), offset, length)

    def replace(self, path: str, data: bytes) -> None:
        """Make `data` the content of a file, new or not: it then holds the old content or the new.

        Raises FlashFull, which leaves the old content.
        """
        self._release(path)
        temporary = path + _TEMPORARY
        try:
            handle = self._call(lfs.file_open, temporary, _WRITE)
            self._call(lfs.file_write, handle, data)
            self._call(lfs.file_close, handle)
            self._call(lfs.rename, temporary, path)
        except FlashFull:
            self._give_up()
            self._discard(temporary)
            raise

    def append(self, path: str, data: bytes) -> None:
        """Add `data` at the end of a file, all of it or none; the file is made, empty at first, if need be.

        The file stays open for the next append. Raises FlashFull, which leaves the file as it was.
        """
        if self._writer is None or self._writer[0] != path:
            self._close_writer()
            self._release(path)
            self._writer = path, self._call(lfs.file_open, path, _APPEND)
        handle = self._writer[1]
        try:
            self._call(lfs.file_write, handle, data)
            self._call(lfs.file_sync, handle)
        except FlashFull:
            self._give_up()
            raise

    def remove(self, path: str) -> None:
        """Remove a file or an empty directory. Raises FileMissing."""
        self._release(path)
        self._call(lfs.remove, path)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name at once, replacing a file of that name. Raises FileMissing."""
        self._release(old)
        self._release(new)
        self._call(lfs.rename, old, new)

    def make_directory(self, path: str) -> None:
        """Make a directory; nothing happens if it is there."""
        try:
            self._call(lfs.mkdir, path)
        except FileExistsError:
            return

    def list(self, path: str) -> tuple[FileInfo, ...]:
        """Return the files of a directory (the root is `/`), by name. Raises FileMissing."""
        handle = self._call(lfs.dir_open, path)
        found = []
        while (entry := self._call(lfs.dir_read, handle)) is not None:
            if entry.type == lfs.LFSStat.TYPE_REG and not entry.name.endswith(_TEMPORARY):
                found.append(FileInfo(entry.name, entry.size))
        self._call(lfs.dir_close, handle)
        return tuple(sorted(found))

    def close(self) -> None:
        """Unmount. Nothing is lost by not closing but some memory. Later calls raise ValueError."""
        self._close_handles()
        self._unmount()
        if self._device.failure is None:
            self._device.failure = ValueError("the file system is closed")

    def __repr__(self) -> str:
        return f"FlashFileSystem(blocks={self._device.count})"

    def _mount(self) -> None:
        self._call(lfs.mount, self._config)
        self._mounted = True

    def _unmount(self) -> None:
        if self._mounted:
            self._mounted = False
            lfs.unmount(self._fs)

    def _read(self, handle: Any, offset: int, length: int) -> bytes:
        self._call(lfs.file_seek, handle, offset, _SEEK_SET)
        return bytes(self._call(lfs.file_read, handle, length))

    def _reader(self, path: str) -> Any:
        if self._writer is not None and self._writer[0] == path:
            return self._writer[1]
        handle = self._readers.pop(path, None)
        if handle is None:
            if len(self._readers) >= _OPEN_READERS:
                self._release(next(iter(self._readers)))
            handle = self._call(lfs.file_open, path, _READ)
        self._readers[path] = handle
        return handle

    def _release(self, path: str) -> None:
        handle = self._readers.pop(path, None)
        if handle is not None:
            self._call(lfs.file_close, handle)
        if self._writer is not None and self._writer[0] == path:
            self._close_writer()

    def _close_handles(self) -> None:
        """Close every handle once, whatever happened: this is the one call that frees a handle's memory.

        It is safe after an error because a handle is always synced between two calls: what failed is marked
        so by littlefs, which then writes nothing, and all others have nothing to write.
        """
        handles = [*self._readers.values()] + ([] if self._writer is None else [self._writer[1]])
        self._readers, self._writer = {}, None
        if self._mounted:
            for handle in handles:
                with suppress(LittleFSError):
                    lfs.file_close(self._fs, handle)

    def _close_writer(self) -> None:
        if self._writer is not None:
            handle = self._writer[1]
            self._writer = None
            self._call(lfs.file_close, handle)

    def _give_up(self) -> None:
        """Mount afresh: handles that met an error are closed, with the file system they belong to."""
        self._close_handles()
        self._unmount()
        self._fs = lfs.LFSFilesystem()
        self._mount()

    def _discard(self, path: str) -> None:
        try:
            self._call(lfs.remove, path)
        except FileMissing:
            return

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        device = self._device
        if device.failure is not None:
            raise device.failure
        try:
            result = function(self._fs, *arguments)
        except LittleFSError as error:
            if device.failure is not None:
                raise device.failure from None
            raise _translate_error(error, arguments) from None
        if device.failure is not None:
            raise device.failure
        return result


def _translate_error(error: LittleFSError, arguments: tuple[Any, ...]) -> Exception:
    name = next((argument for argument in arguments if isinstance(argument, str)), "the file system")
    if error.code == _CODES.LFS_ERR_NOENT:
        return FileMissing(Sentence("No file {name}", name=name))
    if error.code == _CODES.LFS_ERR_NOSPC:
        return FlashFull(name)
    if error.code == _CODES.LFS_ERR_EXIST:
        return FileExistsError(name)
    return FileSystemDamaged(Sentence("{name}: {reason}", name=name, reason=error.name))
