"""The reader's file system: littlefs in flash, behind the one wrapper that knows its traps.

It guarantees that `append` happens whole or not at all, whenever power fails; that one flipped bit per page
is repaired; and that a damaged file system is refused and never formatted. Traps of the binding shape this
file: callbacks may not raise (see `block_device`); a failed assertion of littlefs ends the whole process, so
what it asserts is checked before; after an error a handle may only be closed, once, and before its file
system is unmounted; a mount that is not unmounted leaks memory.
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
from tla_sim.reader_fw.board.block_device import BLOCK_SIZE, BlockDevice, SectorRotten
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash
from tla_sim.reader_fw.board.page_code import DATA_SIZE
from tla_sim.reader_fw.failure import FirmwareFailure

_METADATA_CYCLES: Final = 500
"""How often littlefs erases a directory's block before it moves the directory, to spread wear."""
_OPEN_READERS: Final = 4
"""How many files stay open for reading, since opening one walks its directory."""
_SEEK_SET: Final = 0
_FLAG: Final[Mapping[str, lfs.LFSFileFlag]] = lfs.LFSFileFlag.__members__
_APPEND: Final = _FLAG["rdwr"] | _FLAG["creat"] | _FLAG["append"]

_READ: Final = "r"
_SELF_AND_PARENT: Final = (".", "..")
_CODES: Final = LittleFSError.Error


class FlashFull(FirmwareFailure):
    """The flash is full: nothing was written and nothing has changed."""

    def __init__(self, context: str = "") -> None:
        super().__init__(Status.NO_FREE_SLOT, context)


class FileMissing(FirmwareFailure):
    """No file or directory has this name."""

    def __init__(self, context: str = "") -> None:
        super().__init__(Status.MEMORY_FAILURE, context)


class FileSystemDamaged(FirmwareFailure):
    """The file system contradicts itself. It was not formatted, so its contents can still be examined."""

    category = Category.BAD_INPUT

    def __init__(self, context: str = "") -> None:
        super().__init__(Status.MEMORY_FAILURE, context)


class FileInfo(NamedTuple):
    """A file in a directory: its name, and its size in bytes."""

    name: str
    size: int


class FlashFileSystem:
    """littlefs on some sectors of a flash, mounted by `open` until `close`.

    Every method raises PowerCut when power fails, and FileSystemDamaged when littlefs finds a contradiction,
    or a sector has lost what was in it since; after either, this object is useless and a new one must be
    opened.
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
        """Mount the file system on `sectors` sectors from `first` on; format them if the flash is blank.

        An unfinished format also counts as blank, and the last `others` sectors of the flash are ignored.
        Raises FileSystemDamaged if the flash neither mounts nor is blank, or its directories contradict each
        other.
        """
        count = flash.sectors - first if sectors is None else sectors
        system = cls(BlockDevice(flash, first, count))
        try:
            system._mount()
        except FileSystemDamaged:
            # Whatever else holds data belonged to a file system that is damaged now, and is not overwritten.
            # The first two blocks are where littlefs begins to format.
            superblocks, end = (first + 2) * SECTOR_SIZE, (flash.sectors - others) * SECTOR_SIZE
            if not (flash.is_blank(0, first * SECTOR_SIZE) and flash.is_blank(superblocks, end)):
                raise
            system._call(lfs.format, system._config)
            system._mount()
        try:
            system._check_directories()
        except BaseException:
            system.close()
            raise
        return system

    @property
    def corrected(self) -> int:
        """How many pages read since `open` had a flipped bit, which was repaired."""
        return self._device.corrected

    @property
    def free_bytes(self) -> int:
        """The bytes in unused blocks. Walks every file, so keep it out of hot paths."""
        used = self._call(lfs.fs_size)
        return int(self._device.count - used) * BLOCK_SIZE

    @property
    def block_count(self) -> int:
        """How many blocks there are."""
        return self._device.count

    def read_part(self, path: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a file from `offset` on, fewer at its end. Raises FileMissing."""
        handle = self._reader(path)
        # The contents of a file have a check of their own, and what is rotten loses one document.
        self._device.forgiving = True
        try:
            self._call(lfs.file_seek, handle, offset, _SEEK_SET)
            return bytes(self._call(lfs.file_read, handle, length))
        finally:
            self._device.forgiving = False

    def append(self, path: str, data: bytes) -> None:
        """Add `data` to the end of a file, all or none; a missing file is first made, empty.

        The file stays open for the next append. Raises FlashFull, in which case the file is unchanged.
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

    def make_directory(self, path: str) -> None:
        """Make a directory, unless it exists."""
        try:
            self._call(lfs.mkdir, path)
        except FileExistsError:
            return

    def list(self, path: str) -> tuple[FileInfo, ...]:
        """Return the files of a directory (the root is `/`), by name. Raises FileMissing."""
        files = [entry for entry in self._entries(path) if entry.type == lfs.LFSStat.TYPE_REG]
        return tuple(sorted(FileInfo(entry.name, entry.size) for entry in files))

    def close(self) -> None:
        """Unmount; later calls raise ValueError. Without this nothing is lost but some memory."""
        self._close_handles()
        self._unmount()
        if self._device.failure is None:
            self._device.failure = ValueError("the file system is closed")

    def __repr__(self) -> str:
        return f"FlashFileSystem(blocks={self._device.count})"

    def _check_directories(self) -> None:
        """Raise FileSystemDamaged if a directory is not in the list of all directories, which a mount reads.

        Rot that takes one directory back to an earlier state can cause this. littlefs would write over the
        files of such a directory, and its assertion fails when the directory moves to another sector.
        """
        for entry in self._entries("/"):
            if entry.type == lfs.LFSStat.TYPE_DIR and entry.name not in _SELF_AND_PARENT:
                before = self._device.met
                self._entries(entry.name)
                # A power cut may leave the list with one of a directory's two blocks; littlefs mends that.
                if len(self._device.met - before) > 1:
                    raise FileSystemDamaged(entry.name)

    def _entries(self, path: str) -> tuple[Any, ...]:
        handle = self._call(lfs.dir_open, path)
        entries = []
        while (entry := self._call(lfs.dir_read, handle)) is not None:
            entries.append(entry)
        self._call(lfs.dir_close, handle)
        return tuple(entries)

    def _mount(self) -> None:
        self._call(lfs.mount, self._config)
        self._mounted = True

    def _unmount(self) -> None:
        if self._mounted:
            self._mounted = False
            lfs.unmount(self._fs)

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
        """Close every handle once, whatever happened: no other call frees a handle's memory."""
        # Safe after an error, since every handle is synced between two calls: littlefs has marked the one
        # that failed and writes nothing for it, and all others have nothing left to write.
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
        """Close all handles and mount afresh: a handle that met an error cannot be used again."""
        self._close_handles()
        self._unmount()
        self._fs = lfs.LFSFilesystem()
        self._mount()

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function of littlefs returns. Raises what went wrong, also inside a callback."""
        self._check_device()
        try:
            result = function(self._fs, *arguments)
        except LittleFSError as error:
            self._check_device()
            raise _translate_error(error, arguments) from None
        # Even after a call that succeeded: littlefs does not report a failed read of ours.
        self._check_device()
        return result

    def _check_device(self) -> None:
        failure = self._device.failure
        if isinstance(failure, SectorRotten):
            raise FileSystemDamaged(Sentence("Sector {sector}", sector=failure.sector)) from None
        if failure is not None:
            raise failure from None


def _translate_error(error: LittleFSError, arguments: tuple[Any, ...]) -> Exception:
    name = next((argument for argument in arguments if isinstance(argument, str)), "the file system")
    if error.code == _CODES.LFS_ERR_NOENT:
        return FileMissing(Sentence("No file {name}", name=name))
    if error.code == _CODES.LFS_ERR_NOSPC:
        return FlashFull(name)
    if error.code == _CODES.LFS_ERR_EXIST:
        return FileExistsError(name)
    return FileSystemDamaged(Sentence("{name}: {reason}", name=name, reason=error.name))
