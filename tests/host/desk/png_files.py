"""PNG files written sample by sample, so that what is in them is known without a reader of PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence

GREY, COLOUR, INDEXED, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
Sample = Callable[[int, int], Sequence[int]]
"""The samples of a point, by column and row."""

_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and check."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_file(
    size: tuple[int, int],
    kind: int,
    bits: int,
    sample: Sample,
    *chunks: bytes,
    interlaced: bool = False,
) -> bytes:
    """A PNG of 200 DPI, its further chunks before its data."""
    width, height = size
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    lines = [
        b"\0" + _packed([sample(column, row) for column in range(left, width, right)], bits)
        for left, top, right, down in passes
        if left < width
        for row in range(top, height, down)
    ]
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    density = chunk(b"pHYs", struct.pack(">IIB", 7874, 7874, 1))
    body = chunk(b"IDAT", zlib.compress(b"".join(lines), 1))
    return (
        b"\x89PNG\r\n\x1a\n" + b"".join((chunk(b"IHDR", head), density, *chunks, body)) + chunk(b"IEND", b"")
    )


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
