"""One direction of a serial CCID line, cut into messages and whatever else comes, with its bytes kept.

Source: framing as in `protocol/ccid.py`.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

from tla_sim.protocol.ccid import ACK, HEADER_SIZE, NAK, NAK_FRAME, SYNC, TIME_REQUEST, Kind
from tla_sim.protocol.t1.block import lrc

CHARACTER_WAIT_NS: Final = 200_000_000
"""The silence that ends an incomplete frame."""
_LEAD: Final = 2
_MOST_DATA: Final = 65_600
_CHUNK: Final = 512


class Heard(Enum):
    """What some bytes of a CCID line are."""

    MESSAGE = auto()
    BAD_LRC = auto()
    NAK = auto()
    MOVED = auto()
    TIME = auto()
    BROKEN = auto()
    NOISE = auto()


class CcidCut(NamedTuple):
    """Bytes of the line and what they are; those of a message come without SYNC, CTRL and LRC."""

    heard: Heard
    raw: bytes
    ns: int


class CcidStream:
    """Cuts the bytes of one direction as `protocol/ccid.py::FrameCutter` does for the end that hears them."""

    def __init__(self, from_reader: bool) -> None:
        self._from_reader = from_reader
        self._raw = b""
        self._broken = False
        self._ns = 0

    @property
    def due_ns(self) -> int | None:
        """When silence ends what came last, `None` when nothing is half heard."""
        return self._ns + CHARACTER_WAIT_NS if self._raw else None

    def feed(self, data: bytes, ns: int) -> list[CcidCut]:
        """Return what these bytes complete, and what silence before them ended."""
        due = self.due_ns
        cuts = self.settle() if due is not None and ns >= due else []
        raw = self._raw + data if self._raw else data
        at = 0
        self._ns = ns
        while at < len(raw) and not self._broken:
            heard, size, raw_of_it = self._next(raw, at)
            if not size:
                break
            cuts.append(CcidCut(heard, raw_of_it, ns))
            at += size
        self._raw = raw[at:]
        if self._broken and len(self._raw) > _MOST_DATA:
            cuts += [CcidCut(Heard.BROKEN, self._raw, ns)]
            self._raw = b""
        return cuts

    def settle(self) -> list[CcidCut]:
        """Return what is half heard as a broken frame: the line is silent."""
        raw, self._raw, self._broken = self._raw, b"", False
        return [CcidCut(Heard.BROKEN, raw, self._ns)] if raw else []

    def _next(self, raw: bytes, at: int) -> tuple[Heard, int, bytes]:
        """Return what begins at `at`, its number of bytes (0 when more are needed), and the bytes to keep."""
        size = len(raw) - at
        if raw[at] != SYNC:
            return self._outside(raw, at)
        if size < len(NAK_FRAME):
            return Heard.BROKEN, 0, b""
        if raw[at + 1] == NAK and raw[at + 2] == NAK_FRAME[2]:
            return Heard.NAK, len(NAK_FRAME), NAK_FRAME
        start = at + _LEAD
        length = int.from_bytes(raw[start + 1 : start + 5], "little") if size >= _LEAD + HEADER_SIZE else 0
        if raw[at + 1] != ACK or length > _MOST_DATA:
            self._broken = True
            return Heard.BROKEN, 0, b""
        end = start + HEADER_SIZE + length
        if size < _LEAD + HEADER_SIZE or end >= len(raw):
            return Heard.BROKEN, 0, b""
        good = _lrc_of(raw[at:end]) == raw[end]
        return (Heard.MESSAGE if good else Heard.BAD_LRC), end + 1 - at, raw[start:end]

    def _outside(self, raw: bytes, at: int) -> tuple[Heard, int, bytes]:
        if self._from_reader and raw[at] == Kind.NOTIFY_SLOT_CHANGE:
            return Heard.MOVED, _LEAD if len(raw) - at >= _LEAD else 0, raw[at : at + _LEAD]
        if self._from_reader and raw[at] >= TIME_REQUEST:
            return Heard.TIME, 1, raw[at : at + 1]
        end = at + 1
        while end < len(raw) and raw[end] != SYNC and not self._is_notice(raw[end]):
            end += 1
        return Heard.NOISE, end - at, raw[at:end]

    def _is_notice(self, byte: int) -> bool:
        return self._from_reader and (byte == Kind.NOTIFY_SLOT_CHANGE or byte >= TIME_REQUEST)


def _lrc_of(data: bytes) -> int:
    folded = 0
    for at in range(0, len(data), _CHUNK):
        folded ^= lrc(data[at : at + _CHUNK])
    return folded
