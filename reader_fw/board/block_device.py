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
_ALL_PAGES: Final = (1 << SECTOR_SIZE // PAGE_SIZE) - 1


class SectorRotten(Exception):
    """A page that was read whole has lost what was in it, and nobody wrote to it."""

    def __init__(self, sector: int) -> None:
        self.sector = sector
        super().__init__(f"sector {sector}")


class BlockDevice:
    """`count` sectors of `flash` from sector `first` on, as littlefs' user context.

    `failure` is the exception that ended it (a power cut, rot, or a bug), `corrected` the number of pages
    read so far in which a bit was repaired. A worn-out sector is not a failure: littlefs is told and takes
    another. The last 32 blocks read are cached until they are written: mostly directories and the lists of
    blocks by which files are found.

    A page that is lost when it is first read may be what a power cut left, and littlefs expects that. One
    that was whole before is not: littlefs would go on with an earlier state of one directory beside later
    states of others, and its assertions would end the process. So `failure` is SectorRotten then, unless
    `forgiving`, and all that is read from then on is zero, which littlefs refuses as corrupt.
    """

    def __init__(self, flash: Flash, first: int, count: int) -> None:
        self._flash = flash
        self._start = first * SECTOR_SIZE
        self._first = first
        self.count = count
        self.failure: BaseException | None = None
        self.forgiving = False
        self.corrected = 0
        self._cache: dict[int, bytes] = {}
        self._whole: dict[int, int] = {}

    @property
    def met(self) -> frozenset[int]:
        """The blocks read so far, unless they were erased since."""
        return frozenset(self._whole)

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
        first = offset // DATA_SIZE
        # Whether they took it is seen when littlefs reads them back, which it does at once.
        self._whole[block] = self._whole.get(block, 0) & ~_pages(first, len(data) // DATA_SIZE)
        try:
            address = self._start + block * SECTOR_SIZE + first * PAGE_SIZE
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
        self._whole.pop(block, None)
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
        if self.failure is not None:
            return bytes(BLOCK_SIZE)
        try:
            raw = self._flash.read(self._start + block * SECTOR_SIZE, SECTOR_SIZE)
            data, corrected, lost = decode(raw)
        except BaseException as error:
            self._fail(error)
            return bytes(BLOCK_SIZE)
        whole = self._whole.get(block, 0)
        if whole & lost:
            if self.forgiving:
                return data
            self._fail(SectorRotten(self._first + block))
            return bytes(BLOCK_SIZE)
        self._whole[block] = whole | _ALL_PAGES & ~lost
        self.corrected += corrected
        if len(self._cache) >= _CACHED_BLOCKS:
            del self._cache[next(iter(self._cache))]
        self._cache[block] = data
        return data

    def _fail(self, error: BaseException) -> int:
        if self.failure is None:
            self.failure = error
            self._cache.clear()
        return IO_ERROR


def _pages(first: int, count: int) -> int:
    """Return the mask of `count` pages of a block from `first` on."""
    return (1 << count) - 1 << first
