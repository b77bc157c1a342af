"""The blocks of pcapng files: those that are written, and the packets in a file that is read.

Source: draft-ietf-opsawg-pcapng (section header, interface description, enhanced and simple packet blocks).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from tla_sim.protocol.errors import CodecError

SECTION_TYPE: Final = 0x0A0D0D0A
_INTERFACE_TYPE: Final = 1
_SIMPLE_PACKET_TYPE: Final = 3
_PACKET_TYPE: Final = 6
MAGIC: Final = struct.pack("<I", SECTION_TYPE)
"""How every capture file begins."""

UPPER_PDU: Final = 252
"""The link type of packets that name their own dissector (LINKTYPE_WIRESHARK_UPPER_PDU)."""
USB: Final = 220
"""The link type of USB transfers with the 64-byte header of Linux' usbmon (LINKTYPE_USB_LINUX_MMAPPED)."""

MAX_BLOCK: Final = 16 * 1024 * 1024
LATEST_NS: Final = (1 << 64) - 1
"""The last time that a packet can have, in the year 2554."""
_REMEMBERED: Final = 4_096
_SHORT_OPTIONS: Final = 512
_CHUNK: Final = 1 << 20
_NS: Final = 1_000_000_000
_LOW: Final = 0xFFFF_FFFF

_COMMENT: Final = 1
_NAME: Final = 2
_FLAGS: Final = 2
_DROPPED: Final = 4
_DESCRIPTION: Final = 3
_APPLICATION: Final = 4
_RESOLUTION: Final = 9
_OFFSET: Final = 14
_OUTBOUND: Final = 2
_INBOUND: Final = 1
_NANOSECONDS: Final = b"\x09"
_NO_OPTION: Final = struct.pack("<HH", 0, 0)

_BLOCK: Final = struct.Struct("<II")
_SIZE: Final = struct.Struct("<I")
_SECTION: Final = struct.Struct("<IHHq")
_INTERFACE: Final = struct.Struct("<HHI")
_PACKET: Final = struct.Struct("<7I")
_PACKET_FRAME: Final = _PACKET.size + _SIZE.size
_ENDIAN: Final = 0x1A2B3C4D
_PADDING: Final = (b"", b"\0\0\0", b"\0\0", b"\0")
"""By the length modulo 4."""


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + _PADDING[len(value) & 3]


def _block(kind: int, body: bytes) -> bytes:
    size = _BLOCK.size + len(body) + _SIZE.size
    return _BLOCK.pack(kind, size) + body + _SIZE.pack(size)


def section_header(application: str, comment: str = "") -> bytes:
    """Return the block with which a capture, and each further part of it, begins."""
    options = _option(_COMMENT, comment.encode()) if comment else b""
    options += _option(_APPLICATION, application.encode()) + _NO_OPTION
    return _block(SECTION_TYPE, _SECTION.pack(_ENDIAN, 1, 0, -1) + options)


def interface(name: str, link_type: int = UPPER_PDU, description: str = "") -> bytes:
    """Return the block that declares the next interface of a section, with times in ns."""
    options = _option(_NAME, name.encode("utf-8", "surrogateescape"))
    if description:
        options += _option(_DESCRIPTION, description.encode())
    options += _option(_RESOLUTION, _NANOSECONDS) + _NO_OPTION
    return _block(_INTERFACE_TYPE, _INTERFACE.pack(link_type, 0, 0) + options)


def packet_options(comment: str, inbound: bool, dropped: int = 0) -> bytes:
    """Return the options of a packet: a comment, its direction, and how many were lost before it."""
    options = _option(_COMMENT, comment.encode("utf-8", "replace")) if comment else b""
    options += _option(_FLAGS, _SIZE.pack(_INBOUND if inbound else _OUTBOUND))
    if dropped:
        options += _option(_DROPPED, struct.pack("<Q", dropped))
    return options + _NO_OPTION


def packet(number: int, ns: int, prefix: bytes, data: bytes, options: bytes) -> bytes:
    """Return the block of a packet, `prefix` and `data`, on interface `number`.

    `ns` is since 1970, UTC; a time that no packet can have becomes the nearest that one can.
    """
    size = len(prefix) + len(data)
    total = _PACKET_FRAME + size + (-size & 3) + len(options)
    try:
        head = _PACKET.pack(_PACKET_TYPE, total, number, ns >> 32, ns & _LOW, size, size)
    except struct.error:
        ns = 0 if ns < 0 else LATEST_NS
        head = _PACKET.pack(_PACKET_TYPE, total, number, ns >> 32, ns & _LOW, size, size)
    return b"".join((head, prefix, data, _PADDING[size & 3], options, _SIZE.pack(total)))


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface of a file that is read: its name, its link type, and its unit of time.

    `is_plain` says that its times are ns since 1970 as they stand.
    """

    name: str
    link_type: int
    per_second: int = 1_000_000
    offset: int = 0
    is_plain: bool = False

    def ns(self, ticks: int) -> int:
        """Return a time of this interface in ns since 1970-01-01 00:00 UTC. Raises CodecError."""
        ns = ticks * _NS // self.per_second + self.offset * _NS
        if not 0 <= ns <= LATEST_NS:
            raise _damaged()
        return ns


class Packet(NamedTuple):
    """A packet of a file that is read. `inbound` is `None` where the file does not say."""

    interface: Interface
    ns: int
    data: bytes
    comment: str = ""
    inbound: bool | None = None


class _Section:
    """What is known of the section that is being read. `told` is what options said that came before."""

    def __init__(self, order: str = "<") -> None:
        self.order = order
        self.block = struct.Struct(order + "II")
        self.size = struct.Struct(order + "I")
        self.packet = struct.Struct(order + "5I")
        self.interfaces: list[Interface] = []
        self.told: dict[bytes, tuple[str, bool | None]] = {}


def read_packets(stream: BinaryIO) -> Iterator[Packet]:
    """Yield the packets of a capture, whoever wrote it.

    Raises CodecError when it is not a capture, or, after the last whole block, when it was cut off or is
    damaged.
    """
    for section, kind, body in _blocks(stream):
        if kind == _PACKET_TYPE:
            yield _enhanced(section, body)
        elif kind == _INTERFACE_TYPE:
            section.interfaces.append(_declared(section, body))
        elif kind == _SIMPLE_PACKET_TYPE:
            yield _simple(section, body)


def application_of(beginning: bytes) -> str:
    """Return the program that wrote a capture, given its beginning; empty where it does not say."""
    section = _Section()
    try:
        section.order = _order(beginning, 0)
        size = struct.unpack_from(section.order + "I", beginning, 4)[0]
        body = beginning[_BLOCK.size : max(size - _SIZE.size, 0)]
        for code, value in _options(section, body, _SECTION.size):
            if code == _APPLICATION:
                return str(value, "utf-8", "replace")
    except (CodecError, struct.error):
        pass
    return ""


class Continuation(NamedTuple):
    """Where a capture goes on: behind its whole blocks, what follows was cut off or is damaged.

    `interfaces` are those of its last section, `None` where that is not in our byte order.
    """

    size: int
    interfaces: tuple[Interface, ...] | None


def continuation_of(stream: BinaryIO) -> Continuation:
    """Return where a capture goes on."""
    size = 0
    last: _Section | None = None
    with suppress(CodecError):
        for section, kind, body in _blocks(stream):
            size += len(body) + _BLOCK.size + _SIZE.size
            last = section
            if kind == _INTERFACE_TYPE:
                section.interfaces.append(_declared_or_odd(section, body))
    return Continuation(size, tuple(last.interfaces) if last is not None and last.order == "<" else None)


def _blocks(stream: BinaryIO) -> Iterator[tuple[_Section, int, bytes]]:
    """Yield section, type and body of each block."""
    # What is there is read at once, so that blocks of a pipe are given out when they come.
    read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
    rest, missing = b"", 1
    section: _Section | None = None
    while True:
        more = _at_least(missing, read)
        raw = rest + more if rest else more
        at, end, missing = 0, len(raw), 1
        while end - at >= 12:
            if raw.startswith(MAGIC, at):
                section = _Section(_order(raw, at))
            elif section is None:
                raise _not_a_capture()
            kind, size = section.block.unpack_from(raw, at)
            if size < 12 or size & 3 or size > MAX_BLOCK:
                raise _damaged()
            stop = at + size
            if stop > end:
                missing = stop - end
                break
            if section.size.unpack_from(raw, stop - 4)[0] != size:
                raise _damaged()
            yield section, kind, raw[at + 8 : stop - 4]
            at = stop
        rest = raw[at:]
        if not more:
            if section is None:
                raise _not_a_capture()
            if rest:
                raise _cut_off()
            return


def _at_least(size: int, read: Callable[[int], bytes]) -> bytes:
    """Return what is there next, at least `size` bytes before the end: a pipe gives a large block in bits."""
    pieces: list[bytes] = []
    while size > 0 and (piece := read(_CHUNK)):
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _order(raw: bytes, at: int) -> str:
    for order in "<>":
        if struct.unpack_from(order + "I", raw, at + 8)[0] == _ENDIAN:
            return order
    raise _damaged() if at else _not_a_capture()


def _enhanced(section: _Section, body: bytes) -> Packet:
    if len(body) < 20:
        raise _damaged()
    number, high, low, size, _ = section.packet.unpack_from(body)
    end = 20 + size
    if number >= len(section.interfaces) or end > len(body):
        raise _damaged()
    declared = section.interfaces[number]
    ns = high << 32 | low
    if not declared.is_plain:
        ns = declared.ns(ns)
    options = body[end + (-size & 3) :]
    told = section.told.get(options)
    if told is None:
        told = _told(section, options)
    return Packet(declared, ns, body[20:end], *told)


def _told(section: _Section, options: bytes) -> tuple[str, bool | None]:
    """Return a packet's comment and direction."""
    comment, inbound = "", None
    for code, value in _options(section, options, 0):
        if code == _FLAGS and len(value) == 4:
            direction = section.size.unpack(value)[0] & 3
            inbound = None if direction in (0, 3) else direction == _INBOUND
        elif code == _COMMENT and not comment:
            comment = value.decode("utf-8", "replace")
    if len(options) <= _SHORT_OPTIONS:
        if len(section.told) >= _REMEMBERED:
            section.told.clear()
        section.told[options] = comment, inbound
    return comment, inbound


def _simple(section: _Section, body: bytes) -> Packet:
    if len(body) < 4 or not section.interfaces:
        raise _damaged()
    size = section.size.unpack_from(body)[0]
    return Packet(section.interfaces[0], 0, body[4 : 4 + size])


def _declared(section: _Section, body: bytes) -> Interface:
    if len(body) < _INTERFACE.size:
        raise _damaged()
    link_type = struct.unpack_from(section.order + "H", body)[0]
    name, per_second, offset = "", 1_000_000, 0
    for code, value in _options(section, body, _INTERFACE.size):
        if code == _NAME:
            name = value.decode("utf-8", "surrogateescape")
        elif code == _RESOLUTION and len(value) == 1:
            exponent = value[0] & 0x7F
            if exponent > (63 if value[0] & 0x80 else 19):
                raise _damaged()
            per_second = (2 if value[0] & 0x80 else 10) ** exponent
        elif code == _OFFSET and len(value) == 8:
            offset = struct.unpack(section.order + "q", value)[0]
    return Interface(name, link_type, per_second, offset, per_second == _NS and not offset)


def _declared_or_odd(section: _Section, body: bytes) -> Interface:
    """Return an interface; one whose block is damaged counts all the same, without a name and a link type."""
    try:
        return _declared(section, body)
    except CodecError:
        return Interface("", -1)


def _options(section: _Section, body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    end = len(body)
    while at + 4 <= end:
        code, size = struct.unpack_from(section.order + "HH", body, at)
        at += 4
        if code == 0:
            return
        if at + size > end:
            raise _damaged()
        yield code, body[at : at + size]
        at += size + (-size & 3)


def _not_a_capture() -> CodecError:
    return CodecError("This is not a pcapng file", "Record one first")


def _damaged() -> CodecError:
    return CodecError("The capture is damaged", "What stands before the damage was read")


def _cut_off() -> CodecError:
    return CodecError("The capture ends in the middle of a packet", "It was cut off there")
