"""The check word of a flash page: every single flipped bit is put right, worse is never made worse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.reader_fw.board.flash import PAGE_SIZE
from tla_sim.reader_fw.board.page_code import DATA_SIZE, decode, encode

pages = st.integers(1, 16).flatmap(lambda n: st.binary(min_size=n * DATA_SIZE, max_size=n * DATA_SIZE))


@given(pages)
def test_what_was_written_is_read(data: bytes) -> None:
    assert len(encode(data)) == len(data) // DATA_SIZE * PAGE_SIZE
    assert decode(encode(data)) == (data, 0, 0)


@pytest.mark.parametrize("data", [bytes(DATA_SIZE), b"\xff" * DATA_SIZE, bytes(range(252))])
def test_any_one_flipped_bit_of_a_page_is_put_right(data: bytes) -> None:
    page = encode(data)
    for place in range(PAGE_SIZE * 8):
        spoilt = bytearray(page)
        spoilt[place // 8] ^= 1 << place % 8
        assert decode(bytes(spoilt)) == (data, 1, 0)


@given(pages, st.data())
def test_one_flipped_bit_in_each_page_is_put_right(data: bytes, choice: st.DataObject) -> None:
    spoilt = bytearray(encode(data))
    count = len(spoilt) // PAGE_SIZE
    for page in range(count):
        place = choice.draw(st.integers(0, PAGE_SIZE * 8 - 1))
        spoilt[page * PAGE_SIZE + place // 8] ^= 1 << place % 8
    assert decode(bytes(spoilt)) == (data, count, 0)


def test_an_erased_page_is_good_so_that_a_blank_sector_reads_as_blank() -> None:
    assert decode(b"\xff" * 16 * PAGE_SIZE) == (b"\xff" * 16 * DATA_SIZE, 0, 0)
    assert encode(b"\xff" * DATA_SIZE) == b"\xff" * PAGE_SIZE


@given(
    st.binary(min_size=DATA_SIZE, max_size=DATA_SIZE),
    st.sets(st.integers(0, PAGE_SIZE * 8 - 1), min_size=2, max_size=3),
)
def test_two_or_three_flipped_bits_are_never_corrected_into_a_wrong_page(
    data: bytes, places: set[int]
) -> None:
    spoilt = bytearray(encode(data))
    for place in sorted(places):
        spoilt[place // 8] ^= 1 << place % 8
    assert decode(bytes(spoilt)) == (bytes(spoilt[:DATA_SIZE]), 0, 1)
