"""CCID messages (USB Device Class: Smart Card CCID, revision 1.1) and their framing on a serial line.

A message is a header of 10 bytes and 0..65,535 bytes of data; numbers travel low byte first. On a serial line
each message is framed as SYNC CTRL message LRC, where LRC is the XOR of all bytes before it. Between frames
the reader may send one byte 80..FF to ask for time, and 50 with a byte that says in which slots cards moved.
The framing is that of libccid's serial driver (GemPC Twin and its relatives), as read from its source.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Final, NamedTuple

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.t1.block import lrc

HEADER_SIZE: Final = 10
MAX_MESSAGE: Final = 271
"""The longest message of the serial readers (dwMaxCCIDMessageLength)."""

MAX_DATA: Final = MAX_MESSAGE - HEADER_SIZE
SYNC: Final = 0x03
ACK: Final = 0x06
NAK: Final = 0x15
_BEGIN: Final = bytes((SYNC, ACK))
NAK_FRAME: Final = bytes((SYNC, NAK, SYNC ^ NAK))
TIME_REQUEST: Final = 0x80

HEADER: Final = struct.Struct("<BIBBBBB")
"""Kind, length, slot, sequence, and three bytes whose meaning depends on the kind."""


class Kind(IntEnum):
    """bMessageType (revision 1.1, tables 6.1-1, 6.2-1 and 6.3-1)."""

    SET_PARAMETERS = 0x61
    ICC_POWER_ON = 0x62
    ICC_POWER_OFF = 0x63
    GET_SLOT_STATUS = 0x65
    SECURE = 0x69
    T0_APDU = 0x6A
    ESCAPE = 0x6B
    GET_PARAMETERS = 0x6C
    RESET_PARAMETERS = 0x6D
    ICC_CLOCK = 0x6E
    XFR_BLOCK = 0x6F
    MECHANICAL = 0x71
    ABORT = 0x72
    SET_DATA_RATE_AND_CLOCK_FREQUENCY = 0x73
    NOTIFY_SLOT_CHANGE = 0x50
    DATA_BLOCK = 0x80
    SLOT_STATUS = 0x81
    PARAMETERS = 0x82
    ESCAPE_ANSWER = 0x83
    DATA_RATE_AND_CLOCK_FREQUENCY = 0x84


ANSWERS: Final[dict[int, Kind]] = {
    Kind.SET_PARAMETERS: Kind.PARAMETERS,
    Kind.ICC_POWER_ON: Kind.DATA_BLOCK,
    Kind.ICC_POWER_OFF: Kind.SLOT_STATUS,
    Kind.GET_SLOT_STATUS: Kind.SLOT_STATUS,
    Kind.SECURE: Kind.DATA_BLOCK,
    Kind.T0_APDU: Kind.SLOT_STATUS,
    Kind.ESCAPE: Kind.ESCAPE_ANSWER,
    Kind.GET_PARAMETERS: Kind.PARAMETERS,
    Kind.RESET_PARAMETERS: Kind.PARAMETERS,
    Kind.ICC_CLOCK: Kind.SLOT_STATUS,
    Kind.XFR_BLOCK: Kind.DATA_BLOCK,
    Kind.MECHANICAL: Kind.SLOT_STATUS,
    Kind.ABORT: Kind.SLOT_STATUS,
    Kind.SET_DATA_RATE_AND_CLOCK_FREQUENCY: Kind.DATA_RATE_AND_CLOCK_FREQUENCY,
}
"""The kind of answer to each command; any other command is answered with SLOT_STATUS."""


class IccStatus(IntEnum):
    """bmICCStatus, the low bits of bStatus (table 6.2-3)."""

    ACTIVE = 0
    INACTIVE = 1
    ABSENT = 2


class CommandStatus(IntEnum):
    """bmCommandStatus, the high bits of bStatus (table 6.2-3)."""

    DONE = 0
    FAILED = 1
    TIME_EXTENSION = 2


class SlotError(IntEnum):
    """bError of a failed command (table 6.2-2). A value 1..127 is the offset of the field that is wrong."""

    NOT_SUPPORTED = 0x00
    BAD_LENGTH = 0x01
    BAD_SLOT = 0x05
    BAD_FIRST = 0x07
    BAD_SECOND = 0x08
    BUSY = 0xE0
    DEACTIVATED_PROTOCOL = 0xF3
    OVERRUN = 0xFC
    MUTE = 0xFE
    ABORTED = 0xFF


class Request(NamedTuple):
    """PC_to_RDR: a command of the host. `first` to `third` are the message-specific bytes 7 to 9.

    `kind` is any byte, declared in `Kind` or not. Source: CCID revision 1.1 §6.1.
    """

    kind: int
    slot: int
    sequence: int
    data: bytes = b""
    first: int = 0
    second: int = 0
    third: int = 0

    def __repr__(self) -> str:
        return f"Request(kind={self.kind:02X}, slot={self.slot}, {len(self.data)} bytes)"

    def build(self) -> bytes:
        """Return the message, 10 bytes and the data. Raises CodecError when a number is not one byte."""
        return _build(self.kind, self.slot, self.sequence, self.first, self.second, self.third, self.data)

    @classmethod
    def parse(cls, raw: bytes) -> Request:
        """Return the request in a whole message. Raises CodecError when the lengths do not agree."""
        kind, _, slot, sequence, first, second, third = _header(raw)
        return cls(kind, slot, sequence, raw[HEADER_SIZE:], first, second, third)


class Answer(NamedTuple):
    """RDR_to_PC: an answer of the reader. `detail` is the message-specific byte 9, `error` is bError.

    Source: CCID revision 1.1 §6.2.
    """

    kind: int
    slot: int
    sequence: int
    icc: IccStatus
    command: CommandStatus = CommandStatus.DONE
    error: int = 0
    detail: int = 0
    data: bytes = b""

    def __repr__(self) -> str:
        said = f"{self.icc.name} {self.command.name} error={self.error:02X}"
        return f"Answer(kind={self.kind:02X}, slot={self.slot}, {said}, {len(self.data)} bytes)"

    def build(self) -> bytes:
        """Return the message, 10 bytes and the data. Raises CodecError when a number is not one byte."""
        kind, slot, sequence, icc, command, error, detail, data = self
        return _build(kind, slot, sequence, command << 6 | icc, error, detail, data)

    @classmethod
    def parse(cls, raw: bytes) -> Answer:
        """Return the answer in a whole message.

        Raises CodecError when the lengths do not agree or the status does not exist.
        """
        kind, _, slot, sequence, status, error, detail = _header(raw)
        try:
            icc, command = IccStatus(status & 3), CommandStatus(status >> 6)
        except ValueError:
            raise CodecError(
                "bStatus {status:02X} has no meaning", "Check the reader", status=status
            ) from None
        return cls(kind, slot, sequence, icc, command, error, detail, raw[HEADER_SIZE:])


def _build(kind: int, slot: int, sequence: int, first: int, second: int, third: int, data: bytes) -> bytes:
    try:
        return HEADER.pack(kind, len(data), slot, sequence, first, second, third) + data
    except struct.error:
        raise CodecError("A field of a CCID message is not one byte", "Give values from 0 to 255") from None


def _header(raw: bytes) -> tuple[int, ...]:
    """Return the numbers of the header. Raises CodecError when the length is wrong."""
    if len(raw) < HEADER_SIZE:
        raise CodecError("A CCID message has at least 10 bytes", "Send it whole")
    header = HEADER.unpack_from(raw)
    if header[1] != len(raw) - HEADER_SIZE:
        raise CodecError("dwLength does not agree with the message's length", "Check dwLength")
    return header


def frame_message(message: bytes) -> bytes:
    """Return the frame of a message on a serial line."""
    body = _BEGIN + message
    return body + bytes((lrc(body),))


class Notice(Enum):
    """What came instead of a message: a request to repeat the last one, or a bad frame."""

    REPEAT = auto()
    FAULT = auto()


@dataclass(frozen=True, slots=True)
class CardMoved:
    """RDR_to_PC_NotifySlotChange: two bits per slot, slot 0 lowest: card present, card moved (§6.3.1)."""

    bits: int


@dataclass(frozen=True, slots=True)
class TimeAsked:
    """The reader needs more time for a T=0 command."""


@dataclass(frozen=True, slots=True)
class Oversized:
    """A frame whose message is longer than MAX_MESSAGE; `header` is its first 10 bytes."""

    header: bytes


Item = bytes | Notice | CardMoved | TimeAsked | Oversized


class FrameCutter:
    """Cuts a byte stream into messages (bytes) and whatever else comes; holds at most one frame.

    Bytes that do not begin with SYNC are noise and ignored: a NAK that no command waits for would pair every
    later answer with the wrong command. A frame that began and is broken is a FAULT: at its end where that is
    known, otherwise when `silence` is called. `reader` says which end this is: only hosts receive CardMoved
    and TimeAsked.
    """

    def __init__(self, reader: bool = True) -> None:
        self._reader = reader
        self._rest = b""
        self._broken = False
        self._skip = 0
        self._oversized = b""

    @property
    def unsettled(self) -> bool:
        """Whether a frame is incomplete or broken, so that silence means a fault."""
        return bool(self._rest) or self._broken or bool(self._skip)

    @property
    def broken(self) -> bool:
        """Whether the end of the frame under way is unknown."""
        return self._broken

    def feed(self, data: bytes) -> list[Item]:
        """Return the items that these bytes complete, in order."""
        if not self._rest and data[:2] == _BEGIN and not self._broken and not self._skip:
            # Nearly always exactly one whole frame comes: worth a way of its own, without the loop.
            size = len(data)
            if 13 <= size <= MAX_MESSAGE + 3 and size - 13 == int.from_bytes(data[3:7], "little"):
                # Over a good frame with its own LRC, every byte cancels itself out.
                return [Notice.FAULT if lrc(data) else data[2:-1]]
        items: list[Item] = []
        raw = self._rest + data if self._rest else data
        at, size = 0, len(raw)
        if self._skip:
            at = min(size, self._skip)
            self._skip -= at
            if not self._skip:
                items.append(Oversized(self._oversized))
        while at < size and not self._broken and not self._skip:
            used = self._next(raw, at, size, items)
            if not used:
                break
            at += used
        self._rest = b"" if self._broken or self._skip else raw[at:]
        return items

    def _next(self, raw: bytes, at: int, size: int, items: list[Item]) -> int:
        """Take one item from `raw[at:]`, and return its number of bytes, 0 when more are needed."""
        if raw[at] != SYNC:
            return self._outside(raw, at, size, items)
        if size - at < 3:
            return 0
        if raw[at + 1] == NAK and raw[at + 2] == SYNC ^ NAK:
            items.append(Notice.REPEAT)
            return 3
        if raw[at + 1] != ACK:
            self._broken = True
            return size - at
        if size - at < 2 + HEADER_SIZE:
            return 0
        start = at + 2
        length = HEADER_SIZE + int.from_bytes(raw[start + 1 : start + 5], "little")
        end = start + length
        if length > MAX_MESSAGE:
            self._oversized = raw[start : start + HEADER_SIZE]
            self._skip = max(0, end + 1 - size)
            if not self._skip:
                items.append(Oversized(self._oversized))
            return min(size, end + 1) - at
        if size <= end:
            return 0
        good = lrc(raw[at:end]) == raw[end]
        items.append(raw[start:end] if good else Notice.FAULT)
        return end + 1 - at

    def _outside(self, raw: bytes, at: int, size: int, items: list[Item]) -> int:
        if self._reader:
            start = raw.find(b"\x03", at)
            return (size if start < 0 else start) - at
        if raw[at] == Kind.NOTIFY_SLOT_CHANGE:
            if size - at < 2:
                return 0
            items.append(CardMoved(raw[at + 1]))
            return 2
        if raw[at] >= TIME_REQUEST:
            items.append(TimeAsked())
        return 1

    def silence(self) -> Item | None:
        """Return the fault that silence on the line means, `None` if it means none, and start afresh."""
        oversized, unsettled = self._skip, self.unsettled
        self._rest, self._broken, self._skip = b"", False, 0
        if oversized:
            return Oversized(self._oversized)
        return Notice.FAULT if unsettled else None


VECTORS: Final[tuple[tuple[Request | Answer, str], ...]] = (
    (Request(Kind.ICC_POWER_ON, 0, 1), "62000000000001000000"),
    (Request(Kind.ICC_POWER_OFF, 1, 2), "63000000000102000000"),
    (Request(Kind.GET_SLOT_STATUS, 2, 3), "65000000000203000000"),
    (Request(Kind.XFR_BLOCK, 0, 4, bytes.fromhex("00A4000000")), "6F05000000000400000000A4000000"),
    (Request(Kind.XFR_BLOCK, 1, 5, bytes.fromhex("FF1013FC")), "6F040000000105000000FF1013FC"),
    (Request(Kind.SET_PARAMETERS, 1, 6, bytes.fromhex("1300000A00"), 0), "610500000001060000001300000A00"),
    (Request(Kind.ESCAPE, 0, 0, b"\x02"), "6B01000000000000000002"),
    (
        Answer(Kind.DATA_BLOCK, 0, 4, IccStatus.ACTIVE, data=b"\x90\x00"),
        "800200000000040000009000",
    ),
    (
        Answer(Kind.SLOT_STATUS, 7, 9, IccStatus.ABSENT, CommandStatus.FAILED, SlotError.BAD_SLOT),
        "81000000000709420500",
    ),
    (
        Answer(Kind.DATA_BLOCK, 0, 8, IccStatus.ABSENT, CommandStatus.FAILED, SlotError.MUTE),
        "8000000000000842FE00",
    ),
)
"""Messages and their bytes in hex."""
