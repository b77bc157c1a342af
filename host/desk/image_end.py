"""Where a JPEG or PNG ends in its file; what programs and disks put behind it does not count.

PNG: the chunks of its clause 5 (W3C Recommendation), JPEG: the markers of ISO/IEC 10918-1 annex B.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"

_HEAD: Final = 8
_CHUNK: Final = 12
_MARKER: Final = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""Within coded data a stuffed byte and the marks between its intervals are none."""

_EOI: Final = 0xD9
_SOS: Final = 0xDA
_WITHOUT_LENGTH: Final = (0x01, 0xD8)


@dataclass(frozen=True, slots=True)
class ImageEnd:
    """Behind which byte an image ends, and how many scans a JPEG has; `at` is None if it does not end."""

    at: int | None
    scans: int = 0


def image_end(raw: bytes) -> ImageEnd:
    """Where the image ends that begins a file."""
    return _png_end(raw) if raw.startswith(PNG) else _jpeg_end(raw)


def _png_end(raw: bytes) -> ImageEnd:
    at = len(PNG)
    while at + _HEAD <= len(raw):
        length, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + _HEAD]
        if kind == b"IEND":
            return ImageEnd(at + _CHUNK)
        if not kind.isalpha():
            break
        at += length + _CHUNK
    return ImageEnd(None)


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
