"""The boot area of the flash: two banks of software, and records of which one runs. Project-defined.

    2 sectors   boot records, 32 bytes each, one appended per activation; the newest whole one counts
    16 sectors  bank 0: a signed manifest, twice in one sector, then the payload in chunks of one sector
    16 sectors  bank 1

An update writes only to the bank that does not run. One boot record, a single small write, then makes the
reader run it, so a power cut at any moment leaves either the old software running or the new.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import Category
from tla_sim.protocol.firmware import (
    CHUNK_BYTES,
    MAX_CHUNKS,
    MAX_HEAD_BYTES,
    Image,
    ImageRefused,
    SignedManifest,
)
from tla_sim.protocol.version import Version
from tla_sim.protocol.wire.record import Record, fixed, u8, u32
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash
from tla_sim.reader_fw.failure import FirmwareFailure

_RECORD_SECTORS: Final = 2
_BANK_SECTORS: Final = 1 + MAX_CHUNKS
BOOT_SECTORS: Final = _RECORD_SECTORS + 2 * _BANK_SECTORS
SMALLEST_SECTORS: Final = 128
"""A flash with fewer sectors has no boot area: its software is fixed."""

_SLOT: Final = 32
_SLOTS: Final = SECTOR_SIZE // _SLOT
_BLANK_SLOT: Final = b"\xff" * _SLOT
_MAGIC: Final = b"BOOT"


class _Body(NamedTuple):
    """A boot record without its checksum."""

    magic: Annotated[bytes, fixed(4, "BOOT")]
    sequence: Annotated[int, u32("the record's")]
    bank: Annotated[int, u8("0 or 1")]
    major: Annotated[int, u8("of the floor")]
    minor: Annotated[int, u8("of the floor")]


_BODY: Final = Record(_Body)


class SoftwareDamaged(FirmwareFailure):
    """Neither bank holds software that can be trusted, so the reader does not start."""

    category = Category.BAD_INPUT

    def __init__(self, context: str) -> None:
        super().__init__(Status.MEMORY_FAILURE, context)


class BootRecord(NamedTuple):
    """A boot record: its number, the bank that runs, and the version below which the reader never goes."""

    sequence: int
    bank: int
    floor: Version

    def build(self) -> bytes:
        """Return the 32 bytes of the record, which include a CRC-32."""
        body = _BODY.build(_Body(_MAGIC, self.sequence, self.bank, self.floor.major, self.floor.minor))
        return (body + zlib.crc32(body).to_bytes(4, "big")).ljust(_SLOT, b"\0")

    @classmethod
    def parse(cls, raw: bytes) -> BootRecord | None:
        """Return the record in a slot, `None` for a blank, half-written or damaged one."""
        if raw == _BLANK_SLOT:
            return None
        row, _ = _BODY.parse_prefix(raw)
        record = cls(row.sequence, row.bank, Version(row.major, row.minor))
        sound = row.magic == _MAGIC and row.bank in (0, 1)
        return record if sound and record.build() == raw else None


def boot_sectors(flash: NorFlash) -> int:
    """Return how many sectors at the end of a flash belong to the boot area."""
    return BOOT_SECTORS if flash.sectors >= SMALLEST_SECTORS else 0


class BootArea:
    """The boot area of a flash. Raises ValueError for a flash without one."""

    def __init__(self, flash: NorFlash) -> None:
        if not boot_sectors(flash):
            raise ValueError("this flash has no boot area")
        self._flash = flash
        self._first = flash.sectors - BOOT_SECTORS

    @property
    def blank(self) -> bool:
        """Whether nothing was ever installed."""
        start = self._first * SECTOR_SIZE
        return self._flash.is_blank(start, start + _RECORD_SECTORS * SECTOR_SIZE)

    def deliver(self, image: Image, payload: bytes) -> None:
        """Put software into bank 0 as the factory does, bypassing the flash's own write operations.

        `payload` is what is written, which need not be the payload of `image`.
        """
        record = BootRecord(1, 0, image.manifest.floor)
        for sector, content in enumerate((_double_head(image.head), *_chunks(payload))):
            self._flash.poke(self._bank(0) + sector * SECTOR_SIZE, content.ljust(SECTOR_SIZE, b"\xff"))
        self._flash.poke(self._first * SECTOR_SIZE, record.build())

    def find_running(self) -> tuple[BootRecord, SignedManifest]:
        """Return the record of the bank that runs and its manifest.

        That is the newest record's bank, or the other one if that is damaged. Raises SoftwareDamaged when
        neither can be trusted.
        """
        newest = max(self._records(), key=lambda record: record.sequence, default=None)
        floor = Version(0, 0) if newest is None else newest.floor
        sequence = 0 if newest is None else newest.sequence
        first = 0 if newest is None else newest.bank
        for bank in (first, 1 - first):
            head = self.head(bank)
            # The floor holds for the other bank too, or damage would be a way back to an old version.
            if head is not None and head.manifest.version >= floor:
                return BootRecord(sequence, bank, max(floor, head.manifest.floor)), head
        raise SoftwareDamaged("The reader's software")

    def head(self, bank: int) -> SignedManifest | None:
        """Return the manifest in a bank, `None` if there is none with a right signature."""
        for copy in (0, MAX_HEAD_BYTES):
            raw = self._flash.read(self._bank(bank) + copy, MAX_HEAD_BYTES)
            with suppress(ImageRefused):
                return SignedManifest.parse(raw[: SignedManifest.measure(raw)[1]])
        return None

    def chunk(self, bank: int, position: int, length: int) -> bytes:
        """Return the bytes at the place of a chunk."""
        return self._flash.read(self._bank(bank) + (1 + position) * SECTOR_SIZE, length)

    def payload(self, bank: int, head: SignedManifest) -> bytes:
        """Return the bytes at the place of a manifest's payload."""
        manifest = head.manifest
        return b"".join(
            self.chunk(bank, position, manifest.chunk_size(position))
            for position in range(len(manifest.chunks))
        )

    def find_present(self, bank: int, head: SignedManifest) -> tuple[int, ...]:
        """Return the positions of those chunks of a manifest that are in a bank, unaltered."""
        manifest = head.manifest
        return tuple(
            position
            for position in range(len(manifest.chunks))
            if head.holds(position, self.chunk(bank, position, manifest.chunk_size(position)))
        )

    def write_head(self, bank: int, head: SignedManifest) -> None:
        """Write a manifest to a bank. Raises PowerCut, SectorFailed."""
        self._write(self._bank(bank), _double_head(head))

    def write_chunk(self, bank: int, position: int, content: bytes) -> None:
        """Write a chunk to a bank. Raises PowerCut, SectorFailed."""
        self._write(self._bank(bank) + (1 + position) * SECTOR_SIZE, content)

    def activate(self, record: BootRecord) -> None:
        """Append a record, which counts from then on. Raises PowerCut, SectorFailed."""
        sector, slot = self._free_slot()
        self._flash.program(sector * SECTOR_SIZE + slot * _SLOT, record.build())

    def _write(self, address: int, content: bytes) -> None:
        if not self._flash.is_blank(address, address + SECTOR_SIZE):
            self._flash.erase(address // SECTOR_SIZE)
        self._flash.program(address, content)

    def _bank(self, bank: int) -> int:
        return (self._first + _RECORD_SECTORS + bank * _BANK_SECTORS) * SECTOR_SIZE

    def _slots(self, sector: int) -> list[bytes]:
        raw = self._flash.read(sector * SECTOR_SIZE, SECTOR_SIZE)
        return [raw[at : at + _SLOT] for at in range(0, SECTOR_SIZE, _SLOT)]

    def _records(self) -> list[BootRecord]:
        sectors = (self._first, self._first + 1)
        found = [BootRecord.parse(slot) for sector in sectors for slot in self._slots(sector)]
        return [record for record in found if record is not None]

    def _free_slot(self) -> tuple[int, int]:
        """Return the sector and number of a blank slot behind all others.

        When both sectors are full, erases the one with the older records: the newest record stays.
        """
        newest: dict[int, int] = {}
        for sector in (self._first, self._first + 1):
            slots = self._slots(sector)
            used = [number for number, slot in enumerate(slots) if slot != _BLANK_SLOT]
            if used and used[-1] + 1 < _SLOTS:
                return sector, used[-1] + 1
            records = [record.sequence for slot in slots if (record := BootRecord.parse(slot)) is not None]
            newest[sector] = max(records, default=-1) if used else -2
        oldest = min(newest, key=lambda sector: newest[sector])
        if newest[oldest] != -2:
            self._flash.erase(oldest)
        return oldest, 0


def _double_head(head: SignedManifest) -> bytes:
    return head.raw.ljust(MAX_HEAD_BYTES, b"\xff") + head.raw


def _chunks(payload: bytes) -> list[bytes]:
    return [payload[at : at + CHUNK_BYTES] for at in range(0, len(payload), CHUNK_BYTES)]
