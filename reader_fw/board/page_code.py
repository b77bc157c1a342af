"""The check word of a flash page: one flipped bit is repaired, more are detected. Project-defined.

A page is 252 data bytes and their CRC-32. The syndrome of a CRC identifies a single wrong bit, so four bytes
serve both to detect and to repair; up to three wrong bits in a page are never taken for a good page, or for a
single wrong bit (the Hamming distance of the CRC at this length is 5). The word is offset so that an erased
page, all FF, is good.

Without it one flipped bit in littlefs' metadata silently takes a directory back to an earlier state.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Final, NamedTuple
from zlib import crc32

from tla_sim.reader_fw.board.flash import PAGE_SIZE

DATA_SIZE: Final = 252
_OFFSET: Final = crc32(b"\xff" * DATA_SIZE) ^ 0xFFFF_FFFF


class Decoded(NamedTuple):
    """The data of some pages, in how many a bit was repaired, and which are lost: bit 0 for the first."""

    data: bytes
    corrected: int
    lost: int


@cache
def _layouts(pages: int) -> tuple[struct.Struct, struct.Struct, struct.Struct, int]:
    """Return the layouts of some pages as data, with check words and with words to skip, and the residue."""
    data = struct.Struct(f"{DATA_SIZE}s" * pages)
    coded = struct.Struct("<" + f"{DATA_SIZE}sI" * pages)
    skipped = struct.Struct(f"{DATA_SIZE}s4x" * pages)
    return data, coded, skipped, crc32(b"\xff" * PAGE_SIZE * pages)


@cache
def _single_bits() -> dict[int, int]:
    """Return the bit (byte index * 8 + bit index) of a page for each single-bit syndrome."""
    clean = crc32(bytes(PAGE_SIZE))
    places = {}
    for place in range(PAGE_SIZE * 8):
        page = bytearray(PAGE_SIZE)
        page[place // 8] = 1 << place % 8
        places[crc32(page) ^ clean] = place
    return places


def encode(data: bytes) -> bytes:
    """Return the pages of `data`, which is a multiple of 252 bytes: 256 bytes for each 252."""
    plain, coded, _, _ = _layouts(len(data) // DATA_SIZE)
    parts: list[bytes | int] = []
    for part in plain.unpack(data):
        parts.append(part)
        parts.append(crc32(part) ^ _OFFSET)
    return coded.pack(*parts)


def decode(raw: bytes) -> Decoded:
    """Return the data of whole pages, and which of them were repaired or lost.

    A page with more than one wrong bit, such as a power cut leaves, is lost: its data is returned as it is,
    since its reader has a check of its own.
    """
    pages = len(raw) // PAGE_SIZE
    _, _, skipped, residue = _layouts(pages)
    # One CRC over all pages tells whether any is wrong: nearly always none is.
    if crc32(raw) == residue:
        return Decoded((raw[:DATA_SIZE] if pages == 1 else b"".join(skipped.unpack(raw))), 0, 0)
    parts, corrected, lost = [], 0, 0
    for number, at in enumerate(range(0, len(raw), PAGE_SIZE)):
        page = raw[at : at + PAGE_SIZE]
        syndrome = crc32(page) ^ _layouts(1)[3]
        if syndrome:
            place = _single_bits().get(syndrome)
            if place is None:
                lost |= 1 << number
            else:
                repaired = bytearray(page)
                repaired[place // 8] ^= 1 << place % 8
                page = bytes(repaired)
                corrected += 1
        parts.append(page[:DATA_SIZE])
    return Decoded(b"".join(parts), corrected, lost)
