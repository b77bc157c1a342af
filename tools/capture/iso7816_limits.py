"""Which APDUs and answers to reset Wireshark's own dissector `iso7816` reads rightly.

It takes every answer that begins with 3B or 3F for an answer to reset, and believes the lengths in what it
reads; what it would call malformed goes to our own dissector instead. Source: packet-iso7816.c of 4.0.
"""

from __future__ import annotations

from typing import Final

_CONVENTIONS: Final = (0x3B, 0x3F)
_HEADER_BYTES: Final = 4
_MORE: Final = 0x80


def is_left_alone(cla: int) -> bool:
    """Return whether the dissector reads no more than the class of such a command."""
    return not (cla < 0x10 or 0xA0 <= cla < 0xB0)


def reads_command(apdu: bytes) -> bool:
    """Return whether the dissector reads a command without running past its end."""
    if not apdu:
        return False
    if is_left_alone(apdu[0]):
        return True
    size = len(apdu)
    if size < _HEADER_BYTES:
        return False
    return size <= _HEADER_BYTES + 1 or _HEADER_BYTES + 1 + apdu[_HEADER_BYTES] <= size


def reads_answer(response: bytes) -> bool:
    """Return whether the dissector takes an answer for the answer that it is."""
    return len(response) > 1 and response[0] not in _CONVENTIONS


def reads_atr(atr: bytes) -> bool:
    """Return whether the dissector reads an answer to reset without running past its end."""
    if len(atr) < 2 or atr[0] not in _CONVENTIONS:
        return False
    historical = atr[1] & 0x0F
    at = 1
    while True:
        if at >= len(atr):
            return False
        follows = atr[at]
        at += 1 + (follows >> 4 & 0b111).bit_count()
        if not follows & _MORE:
            return at + historical <= len(atr)
