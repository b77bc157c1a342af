"""How loads are named and batches checked, the same on both ends. Source: Project-defined."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence


def load_identifier(digests: Iterable[bytes]) -> bytes:
    """The 16-byte identifier of a load: first half of the SHA-256 of its documents' digests in order."""
    return hashlib.sha256(b"".join(digests)).digest()[:16]


def batch_digest(contents: Sequence[bytes]) -> bytes:
    """SHA-256 (32 bytes) over contents, each behind its two-byte length."""
    sha = hashlib.sha256()
    for content in contents:
        sha.update(len(content).to_bytes(2, "big") + content)
    return sha.digest()


def acknowledgement_digest(digests: Iterable[bytes]) -> bytes:
    """SHA-256 (32 bytes) over the digests of the documents that an acknowledgement lets go, in order."""
    return hashlib.sha256(b"".join(digests)).digest()


def bitmap_of(present: Iterable[int], count: int) -> bytes:
    """A bitmap of `count` bits, position 0 in bit 0 of the first byte."""
    bits = bytearray((count + 7) // 8)
    for position in present:
        bits[position // 8] |= 1 << position % 8
    return bytes(bits)


def positions_in(bitmap: bytes, count: int) -> tuple[int, ...]:
    """The positions below `count` whose bit is set."""
    return tuple(i for i in range(min(count, 8 * len(bitmap))) if bitmap[i // 8] >> i % 8 & 1)
