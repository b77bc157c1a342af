"""Where a JPEG or PNG ends in its file; bytes that programs and disks append do not count.

PNG: the chunks of its clause 5 (W3C Recommendation), JPEG: the markers of ISO/IEC 10918-1 annex B.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"

_HEAD: Final = 8
_CHUNK: Final = 12
_MARKER: Final = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""A marker that ends coded data: neither a stuffed byte nor a restart marker."""

_EOI: Final = 0xD9
_SOS: Final = 0xDA
_WITHOUT_LENGTH: Final = (0x01, 0xD8)


@dataclass(frozen=True, slots=True)
class ImageEnd:
    """The offset behind an image's last byte, `None` if it does not end, and the number of a JPEG's scans."""

    at: int | None
    scans: int = 0


_SHOWN: Final = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs", b"eXIf")
"""The chunks that affect the picture, its resolution and its orientation."""

_PHYS_LENGTH: Final = 9


def image_end(raw: bytes) -> ImageEnd:
    """Return where the image at the beginning of a file ends."""
    return _png_end(raw) if raw.startswith(PNG) else _jpeg_end(raw)


def bare_png(raw: bytes) -> bytes:
    """Return a PNG with only the chunks that affect its picture; the others, damaged or not, are dropped.

    An unknown critical chunk stays.
    """
    kept = [PNG]
    for kind, begin, end in _chunks(raw):
        shown = kind in _SHOWN or kind[:1].isupper()
        if shown and not (kind == b"pHYs" and end - begin != _PHYS_LENGTH + _CHUNK):
            kept.append(raw[begin:end])
    return b"".join(kept)


def _chunks(raw: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk up to the last, with its start and end."""
    at = len(PNG)
    while at + _HEAD <= len(raw):
        length, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + _HEAD]
        if not kind.isalpha():
            return
        yield kind, at, at + length + _CHUNK
        if kind == b"IEND":
            return
        at += length + _CHUNK


def _png_end(raw: bytes) -> ImageEnd:
    ends = [end for kind, _, end in _chunks(raw) if kind == b"IEND"]
    return ImageEnd(ends[0] if ends else None)


def _jpeg_end(raw: bytes) -> ImageEnd:
    scans = 0
    found = _MARKER.search(raw)
    while found is not None:
        at, kind = found.end(), raw[found.end() - 1]
        if kind == _EOI:
            return ImageEnd(at, scans)
        scans += kind == _SOS
        if kind not in _WITHOUT_LENGTH:
            at += int.from_bytes(raw[at : at + 2], "big")
        found = _MARKER.search(raw, at)
    return ImageEnd(None, scans)
