"""CCID messages as transfers of a USB reader, as Linux' usbmon hands them to Wireshark (link type 220).

A capture that begins with the reading of the descriptors is decoded without any option. Source: struct
usbmon_packet of Linux' Documentation/usb/usbmon.rst; USB 2.0 §9.6; CCID revision 1.1 §5.1.
"""

from __future__ import annotations

import struct
from typing import Final

from tla_sim.protocol.ccid import HEADER_SIZE, MAX_MESSAGE, Kind

_MON: Final = struct.Struct("<QBBBBHBBqiiII8siiII")
_SUBMIT, _COMPLETE = b"SC"
_INTERRUPT, _CONTROL, _BULK = 1, 2, 3
_IN: Final = 0x80
_DONE, _IN_PROGRESS, _PROTOCOL_ERROR = 0, -115, -71
"""Status of a transfer: 0, -EINPROGRESS, -EPROTO."""
_PRESENT: Final = 0
_ABSENT_OUT, _ABSENT_IN, _NO_SETUP = b"><-"
_BUS: Final = 1
_OUT_POINT, _IN_POINT, _NOTICE_POINT = 1, 2, 3
_NS: Final = 1_000_000_000

_VENDOR: Final = 0x08E6
"""Gemalto, and below its GemPC Twin: the readers whose serial line this is."""
_PRODUCT: Final = 0x3437
_GET_DESCRIPTOR: Final = 0x06
_DEVICE, _CONFIGURATION, _INTERFACE, _ENDPOINT, _SMART_CARD = 1, 2, 4, 5, 0x21
_CLASS: Final = 0x0B
_FEATURES: Final = 0x0001_0030
"""dwFeatures: exchanges of TPDUs; clock and speed are set by the reader."""
_PROTOCOLS: Final = 3
_MOST_DATA: Final = 254


def _configuration(slots: int) -> bytes:
    """Return the descriptors of configuration, interface, smart cards and end points."""
    cards = struct.pack(
        "<BBHBBIIIBIIBIIIIIBBHBB",
        54,
        _SMART_CARD,
        0x0110,
        slots - 1,
        0x07,
        _PROTOCOLS,
        4_000,
        4_000,
        0,
        10_753,
        344_105,
        0,
        _MOST_DATA,
        0,
        0,
        _FEATURES,
        MAX_MESSAGE,
        0xFF,
        0xFF,
        0,
        0,
        1,
    )
    points = b"".join(
        struct.pack("<BBBBHB", 7, _ENDPOINT, address, kind, size, interval)
        for address, kind, size, interval in (
            (_OUT_POINT, 2, 64, 0),
            (_IN | _IN_POINT, 2, 64, 0),
            (_IN | _NOTICE_POINT, 3, 8, 24),
        )
    )
    inside = struct.pack("<9B", 9, _INTERFACE, 0, 0, 3, _CLASS, 0, 0, 0) + cards + points
    return struct.pack("<BBHBBBBB", 9, _CONFIGURATION, 9 + len(inside), 1, 1, 0, 0x80, 50) + inside


class UsbCarrier:
    """One reader with so many slots, at an address of a bus (1..127). Times are ns since 1970, UTC."""

    def __init__(self, slots: int, address: int = 1) -> None:
        self._slots = slots
        self._address = address
        self._number = 0

    def opening(self, ns: int) -> tuple[tuple[bool, bytes], ...]:
        """Return the packets with which a host reads the descriptors: whether the reader sends it, and its
        bytes."""
        device = struct.pack(
            "<BBHBBBBHHHBBBB", 18, _DEVICE, 0x0200, 0, 0, 0, 64, _VENDOR, _PRODUCT, 0x0100, 0, 0, 0, 1
        )
        packets: list[tuple[bool, bytes]] = []
        for kind, descriptor in ((_DEVICE, device), (_CONFIGURATION, _configuration(self._slots))):
            self._number += 1
            size = len(descriptor)
            setup = struct.pack("<BBHHH", 0x80, _GET_DESCRIPTOR, kind << 8, 0, size)
            packets.append((False, self._packet(_SUBMIT, _CONTROL, _IN, ns, _IN_PROGRESS, size, b"", setup)))
            packets.append((True, self._packet(_COMPLETE, _CONTROL, _IN, ns, _DONE, size, descriptor)))
        return tuple(packets)

    def packet(self, from_reader: bool, data: bytes, ns: int) -> bytes:
        """Return the packet of a piece that was heard (see `tools/capture/levels/ccid_level.py`).

        What is neither a whole message nor a slot change becomes a transfer that failed, without data: no
        USB reader can say such a thing.
        """
        self._number += 1
        if from_reader and len(data) == 2 and data[0] == Kind.NOTIFY_SLOT_CHANGE:
            return self._packet(_COMPLETE, _INTERRUPT, _IN | _NOTICE_POINT, ns, _DONE, len(data), data)
        whole = len(data) >= HEADER_SIZE and len(data) - HEADER_SIZE == int.from_bytes(data[1:5], "little")
        point = _IN | _IN_POINT if from_reader else _OUT_POINT
        if not whole:
            return self._packet(_COMPLETE, _BULK, point, ns, _PROTOCOL_ERROR, 0, b"")
        if from_reader:
            return self._packet(_COMPLETE, _BULK, point, ns, _DONE, len(data), data)
        return self._packet(_SUBMIT, _BULK, point, ns, _IN_PROGRESS, len(data), data)

    def _packet(
        self,
        event: int,
        kind: int,
        point: int,
        ns: int,
        status: int,
        size: int,
        data: bytes,
        setup: bytes = b"",
    ) -> bytes:
        seconds, rest = divmod(ns, _NS)
        absent = _ABSENT_IN if point & _IN else _ABSENT_OUT
        head = _MON.pack(
            self._number,
            event,
            kind,
            point,
            self._address,
            _BUS,
            _PRESENT if setup else _NO_SETUP,
            _PRESENT if data else absent,
            seconds,
            rest // 1_000,
            status,
            size,
            len(data),
            setup,
            0,
            0,
            0,
            0,
        )
        return head + data
