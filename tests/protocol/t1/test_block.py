"""T=1 blocks: their declaration, EDC and the cutting of a byte stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.t1.block import (
    MAX_BLOCK,
    MAX_IFS,
    VECTORS,
    Block,
    BlockCutter,
    Control,
    Edc,
    Fault,
    Information,
    Ready,
    Supervision,
    Supervisory,
)

controls: st.SearchStrategy[Control] = st.one_of(
    st.builds(Information, st.integers(0, 1), st.booleans()),
    st.builds(Ready, st.integers(0, 1), st.sampled_from(Fault)),
    st.builds(Supervisory, st.sampled_from(Supervision), st.booleans()),
)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    control = draw(controls)
    if isinstance(control, Information):
        size = draw(st.integers(0, MAX_IFS))
    else:
        size = control.inf_size if isinstance(control, Supervisory) else 0
    return Block(draw(st.integers(0, 254)), control, draw(st.binary(min_size=size, max_size=size)))


def _bitwise_crc(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "big")


@pytest.mark.parametrize(("block", "edc", "hexadecimal"), VECTORS)
def test_vector_builds_and_parses(block: Block, edc: Edc, hexadecimal: str) -> None:
    raw = bytes.fromhex(hexadecimal)
    assert block.build(edc) == raw
    assert Block.parse(raw, edc) == block


def test_crc_gives_its_published_check_value() -> None:
    assert Edc.CRC.of(b"123456789").hex() == "6f91"


@given(st.binary(max_size=MAX_BLOCK))
def test_edc_agrees_with_its_definition_bit_by_bit(data: bytes) -> None:
    xor = 0
    for byte in data:
        xor ^= byte
    assert Edc.LRC.of(data) == bytes((xor,))
    assert Edc.CRC.of(data) == _bitwise_crc(data)


@given(st.lists(blocks(), max_size=6), st.sampled_from(Edc), st.data())
def test_blocks_survive_any_split_of_their_bytes(sent: list[Block], edc: Edc, data: st.DataObject) -> None:
    stream = b"".join(block.build(edc) for block in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    cutter = BlockCutter(edc)
    got: list[Block] = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += cutter.feed(stream[begin:end])
    assert got == sent
    assert not cutter.unsettled


@given(blocks(), st.integers(0), st.integers(0, 7))
def test_no_single_bit_error_passes_the_crc(block: Block, place: int, bit: int) -> None:
    raw = bytearray(block.build(Edc.CRC))
    raw[place % len(raw)] ^= 1 << bit
    cutter = BlockCutter(Edc.CRC)
    assert cutter.feed(bytes(raw)) == []
    assert cutter.silence() is not Fault.NONE


@given(st.binary(max_size=2000), blocks(), st.sampled_from(Edc))
def test_the_block_after_garbage_and_silence_is_found(garbage: bytes, block: Block, edc: Edc) -> None:
    cutter = BlockCutter(edc)
    cutter.feed(garbage)
    cutter.silence()
    assert cutter.feed(block.build(edc)) == [block]


def test_a_cut_block_is_a_fault_once_the_line_is_silent() -> None:
    cutter = BlockCutter(Edc.CRC)
    cutter.feed(bytes.fromhex("21C000AA"))
    assert cutter.unsettled
    assert cutter.silence() is Fault.OTHER
    assert cutter.silence() is Fault.NONE


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("2100FF", "LEN FF is reserved"),
        ("FF0000", "NAD FF is reserved"),
        ("211F00", "PCB with reserved bits"),
        ("21E500", "unknown S-block"),
        ("21900000", "wrong EDC"),
        ("21C10000", "S(IFS) without a size"),
    ],
)
def test_a_block_that_clause_11_forbids_is_dropped_at_once(header: str, why: str) -> None:
    cutter = BlockCutter(Edc.LRC)
    assert cutter.feed(bytes.fromhex(header)) == [], why
    assert cutter.silence() is not Fault.NONE, why


def test_a_block_too_long_to_build_is_refused() -> None:
    with pytest.raises(CodecError, match="at most 254"):
        Block(0x21, Information(0, False), bytes(255)).build(Edc.CRC)


@pytest.mark.parametrize("raw", ["", "21C0", "21C000AA7E21", "21C000AA7F"])
def test_parse_wants_exactly_one_block(raw: str) -> None:
    with pytest.raises(CodecError):
        Block.parse(bytes.fromhex(raw), Edc.CRC)


def test_what_a_block_carries_does_not_show_in_its_repr() -> None:
    assert "1234" not in repr(Block(0x21, Information(0, False), b"1234"))
