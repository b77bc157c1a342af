"""T=1 blocks: their declaration, their error detection code, and the cutting of a byte stream into blocks.

Source: ISO/IEC 7816-3 §11.3 (NAD PCB LEN INF EDC) and §11.4.4 (EDC); the CRC variant and the use of NAD
are Project-defined: high nibble destination, low nibble source.
"""

from __future__ import annotations

import struct
from binascii import crc_hqx
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Final

from tla_sim.protocol.errors import CodecError

INITIAL_IFS: Final = 32
"""Bytes of INF that every end takes before it has said otherwise (§11.4.2)."""
MAX_IFS: Final = 254
HEADER_SIZE: Final = 3
MAX_BLOCK: Final = HEADER_SIZE + MAX_IFS + 2
_RESERVED: Final = 0xFF
"""Neither a NAD nor a LEN: FF is PPSS, which starts a PPS exchange, and a length reserved for future use."""

HEADER: Final = struct.Struct("3B")
"""NAD, PCB, LEN."""

_MIRROR: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_FOLDS: Final = (2048, 1024, 512, 256, 128, 64, 32, 16, 8)
"""Bits by which an LRC folds its bytes onto one another; they cover 512 bytes. Nine shifts of one long number
are many times faster than a loop over the bytes, and every block of every exchange pays for it twice."""
_SHORT: Final = 32
_SHORT_FOLDS: Final = _FOLDS[4:]


def lrc(data: bytes) -> int:
    """Return the LRC of these bytes (at most 512 of them): all of them combined by exclusive or."""
    folded = int.from_bytes(data, "big")
    for bits in _FOLDS if len(data) > _SHORT else _SHORT_FOLDS:
        folded ^= folded >> bits
    return folded & 0xFF


class Edc(Enum):
    """Error detection code of every block on one link: LRC is 1 byte, CRC 2 bytes, high byte first.

    The CRC has reflected polynomial 0x1021, start FFFF and no final inversion ("123456789" gives 6F91), as
    libccid's T=1 engine computes it. Source: ISO/IEC 7816-3 §11.4.4; CRC variant Project-defined.
    """

    LRC = "lrc"
    CRC = "crc"

    @property
    def size(self) -> int:
        """How many bytes it takes at the end of a block."""
        return 2 if self is Edc.CRC else 1

    def of(self, data: bytes) -> bytes:
        """Return the code of these bytes (at most 512 of them)."""
        if self is Edc.CRC:
            # The standard library's CRC is the unreflected twin: mirror the bits on the way in and out.
            crc = crc_hqx(data.translate(_MIRROR), 0xFFFF)
            return bytes((_MIRROR[crc & 0xFF], _MIRROR[crc >> 8]))
        return bytes((lrc(data),))


class Fault(IntEnum):
    """What an R-block says about the block before it (low nibble of its PCB)."""

    NONE = 0
    EDC = 1
    OTHER = 2


class Supervision(IntEnum):
    """What an S-block is about (low bits of its PCB)."""

    RESYNCH = 0
    IFS = 1
    ABORT = 2
    WTX = 3


@dataclass(frozen=True, slots=True)
class Information:
    """PCB of an I-block: send-sequence number N(S), and whether the message goes on in the next block."""

    number: int
    more: bool

    @property
    def pcb(self) -> int:
        """The PCB byte: 0, N(S), M, then five zero bits."""
        return self.number << 6 | self.more << 5


@dataclass(frozen=True, slots=True)
class Ready:
    """PCB of an R-block: number N(R) of the I-block that its sender expects."""

    number: int
    fault: Fault

    @property
    def pcb(self) -> int:
        """The PCB byte: 1, 0, 0, N(R), then the fault."""
        return 0x80 | self.number << 4 | self.fault


@dataclass(frozen=True, slots=True)
class Supervisory:
    """PCB of an S-block, request or response."""

    about: Supervision
    response: bool

    @property
    def pcb(self) -> int:
        """The PCB byte: 1, 1, response, then what it is about."""
        return 0xC0 | self.response << 5 | self.about

    @property
    def inf_size(self) -> int:
        """How many bytes of INF it has: 1 for IFS and WTX, none for RESYNCH and ABORT."""
        return int(self.about in (Supervision.IFS, Supervision.WTX))


Control = Information | Ready | Supervisory

_ALL_CONTROLS: Final[tuple[Control, ...]] = (
    *(Information(number, more) for number in (0, 1) for more in (False, True)),
    *(Ready(number, fault) for number in (0, 1) for fault in Fault),
    *(Supervisory(about, response) for about in Supervision for response in (False, True)),
)
_CONTROLS: Final = {control.pcb: control for control in _ALL_CONTROLS}


@dataclass(frozen=True, slots=True)
class Block:
    """One block: NAD byte, control, 0..254 bytes of INF.

    Source: ISO/IEC 7816-3 §11.3.
    """

    nad: int
    control: Control
    inf: bytes = field(default=b"", repr=False)

    def build(self, edc: Edc) -> bytes:
        """Return the bytes of header, INF and EDC. Raises CodecError when INF is longer than 254 bytes."""
        if len(self.inf) > MAX_IFS:
            raise CodecError(
                "A block carries at most {most} bytes, not {size}",
                "Chain it",
                most=MAX_IFS,
                size=len(self.inf),
            )
        body = HEADER.pack(self.nad, self.control.pcb, len(self.inf)) + self.inf
        return body + edc.of(body)

    @classmethod
    def parse(cls, raw: bytes, edc: Edc) -> Block:
        """Return the one block in these bytes (4..259). Raises CodecError when they are anything else."""
        cutter = BlockCutter(edc)
        blocks = cutter.feed(raw)
        if len(blocks) != 1 or cutter.unsettled:
            raise CodecError("These bytes are not one whole T=1 block", "Check length, PCB and EDC")
        return blocks[0]


class Gap(Enum):
    """Which silence the bytes received so far have to end with, from none to the longest.

    BLOCK: after bytes that end where their own length says, yet fail their EDC. FAULT: after other bad bytes,
    whose end is unknown. CHARACTER: inside a block that is incomplete.
    """

    NONE = 0
    BLOCK = 1
    FAULT = 2
    CHARACTER = 3


class BlockCutter:
    """Cuts a byte stream into blocks, however its bytes are split or merged; holds at most one block.

    From a bad byte on, everything is dropped until `silence` is called: a length that may be wrong does not
    tell where the next block begins, and silence does.
    """

    def __init__(self, edc: Edc) -> None:
        self._edc = edc
        self._edc_size = edc.size
        self._rest = b""
        self._fault: Fault | None = None
        self._ended = False

    @property
    def unsettled(self) -> bool:
        """Whether a block is incomplete or was bad, so that silence means a fault."""
        return bool(self._rest) or self._fault is not None

    @property
    def gap(self) -> Gap:
        """Which silence ends what is under way."""
        if self._fault is None:
            return Gap.CHARACTER if self._rest else Gap.NONE
        return Gap.BLOCK if self._ended else Gap.FAULT

    def feed(self, data: bytes) -> list[Block]:
        """Return the good blocks that these bytes complete, in order."""
        blocks: list[Block] = []
        if self._fault is not None:
            # More came after the end that the bad block gave itself, so its LEN was not to be trusted.
            self._ended = False
            return blocks
        raw = self._rest + data if self._rest else data
        at, size = 0, len(raw)
        while size - at >= HEADER_SIZE:
            inf_at = at + HEADER_SIZE
            nad, pcb, length = HEADER.unpack_from(raw, at)
            control = _CONTROLS.get(pcb)
            if control is None or nad == _RESERVED or not self._fits(control, length):
                self._fault = Fault.OTHER
                break
            edc_at = inf_at + length
            end = edc_at + self._edc_size
            if end > size:
                break
            if self._edc.of(raw[at:edc_at]) != raw[edc_at:end]:
                self._fault = Fault.EDC
                self._ended = end == size
                break
            blocks.append(Block(nad, control, raw[inf_at:edc_at]))
            at = end
        self._rest = b"" if self._fault is not None else raw[at:]
        return blocks

    def silence(self) -> Fault:
        """Return what was wrong with the bytes since the last block, and start afresh: the line is silent."""
        fault = self._fault if self._fault is not None else Fault.OTHER if self._rest else Fault.NONE
        self.clear()
        return fault

    def clear(self) -> None:
        """Forget what has not been delivered."""
        self._rest = b""
        self._fault = None
        self._ended = False

    @staticmethod
    def _fits(control: Control, length: int) -> bool:
        if isinstance(control, Information):
            return length < _RESERVED
        return length == (control.inf_size if isinstance(control, Supervisory) else 0)


VECTORS: Final = (
    (Block(0x00, Supervisory(Supervision.IFS, False), b"\xfe"), Edc.LRC, "00C101FE3E"),
    (Block(0x00, Ready(1, Fault.EDC)), Edc.LRC, "00910091"),
    (Block(0x21, Information(0, False), b"\x80\x10\x00\x00\x00"), Edc.LRC, "2100058010000000B4"),
    (Block(0x21, Supervisory(Supervision.RESYNCH, False)), Edc.CRC, "21C000AA7E"),
    (Block(0x12, Supervisory(Supervision.RESYNCH, True)), Edc.CRC, "12E000E087"),
    (Block(0x12, Supervisory(Supervision.IFS, False), b"\xfe"), Edc.CRC, "12C101FEAE99"),
    (Block(0x21, Information(1, True), b""), Edc.CRC, "2160000581"),
    (Block(0x13, Supervisory(Supervision.WTX, False), b"\x01"), Edc.CRC, "13C3010108E2"),
)
