"""Sealed records open only whole, only in their place and only under their key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.app.store.sealing import SEAL_BYTES, RecordDamaged, Sealer
from tla_sim.reader_fw.board.entropy import SeededEntropy


def sealer(key: bytes = bytes(32)) -> Sealer:
    return Sealer(key, SeededEntropy(1))


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_was_sealed_opens_in_its_place(data: bytes, place: bytes) -> None:
    sealed = sealer().seal(data, place)
    assert len(sealed) == len(data) + SEAL_BYTES
    assert sealer().open(sealed, place, "it") == data


def test_any_flipped_bit_is_noticed_and_the_record_named() -> None:
    sealed = sealer().seal(b"health data", b"here")
    for place in range(len(sealed) * 8):
        spoilt = bytearray(sealed)
        spoilt[place // 8] ^= 1 << place % 8
        with pytest.raises(RecordDamaged, match="Invoice 7") as refused:
            sealer().open(bytes(spoilt), b"here", "Invoice 7")
        assert refused.value.record == "Invoice 7"
        assert refused.value.status is Status.RECORD_DAMAGED


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(SEAL_BYTES)])
def test_what_is_no_sealed_record_is_damaged_too(sealed: bytes) -> None:
    with pytest.raises(RecordDamaged):
        sealer().open(sealed, b"here", "it")


def test_another_place_or_another_key_does_not_open_it() -> None:
    sealed = sealer().seal(b"health data", b"here")
    with pytest.raises(RecordDamaged):
        sealer().open(sealed, b"there", "it")
    with pytest.raises(RecordDamaged):
        sealer(bytes(31) + b"\x01").open(sealed, b"here", "it")


def test_the_same_data_never_looks_the_same_twice() -> None:
    one = sealer()
    assert one.seal(b"data", b"") != one.seal(b"data", b"")


def test_a_sealer_wants_32_bytes_and_shows_none_of_them() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(b"short", SeededEntropy(1))
    assert repr(sealer(b"K" * 32)) == "Sealer(…)"
