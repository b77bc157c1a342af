"""Random declarations: our generated code must do the same as construct."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from typing import Any, Final

import construct

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.wire.record import (
    Record,
    blob8,
    blob16,
    blobs,
    boolean,
    fixed,
    records,
    string,
    u8,
    u16,
    u16_little,
    u32,
    u32_little,
)
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.judge.violation import Violation


@dataclass(frozen=True)
class _Pair:
    """The items of an array."""

    x: int = u8("a number")
    y: bytes = fixed(1, "a byte")


_FORMS: Final[tuple[Callable[[], Any], ...]] = (
    *(lambda make=make: make("a number") for make in (u8, u16, u32, u16_little, u32_little)),
    *(lambda make=make: make("bytes") for make in (blob8, blob16, blobs, boolean, string)),
    lambda: fixed(3, "three bytes"),
    lambda: records(_Pair, "pairs"),
)


def _structure(chance: Chance) -> None:
    """Check that both read the same from the same bytes or both refuse, and both build the same."""
    parts = [(f"part{at}", Any, pick(chance, _FORMS)()) for at in range(1 + chance.below(5))]
    record: Record[Any] = Record(
        make_dataclass("Drawn", [("first", Any, u8("a number")), *parts], frozen=True)
    )
    raw = chance.data(1 + chance.below(24)) if chance.below(3) else bytes((1, *([1] * chance.below(20))))
    struct = record.construct(construct)
    try:
        slow: Any = construct.Struct(*struct.subcons, construct.Terminated).parse(raw)
    except (construct.ConstructError, UnicodeDecodeError):
        slow = None
    try:
        value = record.parse(raw)
    except CodecError as error:
        if slow is not None:
            raise Violation("declaration", "our code refuses what construct reads", error) from None
        raise
    if slow is None:
        raise Violation("declaration", "our code reads what construct refuses", raw.hex())
    if record.build(value) != struct.build(slow):
        raise Violation("declaration", "our code builds something else than construct")


KINDS: Final[dict[str, Callable[[Chance], None]]] = {"structure": _structure}
