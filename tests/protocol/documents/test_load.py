"""How loads are named and batches checked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.documents.load import (
    acknowledgement_digest,
    batch_digest,
    bitmap_of,
    load_identifier,
    positions_in,
)

CONTENTS = st.lists(st.binary(max_size=20), max_size=6)


@given(st.sets(st.integers(0, 99)), st.integers(100, 120))
def test_a_bitmap_gives_back_its_positions(positions: set[int], count: int) -> None:
    bitmap = bitmap_of(sorted(positions), count)
    assert len(bitmap) == (count + 7) // 8
    assert positions_in(bitmap, count) == tuple(sorted(positions))


@given(CONTENTS, CONTENTS)
def test_batches_with_the_same_digest_are_the_same(one: list[bytes], other: list[bytes]) -> None:
    assert (batch_digest(one) == batch_digest(other)) == (one == other)


def test_a_load_is_named_by_its_documents_in_order() -> None:
    one, other = bytes(32), b"\x01" * 32
    assert len(load_identifier([one])) == 16
    assert load_identifier([one, other]) != load_identifier([other, one])
    assert acknowledgement_digest([b"a" * 8, b"b" * 8]) != acknowledgement_digest([b"b" * 8, b"a" * 8])
