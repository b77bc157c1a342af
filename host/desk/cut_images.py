"""Detecting coded images whose data end before the image does: JPEG, JPEG 2000, JBIG2, CCITT fax.

A decoder fills what is missing with grey or white without an error. A JPEG or a fax is decoded as it is, and
again with more data behind it: only one that was cut off looks different then. JPEG 2000 and JBIG2 state the
lengths of their parts.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Final

_EOI: Final = b"\xff\xd9"
_TAIL: Final = 64
_MORE: Final = bytes((at * 73 + 41) % 251 for at in range(4_096))
"""Data to append: no byte is FF, which would begin a marker."""

_SOC_SIZ: Final = b"\xff\x4f\xff\x51"
_SOT: Final = b"\xff\x90"
_UNKNOWN_LENGTH: Final = 0xFFFFFFFF
_END_OF_LINE: Final = "000000000001"


class TooManyPixels(Exception):
    """An image has more pixels than a document may have."""


def jpeg_is_cut(data: bytes, max_pixels: int) -> bool:
    """Return whether a JPEG's coded data (ISO/IEC 10918-1) end early. Raises `TooManyPixels`.

    Data that are not a JPEG at all are not cut: they show as nothing.
    """
    end = data.rfind(_EOI, max(len(data) - _TAIL, 0))
    body = (data if end < 0 else data[:end]).rstrip(b"\xff")
    try:
        return _look(body + _EOI, max_pixels) != _look(body + _MORE + _EOI, max_pixels)
    except OSError as error:
        return "truncated" in str(error)
    except (ValueError, SyntaxError, EOFError, KeyError, IndexError):
        return False


def _look(raw: bytes, max_pixels: int) -> bytes:
    from PIL import Image

    with Image.open(BytesIO(raw), formats=("JPEG",)) as image:
        if image.width * image.height > max_pixels:
            raise TooManyPixels
        smaller = 1 if "progressive" in image.info else 8
        grey = "L" if image.mode in ("L", "RGB") else None
        image.draft(grey, (max(image.width // smaller, 1), max(image.height // smaller, 1)))
        return image.tobytes()


def jpx_is_cut(data: bytes, max_pixels: int) -> bool:
    """Return whether a JPEG 2000 codestream (ISO/IEC 15444-1 annex A) ends within a part, or lacks a tile.

    Raises `TooManyPixels`.
    """
    at = data.find(_SOC_SIZ)
    if at < 0:
        return False
    size = data[at + 6 : at + 40]
    width, height, left, top, wide, high, first_x, first_y = (
        int.from_bytes(size[place : place + 4], "big") for place in range(2, 34, 4)
    )
    if not wide or not high:
        return True
    tiles = -(-(width - first_x) // wide) * -(-(height - first_y) // high)
    if (width - left) * (height - top) > max_pixels:
        raise TooManyPixels
    at += 2
    seen: set[int] = set()
    while len(data) - at >= 4 and data[at : at + 2] != _EOI:
        length = int.from_bytes(data[at + 2 : at + 4], "big") + 2
        if data[at : at + 2] == _SOT:
            seen.add(int.from_bytes(data[at + 4 : at + 6], "big"))
            length = int.from_bytes(data[at + 6 : at + 10], "big")
            if length == 0:
                return len(seen) < tiles or _EOI not in data[-_TAIL:]
        if length < 4 or at + length > len(data):
            return True
        at += length
    return len(seen) < tiles


def jbig2_is_cut(data: bytes) -> bool:
    """Return whether JBIG2 data as embedded in a PDF (ITU-T T.88, 7.2) end within a segment."""
    at = 0
    while at < len(data):
        if len(data) - at < 11:
            return bool(data[at:].strip(b"\0\r\n"))
        flags, count = data[at + 4], data[at + 5] >> 5
        number = int.from_bytes(data[at : at + 4], "big")
        head = at + 6
        if count == 7:
            count = int.from_bytes(data[at + 5 : at + 9], "big") & 0x1FFFFFFF
            head = at + 9 + (count + 8) // 8
        head += count * (1 if number <= 256 else 2 if number <= 65_536 else 4)
        head += 4 if flags & 0x40 else 1
        length = int.from_bytes(data[head : head + 4], "big")
        if length == _UNKNOWN_LENGTH:
            return False
        at = head + 4 + length
        if at > len(data):
            return True
    return False


def fax_is_cut(data: bytes, decode: Callable[[bytes], bytes]) -> bool:
    """Return whether CCITT data (ITU-T T.4, T.6) end before the last row.

    `decode` returns the pixels of data.
    """
    bits = "".join(f"{byte:08b}" for byte in data.rstrip(b"\0\r\n")[-12:] + b"\0")
    if _END_OF_LINE * 2 in bits or f"{_END_OF_LINE}1" * 2 in bits or f"{_END_OF_LINE}0" * 2 in bits:
        return False
    shown = decode(data)
    return any(decode(data + more) != shown for more in (_MORE, _MORE[::-1]))
