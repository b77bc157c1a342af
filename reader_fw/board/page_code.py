"""The check word of a flash page: one flipped bit is put right, more are noticed. Project-defined.

A page is 252 data bytes and a CRC-32 of them. A CRC's syndrome names the place of a single wrong bit, so
four bytes serve both to notice and to repair; up to three wrong bits a page are never taken for a good
page, or for one with a single wrong bit (the CRC's Hamming distance at this length is 5). The word is
offset so that an erased page, all FF, checks.

Without it one flipped bit in littlefs' metadata silently takes a directory back to an earlier state.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Final
from zlib import crc32

from tla_sim.reader_fw.board.flash import PAGE_SIZE

DATA_SIZE: Final = 252
_OFFSET: Final = crc32(b"\xff" * DATA_SIZE) ^ 0xFFFF_FFFF


@cache
def _layouts(pages: int) -> tuple[struct.Struct, struct.Struct, struct.Struct, int]:
    """How `pages` pages lie as data alone, with their words, with words to skip; and the residue of all."""
    data = struct.Struct(f"{DATA_SIZE}s" * pages)
    coded = struct.Struct("<" + f"{DATA_SIZE}sI" * pages)
    skipped = struct.Struct(f"{DATA_SIZE}s4x" * pages)
    return data, coded, skipped, crc32(b"\xff" * PAGE_SIZE * pages)


@cache
def _single_bits() -> dict[int, int]:
    """Return the bit (byte index * 8 + bit index) of a page that each single-bit syndrome names."""
    clean = crc32(bytes(PAGE_SIZE))
    places = {}
    for place in range(PAGE_SIZE * 8):
        page = bytearray(PAGE_SIZE)
        page[place // 8] = 1 << place % 8
        places[crc32(page) ^ clean] = place
    return places


def encode(data: bytes) -> bytes:
    """Return the pages that hold `data`, a multiple of 252 bytes: 256 bytes for each 252."""
    plain, coded, _, _ = _layouts(len(data) // DATA_SIZE)
    parts: list[bytes | int] = []
    for part in plain.unpack(data):
        parts.append(part)
        parts.append(crc32(part) ^ _OFFSET)
    return coded.pack(*parts)


def decode(raw: bytes) -> tuple[bytes, int]:
    """Return the data of whole pages, and how many of them had a bit put right.

    A page with more than one wrong bit, as a cut leaves it, comes as it is: whoever reads it has a check of
    its own.
    """
    pages = len(raw) // PAGE_SIZE
    _, _, skipped, residue = _layouts(pages)
    if crc32(raw) == residue:
        return (raw[:DATA_SIZE] if pages == 1 else b"".join(skipped.unpack(raw))), 0
    parts, corrected = [], 0
    for at in range(0, len(raw), PAGE_SIZE):
        page = raw[at : at + PAGE_SIZE]
        syndrome = crc32(page) ^ _layouts(1)[3]
        place = _single_bits().get(syndrome) if syndrome else None
        if place is not None:
            repaired = bytearray(page)
            repaired[place // 8] ^= 1 << place % 8
            page = bytes(repaired)
            corrected += 1
        parts.append(page[:DATA_SIZE])
    return b"".join(parts), corrected
