"""The code porteur's way to the reader: opens once, for the right key and card, and shows nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.code_channel import CodeChannelEnd
from tla_sim.protocol.code_format import CodeFormatError
from tla_sim.protocol.errors import CodecError

CODES = st.text("0123456789", min_size=4, max_size=8)


@given(CODES, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_the_reader_opens_what_the_workstation_sealed(code: str, one: bytes, other: bytes) -> None:
    reader, host = CodeChannelEnd(one), CodeChannelEnd(other)
    cryptogram = host.seal(code, reader.public_key, "AB12")
    assert code.encode() not in cryptogram
    assert len(cryptogram) == 24
    assert reader.open(cryptogram, host.public_key, "AB12") == code


def test_another_key_or_card_or_a_changed_bit_does_not_open() -> None:
    reader, host = CodeChannelEnd(b"r" * 32), CodeChannelEnd(b"h" * 32)
    cryptogram = host.seal("1234", reader.public_key, "AB12")
    with pytest.raises(CodecError):
        CodeChannelEnd(b"x" * 32).open(cryptogram, host.public_key, "AB12")
    with pytest.raises(CodecError):
        reader.open(cryptogram, host.public_key, "AB13")
    with pytest.raises(CodecError):
        reader.open(bytes([cryptogram[0] ^ 1]) + cryptogram[1:], host.public_key, "AB12")
    with pytest.raises(CodecError):
        reader.open(cryptogram, bytes(32), "AB12")
    with pytest.raises(CodecError):
        reader.open(b"", b"short", "AB12")


@pytest.mark.parametrize("code", ["", "123", "123456789", "12a4", "١٢٣٤"])
def test_what_is_no_code_is_refused_without_being_shown(code: str) -> None:
    host = CodeChannelEnd(b"h" * 32)
    with pytest.raises(CodeFormatError) as caught:
        host.seal(code, CodeChannelEnd(b"r" * 32).public_key, "AB12")
    assert str(caught.value) == "A code porteur has 4 to 8 digits. Type it again."


def test_no_key_in_a_repr() -> None:
    assert "h" * 5 not in repr(CodeChannelEnd(b"h" * 32))
