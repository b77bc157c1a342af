"""BER-TLV: vectors, round trips, and refusals of what the standards or bounded memory forbid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.tlv import (
    MAX_DEPTH,
    VECTORS,
    Tlv,
    build_all,
    build_length,
    parse,
    parse_all,
    read_header,
)

PRIMITIVE_TAGS = st.sampled_from((0x02, 0x04, 0x5A, 0x80, 0x84, 0x9B, 0x5F20, 0x9F1F, 0x9F8101, 0x5FFF7F))
CONSTRUCTED_TAGS = st.sampled_from((0x30, 0x62, 0x70, 0xA0, 0xA1, 0x7F41, 0x7F48, 0xBF8101, 0xBF9002))
PRIMITIVES = st.builds(Tlv, PRIMITIVE_TAGS, st.binary(max_size=300))
OBJECTS = st.recursive(
    PRIMITIVES,
    lambda inner: st.builds(Tlv, CONSTRUCTED_TAGS, st.lists(inner, max_size=4).map(tuple)),
    max_leaves=12,
)


@pytest.mark.parametrize(("hexa", "tag", "content"), VECTORS)
def test_vectors_parse_and_build(hexa: str, tag: int, content: bytes) -> None:
    raw = bytes.fromhex(hexa)
    assert parse(raw) == Tlv(tag, content)
    assert Tlv(tag, content).build() == raw


def test_a_card_answer_of_three_levels_reads_as_declared() -> None:
    raw = bytes.fromhex("700DBF8101097F4106800108810104")
    inner = parse(raw).find(0xBF8101)
    assert inner is not None
    limits = inner.find(0x7F41)
    assert limits is not None
    assert [(child.tag, child.value) for child in limits.children] == [(0x80, b"\x08"), (0x81, b"\x04")]
    assert parse(raw).build() == raw


def test_several_objects_in_a_row_keep_their_order() -> None:
    raw = bytes.fromhex("8401818001028401FF")
    assert [(each.tag, each.value) for each in parse_all(raw)] == [
        (0x84, b"\x81"),
        (0x80, b"\x02"),
        (0x84, b"\xff"),
    ]
    assert build_all(parse_all(raw)) == raw
    assert parse_all(b"") == ()


def test_an_over_long_length_is_read_and_written_short() -> None:
    assert parse(bytes.fromhex("048400000003AABBCC")).build() == bytes.fromhex("0403AABBCC")


def test_find_takes_the_first_and_answers_none_for_the_absent() -> None:
    file = Tlv(0x62, (Tlv(0x83, b"\x2f\x01"), Tlv(0x83, b"\x2f\x02")))
    found = file.find(0x83)
    assert found is not None
    assert found.value == b"\x2f\x01"
    assert file.find(0x84) is None
    assert found.find(0x83) is None


@pytest.mark.parametrize(
    "hexa",
    [
        "04",  # no length
        "0482",  # ends inside the length
        "048201",
        "0403AABB",  # content cut short
        "0403AABBCCDD",  # bytes left over
        "30800000",  # indefinite
        "0485000000000100",  # length of five bytes
        "04FF",
        "0000",  # padding is not a tag
        "FF00",
        "5F",  # ends inside the tag
        "5F80",
        "5F1E00",  # a number that fits one byte
        "5F800100",
        "5F81818100",  # a tag of four bytes
        "3003048005",  # the inner object is indefinite
        "30040403AABB",  # the inner object runs over its parent
        "048400FFFFFF",  # 16 MiB announced, nothing there
    ],
)
def test_malformed_objects_are_refused(hexa: str) -> None:
    with pytest.raises(CodecError):
        parse(bytes.fromhex(hexa))


def test_levels_are_bounded_both_ways() -> None:
    nested = Tlv(0x04, b"x")
    for _ in range(MAX_DEPTH - 1):
        nested = Tlv(0x30, (nested,))
    assert parse(nested.build()) == nested
    too_deep = Tlv(0x30, (nested,))
    with pytest.raises(CodecError):
        too_deep.build()
    raw = b"\x04\x00"
    for _ in range(10_000):
        raw = b"\x30" + build_length(len(raw)) + raw
    with pytest.raises(CodecError):
        parse(raw)


@pytest.mark.parametrize(
    "wrong",
    [
        Tlv(0x30, b"bytes in a constructed object"),
        Tlv(0x04, (Tlv(0x04, b""),)),
        Tlv(0x00, b""),
        Tlv(-1, b""),
        Tlv(0x5F, b""),
        Tlv(0x8484, b""),
        Tlv(0x5F818181, b""),
    ],
)
def test_objects_that_cannot_be_written_are_refused(wrong: Tlv) -> None:
    with pytest.raises(CodecError):
        wrong.build()


def test_a_primitive_object_has_no_children() -> None:
    with pytest.raises(CodecError, match="84"):
        _ = Tlv(0x84, b"x").children


def test_a_header_list_may_ask_for_the_whole_object() -> None:
    header = read_header(bytes.fromhex("7F4180"))
    assert (header.tag, header.length, header.start) == (0x7F41, None, 3)


@pytest.mark.parametrize(
    ("length", "hexa"),
    [(0, "00"), (127, "7F"), (128, "8180"), (256, "820100"), (65_536, "83010000"), (2**24, "8401000000")],
)
def test_lengths_take_the_shortest_form(length: int, hexa: str) -> None:
    assert build_length(length).hex().upper() == hexa


@pytest.mark.parametrize("length", [-1, 2**32])
def test_impossible_lengths_are_refused(length: int) -> None:
    with pytest.raises(CodecError):
        build_length(length)


@given(st.lists(OBJECTS, max_size=4).map(tuple))
def test_what_is_built_is_parsed_again(objects: tuple[Tlv, ...]) -> None:
    assert parse_all(build_all(objects)) == objects


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_means_one_thing(raw: bytes) -> None:
    try:
        objects = parse_all(raw)
    except CodecError:
        return
    assert parse_all(build_all(objects)) == objects


@given(OBJECTS, st.data())
def test_a_cut_object_is_never_taken_for_a_whole_one(tlv: Tlv, data: st.DataObject) -> None:
    raw = tlv.build()
    cut = data.draw(st.integers(1, len(raw) - 1))
    with pytest.raises(CodecError):
        parse(raw[:cut])
