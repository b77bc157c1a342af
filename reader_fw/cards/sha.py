"""SHA-1 and SHA-256 from the middle of a message: an intermediate digest goes on with the last block.

PERFORM SECURITY OPERATION: HASH of IAS-ECC cards takes what the host hashed so far as an intermediate digest
and its count of bits. Neither hashlib nor cryptography starts from one, and the few libraries that keep a
hash's state keep it in a form of their own; so the compression functions are here. Whole messages are left to
hashlib. Source: FIPS 180-4 §§5.1.1, 6.1.2, 6.2.2.
"""

from __future__ import annotations

import hashlib
import struct
from enum import Enum
from functools import cache
from itertools import count, islice
from typing import Final

BLOCK_BYTES: Final = 64
_WORD: Final = 0xFFFFFFFF
_LENGTH_BYTES: Final = 8
"""Of the message's length in bits, at the end of the padding."""


class Sha(Enum):
    """A hash algorithm of the card: its name in hashlib, and the bytes of its digest."""

    SHA_1 = "sha1", 20
    SHA_256 = "sha256", 32

    def __init__(self, hashlib_name: str, digest_bytes: int) -> None:
        self.hashlib_name = hashlib_name
        self.digest_bytes = digest_bytes

    def digest(self, message: bytes) -> bytes:
        """Return the digest of a whole message."""
        return hashlib.new(self.hashlib_name, message).digest()


def resume(algorithm: Sha, state: bytes, hashed_bits: int, rest: bytes) -> bytes:
    """Return the digest of a message whose first `hashed_bits` (a multiple of 512) gave `state`.

    `state` has the bytes of a digest; `rest` is what follows in the message, of any length. Raises ValueError
    when the sizes are wrong or the whole message would have 2**64 bits or more.
    """
    total = hashed_bits + 8 * len(rest)
    if len(state) != algorithm.digest_bytes or hashed_bits % (8 * BLOCK_BYTES) or total >> 64:
        raise ValueError("no state between two blocks")
    padding = b"\x80" + bytes(-(len(rest) + 1 + _LENGTH_BYTES) % BLOCK_BYTES)
    padded = rest + padding + total.to_bytes(_LENGTH_BYTES, "big")
    words = struct.unpack(f">{len(state) // 4}I", state)
    compress = _compress_sha_1 if algorithm is Sha.SHA_1 else _compress_sha_256
    for start in range(0, len(padded), BLOCK_BYTES):
        mixed = compress(words, struct.unpack_from(">16I", padded, start))
        words = tuple((old + new) & _WORD for old, new in zip(words, mixed, strict=True))
    return struct.pack(f">{len(words)}I", *words)


def _compress_sha_1(state: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, ...]:
    w = list(block)
    for t in range(16, 80):
        w.append(_rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1))
    a, b, c, d, e = state
    for t in range(80):
        if t < 20:
            f, k = (b & c) | (~b & d), 0x5A827999
        elif t < 40:
            f, k = b ^ c ^ d, 0x6ED9EBA1
        elif t < 60:
            f, k = (b & c) | (b & d) | (c & d), 0x8F1BBCDC
        else:
            f, k = b ^ c ^ d, 0xCA62C1D6
        a, b, c, d, e = (_rotl(a, 5) + f + e + k + w[t]) & _WORD, a, _rotl(b, 30), c, d
    return a, b, c, d, e


def _compress_sha_256(state: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, ...]:
    w = list(block)
    for t in range(16, 64):
        s0 = _rotr(w[t - 15], 7) ^ _rotr(w[t - 15], 18) ^ (w[t - 15] >> 3)
        s1 = _rotr(w[t - 2], 17) ^ _rotr(w[t - 2], 19) ^ (w[t - 2] >> 10)
        w.append((w[t - 16] + s0 + w[t - 7] + s1) & _WORD)
    a, b, c, d, e, f, g, h = state
    for k, wt in zip(_sha_256_constants(), w, strict=True):
        t1 = h + (_rotr(e, 6) ^ _rotr(e, 11) ^ _rotr(e, 25)) + ((e & f) ^ (~e & g)) + k + wt
        t2 = (_rotr(a, 2) ^ _rotr(a, 13) ^ _rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
        a, b, c, d, e, f, g, h = (t1 + t2) & _WORD, a, b, c, (d + t1) & _WORD, e, f, g
    return a, b, c, d, e, f, g, h


def _rotl(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & _WORD


def _rotr(word: int, by: int) -> int:
    return (word >> by | word << (32 - by)) & _WORD


def _cube_root_fraction(prime: int) -> int:
    """Return the first 32 bits of the fractional part of a prime's cube root (FIPS 180-4 §4.2.2)."""
    scaled = prime << 96
    low, high = 0, 1 << 36
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= scaled else (low, middle - 1)
    return low & _WORD


@cache
def _sha_256_constants() -> tuple[int, ...]:
    primes = (each for each in count(2) if all(each % divisor for divisor in range(2, each)))
    return tuple(_cube_root_fraction(prime) for prime in islice(primes, 64))
