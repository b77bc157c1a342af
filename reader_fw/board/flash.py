"""NOR flash over a buffer that somebody else owns: a bytearray, or a mapped file.

An image is the array itself and a trailer for what real parts keep in their own circuits: geometry, the
tamper latch, and one erase count per sector. The image alone carries a board's state over a power cycle.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Annotated, Final, NamedTuple, Protocol

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.wire.record import Record, fixed, u16_little, u32_little

SECTOR_SIZE: Final = 4096
PAGE_SIZE: Final = 256
DEFAULT_SIZE: Final = 16 * 1024 * 1024
IMAGE_VERSION: Final = 1

_MAGIC: Final = b"TLANOR"
_HEAD_SIZE: Final = 18
_LATCH: Final = 18
_WEAR: Final = 32
_WEAR_SIZE: Final = 4
_MOST_WEAR: Final = 256**_WEAR_SIZE - 1
_ERASED: Final = b"\xff" * SECTOR_SIZE


class _Head(NamedTuple):
    """The start of the trailer."""

    magic: Annotated[bytes, fixed(6, "TLANOR")]
    version: Annotated[int, u16_little("of the image")]
    size: Annotated[int, u32_little("bytes of the array")]
    sector_size: Annotated[int, u32_little("bytes of a sector")]
    page_size: Annotated[int, u16_little("bytes of a page")]


_HEAD: Final = Record(_Head)


class PowerCut(Exception):
    """Power failed during a flash operation. Not an error to handle: the firmware stops here.

    Whoever owns the board catches it and starts the firmware again.
    """


class SectorFailed(Exception):
    """The part reports that a program or erase operation failed: the sector is worn out."""


class FlashImageError(TlaError):
    """The buffer is not a flash image that this version can use."""

    category = Category.BAD_INPUT


class Operation(Enum):
    """The operations that change flash."""

    PROGRAM = "program"
    ERASE = "erase"


class FlashOperation(NamedTuple):
    """One change: its kind, its address, and the bytes programmed (empty for an erase)."""

    kind: Operation
    address: int
    data: bytes


class Flash(Protocol):
    """A NOR part as its driver sees it: addresses in bytes, erased bytes are FF, programming clears bits."""

    @property
    def size(self) -> int:
        """The number of bytes in the array."""

    def read(self, address: int, length: int) -> bytes:
        """Return `length` bytes from `address` on."""

    def program(self, address: int, data: bytes) -> None:
        """Clear the bits that are 0 in `data`, within one sector, pages in ascending order."""

    def erase(self, sector: int) -> None:
        """Set all bits of one sector."""

    def is_blank(self, start: int, end: int) -> bool:
        """Return whether every byte from `start` up to `end` is erased."""


class FlashHook(Protocol):
    """A hook that sees every operation before it happens.

    It may change the array with `poke`, and may raise PowerCut or SectorFailed to prevent the operation.
    """

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:
        """Look at a program or erase operation that is about to happen."""


class Buffer(Protocol):
    """A buffer that can hold an image: anything writable with a memoryview (bytearray, mmap)."""

    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...


class NorFlash:
    """A simulated NOR part. `buffer` is a whole image as made by `blank_image`, and is changed in place.

    `hooks` observe or spoil operations, in order; there are none by default. Raises FlashImageError for a
    buffer that is not an image, is cut short, or was made by a newer version.
    """

    def __init__(self, buffer: Buffer) -> None:
        self._view = memoryview(buffer)
        self.size = _array_size(self._view)
        self.hooks: list[FlashHook] = []
        self._max_wear: int | None = None

    @property
    def sectors(self) -> int:
        """How many sectors of 4,096 bytes the array has."""
        return self.size // SECTOR_SIZE

    def read(self, address: int, length: int) -> bytes:
        """Return `length` bytes from `address` on. Raises ValueError outside the array."""
        if address < 0 or length < 0 or address + length > self.size:
            raise ValueError(f"no {length} bytes at {address:#x}: the flash has {self.size:#x}")
        return bytes(self._view[address : address + length])

    def program(self, address: int, data: bytes) -> None:
        """Clear the bits that are 0 in `data`. Raises ValueError unless that is within one sector."""
        end = address + len(data)
        if address < 0 or end > self.size or address // SECTOR_SIZE != (end - 1) // SECTOR_SIZE:
            raise ValueError(f"cannot program {len(data)} bytes at {address:#x}: not within one sector")
        for hook in self.hooks:
            hook.before(self, FlashOperation(Operation.PROGRAM, address, data))
        view = self._view
        before = bytes(view[address:end])
        view[address:end] = data if before == _ERASED[: len(data)] else clear_bits(before, data)

    def erase(self, sector: int) -> None:
        """Set all bits of a sector and count its wear. Raises ValueError outside the array."""
        if not 0 <= sector < self.size // SECTOR_SIZE:
            raise ValueError(f"no sector {sector}: the flash has {self.sectors}")
        address = sector * SECTOR_SIZE
        for hook in self.hooks:
            hook.before(self, FlashOperation(Operation.ERASE, address, b""))
        view = self._view
        view[address : address + SECTOR_SIZE] = _ERASED
        at = self.size + _WEAR + sector * _WEAR_SIZE
        count = min(int.from_bytes(view[at : at + _WEAR_SIZE], "little") + 1, _MOST_WEAR)
        view[at : at + _WEAR_SIZE] = count.to_bytes(_WEAR_SIZE, "little")
        if self._max_wear is not None and count > self._max_wear:
            self._max_wear = count

    def is_blank(self, start: int, end: int) -> bool:
        """Return whether every byte from `start` up to `end` is erased."""
        for at in range(start, end, SECTOR_SIZE):
            stop = min(at + SECTOR_SIZE, end)
            if bytes(self._view[at:stop]) != _ERASED[: stop - at]:
                return False
        return True

    def wear(self, sector: int) -> int:
        """Return how often a sector was erased since the image was made."""
        at = self.size + _WEAR + sector * _WEAR_SIZE
        return int.from_bytes(self._view[at : at + _WEAR_SIZE], "little")

    @property
    def max_wear(self) -> int:
        """The number of erasures of the most worn sector."""
        if self._max_wear is None:
            self._max_wear = max(map(self.wear, range(self.sectors)))
        return self._max_wear

    def poke(self, address: int, data: bytes) -> None:
        """Set bytes of the array as no NOR part can: for the factory, fault injection and replay only."""
        if address < 0 or address + len(data) > self.size:
            raise ValueError(f"no {len(data)} bytes at {address:#x}: the flash has {self.size:#x}")
        self._view[address : address + len(data)] = data

    def put_back(self, image: bytes) -> None:
        """Take over array and trailer of an image, and its size. For replay only.

        A buffer of another size is left to its owner. Raises FlashImageError.
        """
        size = _array_size(memoryview(image))
        if size == self.size:
            self._view[:] = image
        else:
            self._view, self.size = memoryview(bytearray(image)), size
        self._max_wear = None

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Work on a copy; at the end put what it holds into the buffer, unless an exception ends it.

        For replay only: the buffer goes from one moment to the other without those between. If the size has
        become another meanwhile, the copy takes the buffer's place.
        """
        buffer, size = self._view, self.size
        self._view = memoryview(bytearray(buffer))
        try:
            yield
        except BaseException:
            self._view, self.size, self._max_wear = buffer, size, None
            raise
        if self.size != size:
            return
        copy, self._view = self._view, buffer
        for at in range(0, len(copy), SECTOR_SIZE):
            sector = bytes(copy[at : at + SECTOR_SIZE])
            if sector != bytes(buffer[at : at + SECTOR_SIZE]):
                buffer[at : at + SECTOR_SIZE] = sector

    def read_image(self) -> bytes:
        """Return the whole present image, array and trailer."""
        return bytes(self._view)

    @property
    def tripped(self) -> bool:
        """Whether the tamper latch beside the array is set."""
        return self._view[self.size + _LATCH] != 0xFF

    def trip(self) -> None:
        """Set the tamper latch."""
        self._view[self.size + _LATCH] = 0

    def close(self) -> None:
        """Release the buffer, so that a mapped file can be closed. The object is useless afterwards."""
        self._view.release()

    def __repr__(self) -> str:
        return f"NorFlash(size={self.size:#x})"


def clear_bits(before: bytes, data: bytes) -> bytes:
    """Return what NOR cells hold after programming `data` over `before`: bits can only be cleared."""
    both = int.from_bytes(before, "little") & int.from_bytes(data, "little")
    return both.to_bytes(len(data), "little")


def blank_image(size: int = DEFAULT_SIZE) -> bytearray:
    """Return a factory-new image of `size` array bytes.

    Raises ValueError if that is not a multiple of a sector.
    """
    if size <= 0 or size % SECTOR_SIZE:
        raise ValueError(f"a flash of {size} bytes is not a multiple of {SECTOR_SIZE}")
    head = _HEAD.build(_Head(_MAGIC, IMAGE_VERSION, size, SECTOR_SIZE, PAGE_SIZE))
    wear = bytes(size // SECTOR_SIZE * _WEAR_SIZE)
    return bytearray(b"\xff" * size + head.ljust(_WEAR, b"\xff") + wear)


def image_bytes(size: int) -> int:
    """Return how many bytes the image of a flash of `size` array bytes has."""
    return size + _WEAR + size // SECTOR_SIZE * _WEAR_SIZE


def _array_size(image: memoryview) -> int:
    sectors, rest = divmod(len(image) - _WEAR, SECTOR_SIZE + _WEAR_SIZE)
    if sectors <= 0 or rest:
        raise FlashImageError(
            "A flash image cannot have {size} bytes",
            "Restore the state directory, or start a new one",
            size=len(image),
        )
    size = sectors * SECTOR_SIZE
    head = _HEAD.parse(bytes(image[size : size + _HEAD_SIZE]))
    if head.magic != _MAGIC:
        raise FlashImageError(
            "This file is not a flash image", "Restore the state directory, or start a new one"
        )
    if head.version > IMAGE_VERSION:
        raise FlashImageError(
            "The flash image has version {found}, newer than {known}",
            "Use the version of this software that made it",
            found=head.version,
            known=IMAGE_VERSION,
        )
    if (head.size, head.sector_size, head.page_size) != (size, SECTOR_SIZE, PAGE_SIZE):
        raise FlashImageError(
            "The flash image's trailer contradicts its length",
            "Restore the state directory, or start a new one",
        )
    return size
