"""Flash sectors as littlefs sees them: blocks of 16 checked pages. The only code that littlefs calls back.

Nothing here may raise: the binding swallows an exception in a callback, and the write counts as done. So a
failure is kept in `failure`, every later write is refused, and the caller of littlefs checks it.
"""

from __future__ import annotations

from typing import Final

from tla_sim.reader_fw.board.flash import PAGE_SIZE, SECTOR_SIZE, Flash, SectorFailed
from tla_sim.reader_fw.board.page_code import DATA_SIZE, decode, encode

BLOCK_SIZE: Final = SECTOR_SIZE // PAGE_SIZE * DATA_SIZE
IO_ERROR: Final = -5
CORRUPT: Final = -84
_CACHED_BLOCKS: Final = 32


class BlockDevice:
    """`count` sectors of `flash` from sector `first` on, as littlefs' user context.

    `failure` is the exception that ended it (a power cut, or a bug), `corrected` the number of pages read so
    far in which a bit was repaired. A worn-out sector is not a failure: littlefs is told and takes another.
    The last 32 blocks read are cached until they are written: mostly directories and the lists of blocks by
    which files are found.
    """

    def __init__(self, flash: Flash, first: int, count: int) -> None:
        self._flash = flash
        self._start = first * SECTOR_SIZE
        self._first = first
        self.count = count
        self.failure: BaseException | None = None
        self.corrected = 0
        self._cache: dict[int, bytes] = {}

    def read(self, _config: object, block: int, offset: int, size: int) -> bytes:
        """Return `size` data bytes of a block; offset and size are multiples of a page's 252."""
        data = self._cache.get(block)
        if data is None:
            data = self._fetch(block)
        return data if size == BLOCK_SIZE else data[offset : offset + size]

    def prog(self, _config: object, block: int, offset: int, data: bytes) -> int:
        """Program whole pages, and return 0 or littlefs' error number."""
        if self.failure is not None:
            return IO_ERROR
        self._cache.pop(block, None)
        try:
            address = self._start + block * SECTOR_SIZE + offset // DATA_SIZE * PAGE_SIZE
            self._flash.program(address, encode(data))
        except SectorFailed:
            return CORRUPT
        except BaseException as error:
            return self._fail(error)
        return 0

    def erase(self, _config: object, block: int) -> int:
        """Erase a block, and return 0 or littlefs' error number."""
        if self.failure is not None:
            return IO_ERROR
        self._cache.pop(block, None)
        try:
            self._flash.erase(self._first + block)
        except SectorFailed:
            return CORRUPT
        except BaseException as error:
            return self._fail(error)
        return 0

    def sync(self, _config: object) -> int:
        """Return 0, since nothing is held back, or littlefs' error number after a failure."""
        return 0 if self.failure is None else IO_ERROR

    def _fetch(self, block: int) -> bytes:
        try:
            raw = self._flash.read(self._start + block * SECTOR_SIZE, SECTOR_SIZE)
            data, corrected = decode(raw)
        except BaseException as error:
            self._fail(error)
            return bytes(BLOCK_SIZE)
        self.corrected += corrected
        if len(self._cache) >= _CACHED_BLOCKS:
            del self._cache[next(iter(self._cache))]
        self._cache[block] = data
        return data

    def _fail(self, error: BaseException) -> int:
        if self.failure is None:
            self.failure = error
        return IO_ERROR
