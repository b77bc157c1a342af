"""Command and response APDUs, short and extended, all four cases (ISO/IEC 7816-4 §5.1, 7816-3 §12.1.3).

`ne` is the number of response bytes expected: 0 for none (cases 1 and 3), up to 256 short, up to 65,536
extended. A command is written short whenever it fits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError

MAX_SHORT_DATA: Final = 255
MAX_SHORT_NE: Final = 256
MAX_DATA: Final = 65_535
MAX_NE: Final = 65_536

_HEADER_BYTES: Final = 4
"""CLA, INS, P1, P2."""

VECTORS: Final = (
    ("00A40000", 1, 0x00, 0xA4, 0, 0, "", 0),
    ("00B0000000", 2, 0x00, 0xB0, 0, 0, "", 256),
    ("00A40400023F00", 3, 0x00, 0xA4, 4, 0, "3F00", 0),
    ("00A40400023F0010", 4, 0x00, 0xA4, 4, 0, "3F00", 16),
    ("80400000000000", 2, 0x80, 0x40, 0, 0, "", 65_536),
    ("80400000000400", 2, 0x80, 0x40, 0, 0, "", 1_024),
    ("80320000000100" + "2A" * 256, 3, 0x80, 0x32, 0, 0, "2A" * 256, 0),
    ("80320000000100" + "2A" * 256 + "0000", 4, 0x80, 0x32, 0, 0, "2A" * 256, 65_536),
    ("803200000000012A0101", 4, 0x80, 0x32, 0, 0, "2A", 257),
)
"""Bytes, case, CLA, INS, P1, P2, data and Ne of each case, short and extended."""


class CommandApdu(NamedTuple):
    """One command: class, instruction, two parameters, 0..65,535 data bytes, 0..65,536 expected.

    Source: ISO/IEC 7816-4 §5.1.
    """

    cla: int
    ins: int
    p1: int = 0
    p2: int = 0
    data: bytes = b""
    ne: int = 0

    def __repr__(self) -> str:
        # Without the data, which may be a code.
        cla, ins, p1, p2, data, ne = self
        return f"CommandApdu({cla:#04x}, {ins:#04x}, {p1:#04x}, {p2:#04x}, {len(data)} bytes, ne={ne})"

    @property
    def case(self) -> int:
        """The case: 1 no data either way, 2 response data, 3 command data, 4 both."""
        return 1 + (self.ne > 0) + 2 * bool(self.data)

    @property
    def extended(self) -> bool:
        """Whether the command needs extended length fields."""
        return len(self.data) > MAX_SHORT_DATA or self.ne > MAX_SHORT_NE

    def build(self) -> bytes:
        """Return the bytes of the command. Raises CodecError when a field is out of range."""
        nc = len(self.data)
        if nc > MAX_DATA or not 0 <= self.ne <= MAX_NE:
            raise CodecError(
                "An APDU carries at most {most} bytes, not {size}", "Send it in parts", most=MAX_DATA, size=nc
            )
        try:
            head = bytes((self.cla, self.ins, self.p1, self.p2))
        except ValueError:
            raise CodecError("An APDU header field is not one byte", "Give values from 0 to 255") from None
        if self.extended:
            out = head + b"\0" + (nc.to_bytes(2, "big") + self.data if nc else b"")
            return out + (self.ne & 0xFFFF).to_bytes(2, "big") if self.ne else out
        out = head + (bytes((nc,)) + self.data if nc else b"")
        return out + bytes((self.ne & 0xFF,)) if self.ne else out

    @classmethod
    def parse(cls, raw: bytes) -> CommandApdu:
        """Return the command in these bytes (4..65,544). Raises CodecError when the lengths do not agree."""
        size = len(raw)
        if size < _HEADER_BYTES:
            raise CodecError("A command APDU has at least 4 bytes", "Send it whole")
        cla, ins, p1, p2 = raw[:_HEADER_BYTES]
        if size == _HEADER_BYTES:
            return cls(cla, ins, p1, p2)
        first = raw[_HEADER_BYTES]
        if size == _HEADER_BYTES + 1:
            return cls(cla, ins, p1, p2, b"", first or MAX_SHORT_NE)
        if first:
            # Short, as nearly all commands of cards are.
            end = _HEADER_BYTES + 1 + first
            if size == end:
                return cls(cla, ins, p1, p2, raw[_HEADER_BYTES + 1 :])
            if size == end + 1:
                return cls(cla, ins, p1, p2, raw[_HEADER_BYTES + 1 : end], raw[end] or MAX_SHORT_NE)
        elif size == _HEADER_BYTES + 3:
            return cls(cla, ins, p1, p2, b"", int.from_bytes(raw[_HEADER_BYTES + 1 :], "big") or MAX_NE)
        else:
            start = _HEADER_BYTES + 3
            nc = int.from_bytes(raw[_HEADER_BYTES + 1 : start], "big")
            end = start + nc
            if nc and size == end:
                return cls(cla, ins, p1, p2, raw[start:])
            if nc and size == end + 2:
                return cls(cla, ins, p1, p2, raw[start:end], int.from_bytes(raw[end:], "big") or MAX_NE)
        raise CodecError("The APDU's length fields do not agree with its length", "Check Lc and Le")


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """One response: 0..65,536 data bytes and the status word. Source: ISO/IEC 7816-4 §5.1."""

    data: bytes = field(default=b"", repr=False)
    word: int = int(Status.OK)

    @property
    def status(self) -> Status | None:
        """The declared status of the status word, `None` if undeclared."""
        return Status.of(self.word)

    def build(self) -> bytes:
        """Return the bytes of the response: data, then SW1 SW2."""
        return self.data + self.word.to_bytes(2, "big")

    @classmethod
    def parse(cls, raw: bytes) -> ResponseApdu:
        """Return the response in these bytes (2..65,538). Raises CodecError for any other length."""
        if not 2 <= len(raw) <= MAX_NE + 2:
            raise CodecError(
                "A response APDU has 2 to {most} bytes, not {size}",
                "Send it again",
                most=MAX_NE + 2,
                size=len(raw),
            )
        return cls(raw[:-2], raw[-2] << 8 | raw[-1])
