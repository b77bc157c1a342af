"""Identifiers of loads and digests of batches, computed alike on both ends. Source: Project-defined."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

BATCH_BYTES: Final = 28_672
"""Bytes of content in one exchange on a slow line: 30 s at 9600 baud."""

MAX_BATCH_BYTES: Final = 57_344
"""Bytes of content in one exchange at most, so that the APDU stays below 65,536 bytes."""


def load_identifier(digests: Iterable[bytes]) -> bytes:
    """Return the identifier of a load: the first 16 bytes of the SHA-256 of its documents' digests."""
    return hashlib.sha256(b"".join(digests)).digest()[:16]


def batch_digest(contents: Sequence[bytes]) -> bytes:
    """Return the SHA-256 (32 bytes) over contents, each behind its two-byte length."""
    sha = hashlib.sha256()
    for content in contents:
        sha.update(len(content).to_bytes(2, "big") + content)
    return sha.digest()


FINGERPRINT_BYTES: Final = 8


def fingerprint(digest: bytes) -> bytes:
    """Return the first 8 bytes of a content's SHA-256 digest, which stand for it in lists on the line.

    They catch what a 16-bit CRC lets through. Someone who forged 64 bits would still face the signatures.
    """
    return digest[:FINGERPRINT_BYTES]


def acknowledgement_digest(fingerprints: Iterable[bytes]) -> bytes:
    """Return the SHA-256 (32 bytes) over the fingerprints of the acknowledged documents, in order."""
    return hashlib.sha256(b"".join(fingerprints)).digest()


def bitmap_of(present: Iterable[int], count: int) -> bytes:
    """Return a bitmap of `count` bits, position 0 in bit 0 of the first byte; larger ones are ignored."""
    bits = bytearray((count + 7) // 8)
    for position in (each for each in present if each < count):
        bits[position // 8] |= 1 << position % 8
    return bytes(bits)


def positions_in(bitmap: bytes, count: int) -> tuple[int, ...]:
    """Return the positions below `count` whose bit is set."""
    return tuple(i for i in range(min(count, 8 * len(bitmap))) if bitmap[i // 8] >> i % 8 & 1)
