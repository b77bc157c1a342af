"""One direction of a T=1 line, cut into blocks, with the bytes of bad blocks and noise kept."""

from __future__ import annotations

from typing import Final, NamedTuple

from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import HEADER_SIZE, MAX_BLOCK, Block, BlockCutter, Fault, Gap

_NS_PER_MS: Final = 1_000_000
_MOST_KEPT: Final = 4 * MAX_BLOCK
"""Bytes of noise that are kept for one piece; on a line that never falls silent it is cut there."""


class T1Cut(NamedTuple):
    """The bytes of one good block, or, without a block, bytes that are not one and what is wrong with them.

    `whole` says that the bytes end where their own length says. `ns` is when the last of them came.
    """

    raw: bytes
    block: Block | None
    problem: str
    whole: bool
    ns: int


class T1Stream:
    """Cuts the bytes of one direction as `protocol/t1/block.py::BlockCutter` does for the end that hears.

    What ends a bad block is silence, as for that end. Times are nanoseconds of any clock.
    """

    def __init__(self, settings: LinkSettings) -> None:
        self._cutter = BlockCutter(settings.edc)
        self._edc_size = settings.edc.size
        two = settings.line_time(2)
        self._gaps = {
            Gap.BLOCK: (1 + two) * _NS_PER_MS,
            Gap.FAULT: (settings.fault_wait + two) * _NS_PER_MS,
            Gap.CHARACTER: (settings.character_wait + two) * _NS_PER_MS,
        }
        self._raw = b""
        self._ns = 0

    @property
    def due_ns(self) -> int | None:
        """When silence ends what came last, `None` when nothing is half heard."""
        return self._ns + self._gaps[self._cutter.gap] if self._raw else None

    def feed(self, data: bytes, ns: int) -> list[T1Cut]:
        """Return what these bytes complete, and what silence before them ended."""
        due = self.due_ns
        cuts = self.settle() if due is not None and ns >= due else []
        raw = self._raw + data if self._raw else data
        at = 0
        for block in self._cutter.feed(data):
            end = at + HEADER_SIZE + len(block.inf) + self._edc_size
            cuts.append(T1Cut(raw[at:end], block, "", True, ns))
            at = end
        self._raw = raw[at:]
        self._ns = ns
        while len(self._raw) > _MOST_KEPT:
            cuts.append(T1Cut(self._raw[:_MOST_KEPT], None, "noise without end", False, ns))
            self._raw = self._raw[_MOST_KEPT:]
        return cuts

    def settle(self) -> list[T1Cut]:
        """Return what is half heard as what it is: the line is silent."""
        raw, self._raw = self._raw, b""
        whole = self._cutter.gap is Gap.BLOCK
        incomplete = self._cutter.gap is Gap.CHARACTER
        fault = self._cutter.silence()
        if not raw:
            return []
        return [T1Cut(raw, None, _problem(raw, fault, incomplete, whole), whole, self._ns)]


def _problem(raw: bytes, fault: Fault, incomplete: bool, whole: bool) -> str:
    # Without any value: in bytes that are not a block, any of them may be a digit of a code.
    if incomplete:
        return f"cut off after {len(raw)} bytes"
    if fault is Fault.EDC:
        return "EDC wrong" if whole else "EDC wrong, and bytes behind it"
    return "not a T=1 block: its NAD, PCB or LEN is not one"
