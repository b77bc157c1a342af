"""Packets that name their own dissector: the tags in front of what they carry.

Each tag is a number and a length of two bytes each, high byte first, and a value. Padding counts as value.
Source: Wireshark's exported PDUs (link type 252), as its `exported_pdu_tlvs.h` has them.
"""

from __future__ import annotations

import struct
from enum import Enum
from functools import cache
from typing import Final, NamedTuple

_TAG: Final = struct.Struct(">HH")
_DISSECTOR: Final = 12
_DIRECTION: Final = 35
_END: Final = 0
_SENT: Final = 0
_RECEIVED: Final = 1


class Dissector(Enum):
    """What a packet carries, by the name of the dissector that reads it."""

    APDU = "iso7816"
    ODD_APDU = "tla_apdu"
    T1 = "tla_t1"
    VPCD = "tla_vpcd"
    ZONE = "tla_zone"


@cache
def prefix(dissector: Dissector, from_reader: bool) -> bytes:
    """Return the tags of a packet: its dissector, and whether the reader or a card sent it."""
    name = dissector.value.encode()
    name += b"\0" * (-len(name) & 3)
    direction = struct.pack(">I", _RECEIVED if from_reader else _SENT)
    return b"".join(
        (
            _TAG.pack(_DISSECTOR, len(name)),
            name,
            _TAG.pack(_DIRECTION, len(direction)),
            direction,
            _TAG.pack(_END, 0),
        )
    )


class UpperPdu(NamedTuple):
    """A packet taken apart. `dissector` is the name as it stands there, `from_reader` `None` if unsaid."""

    dissector: str
    from_reader: bool | None
    data: bytes


_KNOWN: Final = {
    prefix(dissector, from_reader): (dissector.value, from_reader)
    for dissector in Dissector
    for from_reader in (False, True)
}
_SIZES: Final = tuple(sorted({len(each) for each in _KNOWN}))


def take_apart(packet: bytes) -> UpperPdu | None:
    """Return what a packet carries, `None` for tags that are cut off."""
    for size in _SIZES:
        known = _KNOWN.get(packet[:size])
        if known is not None:
            return UpperPdu(known[0], known[1], packet[size:])
    name, from_reader = "", None
    at = 0
    while at + _TAG.size <= len(packet):
        tag, size = _TAG.unpack_from(packet, at)
        at += _TAG.size
        if tag == _END:
            return UpperPdu(name, from_reader, packet[at:])
        value = packet[at : at + size]
        if tag == _DISSECTOR:
            name = value.rstrip(b"\0").decode("ascii", "replace")
        elif tag == _DIRECTION and len(value) == 4:
            from_reader = value != bytes(4)
        at += size  # text2pcap does not pad the name, and Wireshark goes by the length alone
    return None
