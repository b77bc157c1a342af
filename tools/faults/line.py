"""Faults of the line: flipped bits, lost, doubled and late bytes, breaks, unplugged cables, forged blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log
from random import Random

from tla_sim.protocol.t1.block import HEADER_SIZE, Edc
from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.striking import Strikes


class LineFaults:
    """Damages the pieces put on a line. `unplug` is called when the cable comes out.

    `late_ms` is the delay of the piece damaged last; while `quiet` is set there is no noise. Noise is
    reported once, when it first spoils a byte.
    """

    def __init__(self, strikes: Strikes, unplug: Callable[[], None] = lambda: None) -> None:
        self._strikes = strikes
        self._unplug = unplug
        self.late_ms = 0
        self.quiet = False
        plan = strikes.plan
        chance = Random(plan.seed)
        self._bits = _Rate(chance, _sum(plan.named("line.bits")), 8)
        self._drops = _Rate(chance, _sum(plan.named("line.drop")))
        self._doubles = _Rate(chance, _sum(plan.named("line.double")))
        self._unheard = {
            name: faults for name in ("line.bits", "line.double", "line.drop") if (faults := plan.named(name))
        }

    def damage(self, data: bytes) -> bytes:
        """Return what arrives of one piece."""
        strikes = self._strikes
        self.late_ms = 0
        size = len(data)
        for fault, _ in strikes.next(Counted.BLOCKS, Where.LINE):
            if fault.kind.what == "late":
                self.late_ms = int(fault.value)
            else:
                data = forge_block(data, int(fault.value))
        for fault, offset in strikes.next(Counted.BYTES, Where.LINE, size):
            data = data[:offset]
            if fault.kind.what == "unplug":
                self._unplug()
        return data if self.quiet else self._noise(data)

    def _noise(self, data: bytes) -> bytes:
        size = len(data)
        out: bytearray | None = None
        for bit in self._bits.within(size):
            out = out or bytearray(data)
            out[bit >> 3] ^= 1 << (bit & 7)
            self._note("line.bits")
        doubled = list(self._doubles.within(size))
        dropped = list(self._drops.within(size))
        if doubled or dropped:
            out = out or bytearray(data)
            for at in sorted([*((at, 1) for at in doubled), *((at, 0) for at in dropped)], reverse=True):
                if at[1]:
                    out.insert(at[0], out[at[0]])
                else:
                    del out[at[0]]
                self._note("line.double" if at[1] else "line.drop")
        return data if out is None else bytes(out)

    def _note(self, name: str) -> None:
        for fault in self._unheard.pop(name, ()):
            self._strikes.strike(fault)


class _Rate:
    """Events of a fixed probability per place, drawn as gaps between events, so that quiet bytes are free."""

    def __init__(self, chance: Random, rate: float, places_per_byte: int = 1) -> None:
        self._chance = chance
        self._scale = log(1 - rate) if 0 < rate < 1 else 0.0
        self._places = places_per_byte
        self._gap = self._draw() if rate else -1

    def _draw(self) -> int:
        return int(log(1 - self._chance.random()) / self._scale) if self._scale else 0

    def within(self, size: int) -> Iterator[int]:
        """Yield the places hit among the next `size` bytes."""
        if self._gap < 0:
            return
        places = size * self._places
        at = self._gap
        while at < places:
            yield at
            at += 1 + self._draw()
        self._gap = at - places


def _sum(faults: tuple[object, ...]) -> float:
    return min(sum(float(getattr(fault, "value", 0)) for fault in faults), 1.0)


def forge_block(block: bytes, number: int) -> bytes:
    """Return a T=1 block with one bit of its INF flipped and a matching checksum.

    A 16-bit CRC lets one in 65,536 damaged blocks through like this. A piece that is not a whole block with
    an INF is returned unchanged.
    """
    size = len(block) - HEADER_SIZE - Edc.CRC.size
    if size < 1 or block[2] != size:
        return block
    at, bit = divmod(number, 8)
    changed = bytearray(block[: -Edc.CRC.size])
    changed[HEADER_SIZE + at % size] ^= 1 << bit
    return bytes(changed) + Edc.CRC.of(bytes(changed))
