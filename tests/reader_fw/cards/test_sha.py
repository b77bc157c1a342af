"""SHA-1 and SHA-256 go on from the middle of a message to the digest that hashlib gives for the whole."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tla_sim.reader_fw.cards.sha import BLOCK_BYTES, Sha, resume

INITIAL = {
    Sha.SHA_1: bytes.fromhex("67452301EFCDAB8998BADCFE10325476C3D2E1F0"),
    Sha.SHA_256: bytes.fromhex("6A09E667BB67AE853C6EF372A54FF53A510E527F9B05688C1F83D9AB5BE0CD19"),
}
"""The states before the first block: FIPS 180-4 §§5.3.1, 5.3.3."""


def padded(message: bytes) -> bytes:
    """A message as it is hashed, by which its digest is a state between two blocks of a longer message."""
    zeros = -(len(message) + 9) % BLOCK_BYTES
    return message + b"\x80" + bytes(zeros) + (8 * len(message)).to_bytes(8, "big")


@pytest.mark.parametrize("algorithm", list(Sha))
@given(message=st.binary(max_size=300))
@example(message=bytes(55))
@example(message=bytes(56))
@example(message=bytes(64))
def test_from_the_beginning(algorithm: Sha, message: bytes) -> None:
    assert resume(algorithm, INITIAL[algorithm], 0, message) == algorithm.digest(message)


@pytest.mark.parametrize("algorithm", list(Sha))
@given(before=st.binary(max_size=300), rest=st.binary(max_size=130))
@example(before=b"", rest=b"")
@example(before=bytes(64), rest=bytes(64))
def test_from_the_middle(algorithm: Sha, before: bytes, rest: bytes) -> None:
    start = padded(before)
    state = algorithm.digest(before)
    assert resume(algorithm, state, 8 * len(start), rest) == algorithm.digest(start + rest)


@pytest.mark.parametrize(
    ("state", "bits"),
    [
        (b"", 512),
        (bytes(20), 512),
        (bytes(31), 512),
        (bytes(33), 512),
        (bytes(32), 8),
        (bytes(32), 511),
        (bytes(32), (1 << 64) - 512 + 8),
        (bytes(32), 1 << 64),
    ],
)
def test_no_state_between_two_blocks(state: bytes, bits: int) -> None:
    with pytest.raises(ValueError, match="between two blocks"):
        resume(Sha.SHA_256, state, bits, bytes(64))
