"""Write PNG files sample by sample, so that their content is known without a PNG decoder.

Source: the W3C Recommendation Portable Network Graphics, clauses 5 to 11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, INDEXED, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
CHANNELS: Final = {GREY: 1, COLOUR: 3, INDEXED: 1, GREY_ALPHA: 2, COLOUR_ALPHA: 4}
DEPTHS: Final = {
    GREY: (1, 2, 4, 8, 16),
    COLOUR: (8, 16),
    INDEXED: (1, 2, 4, 8),
    GREY_ALPHA: (8, 16),
    COLOUR_ALPHA: (8, 16),
}
"""The allowed bits per sample of each colour type."""

Sample = Callable[[int, int], Sequence[int]]
"""Gives the samples of a pixel, by column and row."""

DPI_200: Final = struct.pack(">IIB", 7874, 7874, 1)
"""The content of `pHYs` for 200 DPI."""

_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk with its length and CRC."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_file(
    size: tuple[int, int],
    kind: int,
    bits: int,
    sample: Sample,
    *chunks: bytes,
    interlaced: bool = False,
    density: bytes = DPI_200,
    parts: int = 1,
) -> bytes:
    """Return a PNG: further chunks first, then its data in `parts` chunks."""
    width, height = size
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    lines = [
        b"\0" + _packed([sample(column, row) for column in range(left, width, right)], bits)
        for left, top, right, down in passes
        if left < width
        for row in range(top, height, down)
    ]
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    stated = chunk(b"pHYs", density) if density else b""
    data = zlib.compress(b"".join(lines), 1)
    each = -(-len(data) // parts)
    body = b"".join(chunk(b"IDAT", data[at : at + each]) for at in range(0, len(data), each))
    return SIGNATURE + b"".join((chunk(b"IHDR", head), stated, *chunks, body)) + chunk(b"IEND", b"")


def _packed(points: Sequence[Sequence[int]], bits: int) -> bytes:
    samples = [each for point in points for each in point]
    if bits == 16:
        return struct.pack(f">{len(samples)}H", *samples)
    if bits == 8:
        return bytes(samples)
    each = 8 // bits
    samples += [0] * (-len(samples) % each)
    return bytes(
        sum(value << bits * (each - 1 - place) for place, value in enumerate(samples[at : at + each]))
        for at in range(0, len(samples), each)
    )
