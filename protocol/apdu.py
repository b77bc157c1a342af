"""Command and response APDUs, short and extended, all four cases (ISO/IEC 7816-4 §5.1, 7816-3 §12.1.3).

`ne` is the number of response bytes expected: 0 for none (cases 1 and 3), up to 256 short, up to 65,536
extended. A command is written short whenever it fits.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError

MAX_SHORT_DATA: Final = 255
MAX_SHORT_NE: Final = 256
MAX_DATA: Final = 65_535
MAX_NE: Final = 65_536

_HEADER: Final = struct.Struct("4B")
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


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """One command: class, instruction, two parameters, 0..65,535 data bytes, 0..65,536 expected.

    Source: ISO/IEC 7816-4 §5.1.
    """

    cla: int
    ins: int
    p1: int = 0
    p2: int = 0
    data: bytes = field(default=b"", repr=False)
    ne: int = 0

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
        if len(raw) < 4:
            raise CodecError("A command APDU has at least 4 bytes", "Send it whole")
        head: tuple[int, int, int, int] = _HEADER.unpack_from(raw)
        body = raw[4:]
        size = len(body)
        if size == 0:
            return cls(*head)
        if size == 1:
            return cls(*head, b"", body[0] or MAX_SHORT_NE)
        if body[0]:
            start, nc, short = 1, body[0], True
        elif size == 3:
            return cls(*head, b"", int.from_bytes(body[1:], "big") or MAX_NE)
        else:
            start, nc, short = 3, int.from_bytes(body[1:3], "big"), False
        end = start + nc
        le = size - end
        if nc == 0 or le not in ((0, 1) if short else (0, 2)):
            raise CodecError("The APDU's length fields do not agree with its length", "Check Lc and Le")
        ne = (int.from_bytes(body[end:], "big") or (MAX_SHORT_NE if short else MAX_NE)) if le else 0
        return cls(*head, body[start:end], ne)


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
