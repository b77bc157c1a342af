"""Straight code does what construct itself does with the same declaration."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from construct import (
    Array,
    BitStruct,
    Bytes,
    Const,
    ConstructError,
    Flag,
    GreedyBytes,
    Int8ub,
    Int16ub,
    Int16ul,
    Int32ub,
    Int64ub,
    Nibble,
    PascalString,
    Prefixed,
    PrefixedArray,
    Struct,
    Terminated,
    this,
)
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.wire.compiled import Compiled, Ill, Misfit
from tla_sim.protocol.wire.straight import NotStraight, straight

PARTS = (
    "kind" / Int8ub,
    "counter" / Int64ub,
    "magic" / Const(b"TL"),
    "version" / Const(1, Int8ub),
    "size" / Int16ub,
    "content" / Bytes(this.size),
    "name" / PascalString(Int8ub, "utf8"),
    "flag" / Flag,
    "rest" / Prefixed(Int16ub, GreedyBytes),
    "digest" / Bytes(4),
    "blobs" / PrefixedArray(Int8ub, Prefixed(Int16ub, GreedyBytes)),
    "rows" / PrefixedArray(Int16ub, Struct("number" / Int32ub, "text" / PascalString(Int8ub, "utf8"))),
)
DECLARATION = Struct(*PARTS, Terminated)
PARSE, BUILD = straight(Struct(*PARTS))
NAMES = [part.name for part in PARTS]


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    content = draw(st.binary(max_size=20))
    return {
        "kind": draw(st.integers(0, 255)),
        "counter": draw(st.integers(0, 2**64 - 1)),
        "magic": b"TL",
        "version": 1,
        "size": len(content),
        "content": content,
        "name": draw(st.text(max_size=20)),
        "flag": draw(st.booleans()),
        "rest": draw(st.binary(max_size=20)),
        "digest": draw(st.binary(min_size=4, max_size=4)),
        "blobs": draw(st.lists(st.binary(max_size=5), max_size=3)),
        "rows": draw(
            st.lists(
                st.fixed_dictionaries({"number": st.integers(0, 2**32 - 1), "text": st.text(max_size=5)}),
                max_size=3,
            )
        ),
    }


@given(values())
def test_it_builds_and_parses_as_construct_does(fields: dict[str, Any]) -> None:
    raw = BUILD(fields)
    assert raw == DECLARATION.build(fields)
    assert PARSE(raw, 0) == (fields, len(raw))
    assert PARSE(b"xx" + raw, 2) == (fields, len(raw) + 2)


@given(st.one_of(st.binary(max_size=80), values().map(BUILD)), st.data())
def test_it_refuses_what_construct_refuses(raw: bytes, data: st.DataObject) -> None:
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    if raw and data.draw(st.booleans()):
        position = data.draw(st.integers(0, len(raw) - 1))
        raw = raw[:position] + data.draw(st.binary(min_size=1, max_size=1)) + raw[position + 1 :]
    try:
        parsed = DECLARATION.parse(raw)
        expected = BUILD({name: parsed[name] for name in NAMES})
    except (ConstructError, UnicodeDecodeError):
        expected = None
    try:
        fields, end = PARSE(raw, 0)
        found = BUILD(fields) if end == len(raw) else None
    except (Misfit, struct.error, UnicodeDecodeError):
        found = None
    assert found == expected


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ("kind", 256),
        ("kind", "x"),
        ("content", b"longer than said"),
        ("digest", b"123"),
        ("name", "x" * 256),
        ("name", None),
        ("rest", bytes(65_536)),
        ("rows", [{"number": 1}]),
    ],
)
def test_values_that_do_not_fit_are_refused(changed: str, value: object) -> None:
    good = {
        **{"kind": 1, "counter": 2, "magic": None, "version": None, "size": 1, "content": b"x", "name": "n"},
        **{"flag": True, "rest": b"", "digest": b"1234", "blobs": [], "rows": []},
    }
    codec = Compiled(lambda _: PARTS)
    assert codec.parse(codec.build(good))["name"] == "n"
    with pytest.raises(Ill):
        codec.build(good | {changed: value})


def test_other_declarations_are_left_to_construct() -> None:
    for part in (
        "bits" / BitStruct("a" / Nibble, "b" / Nibble),
        "three" / Array(3, Int8ub),
        "more" / Bytes(this._.size),
        "more" / Prefixed(Int8ub, Int16ub),
    ):
        with pytest.raises(NotStraight):
            straight(Struct(part))
    with pytest.raises(NotStraight):
        straight(Struct("big" / Int16ub, "little" / Int16ul))
    codec = Compiled(lambda _: ("size" / Int8ub, "three" / Array(3, Int8ub)))
    assert codec.parse(b"\1\2\3\4")["three"] == [2, 3, 4]
    for bad in (b"\1\2\3", b"\1\2\3\4\5"):
        with pytest.raises(Ill):
            codec.parse(bad)
    assert codec.build({"size": 1, "three": [2, 3, 4]}) == b"\1\2\3\4"
