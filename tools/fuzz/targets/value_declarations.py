"""Declarations themselves: structures put together at random, their fast code against construct's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from construct import (
    Array,
    Bytes,
    Const,
    Construct,
    ConstructError,
    Flag,
    GreedyBytes,
    Int8ub,
    Int16ub,
    Int16ul,
    Int32ub,
    PascalString,
    Prefixed,
    PrefixedArray,
    Struct,
    Terminated,
    this,
)

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.wire.compiled import Compiled, Ill
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.judge.violation import Violation

_NUMBERS: Final[tuple[Construct, ...]] = (Int8ub, Int16ub, Int32ub, Int16ul)
_PARTS: Final[tuple[Callable[[str], Construct], ...]] = (
    *(lambda name, part=part: name / part for part in _NUMBERS[:3]),
    lambda name: name / Bytes(3),
    lambda name: name / Const(b"AB"),
    lambda name: name / Prefixed(Int8ub, GreedyBytes),
    lambda name: name / PascalString(Int8ub, "utf8"),
    lambda name: name / PrefixedArray(Int8ub, Int16ub),
    lambda name: name / PrefixedArray(Int8ub, Struct("x" / Int8ub, "y" / Bytes(1))),
    lambda name: name / Flag,
)
_BENT: Final[tuple[Callable[[str], Construct], ...]] = (
    lambda name: name / Int16ul,
    lambda name: name / Array(2, Int8ub),
    lambda name: name / Bytes(this.first + 1),
    lambda name: name / Prefixed(Int8ub, Int8ub),
    lambda name: name / Prefixed(Int8ub, GreedyBytes, includelength=True),
    lambda name: name / Struct("x" / Int8ub),
)
"""Parts for which there is no straight code: construct's own has to do."""


def _structure(chance: Chance) -> None:
    """Both read the same from the same bytes, or both refuse; what was read is built as it was."""
    makers = [pick(chance, _PARTS) for _ in range(1 + chance.below(4))]
    if not chance.below(2):
        makers.insert(chance.below(len(makers) + 1), pick(chance, _BENT))
    parts = [("first" / Int8ub), *(make(f"part{at}") for at, make in enumerate(makers))]
    raw = chance.data(1 + chance.below(24)) if chance.below(3) else bytes((1, *([1] * chance.below(20))))
    fast = Compiled(lambda _: parts)
    try:
        slow: Any = Struct(*parts, Terminated).parse(raw)
    except (ConstructError, UnicodeDecodeError):
        slow = None
    try:
        fields = fast.parse(raw)
    except Ill as error:
        if slow is not None:
            raise Violation("declaration", "straight code refuses what construct reads", str(error)) from None
        raise CodecError("These bytes do not follow the structure", "Send others") from None
    if slow is None:
        raise Violation("declaration", "straight code reads what construct refuses", raw.hex())
    if fast.build(fields) != Struct(*parts).build(slow):
        raise Violation("declaration", "straight code builds otherwise than construct")


KINDS: Final[dict[str, Callable[[Chance], None]]] = {"structure": _structure}
