"""How a card's RSA keys sign: the algorithm references of middlewares, and what each computes.

IAS-ECC cards' references are for every model, ChipDoc's for models with raw RSA. A signature is PKCS#1 v1.5
(RFC 8017 §8.2), or PSS (§8.1) with a salt as long as the digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed

from tla_sim.protocol.documents.certificates import KEY_BITS
from tla_sim.reader_fw.cards.sha import Sha

KEY_BYTES: Final = KEY_BITS // 8
MAX_TO_SIGN: Final = KEY_BYTES - 11
"""The bytes that PKCS#1 v1.5 leaves for the DigestInfo."""

DIGEST_INFO_ALGORITHM: Final = 0x02
"""PKCS#1 v1.5 over data as they come: a DigestInfo, usually."""
DECIPHER_ALGORITHM: Final = 0x1A
HASH_ALGORITHMS: Final[Mapping[int, Sha]] = MappingProxyType({0x10: Sha.SHA_1, 0x40: Sha.SHA_256})
"""References of the hash template."""


@dataclass(frozen=True, slots=True)
class Signing:
    """How to sign: the hash whose digest is signed (`None`: data as they come), with PSS or PKCS#1 v1.5."""

    sha: Sha | None
    pss: bool = False


SIGNATURE_ALGORITHMS: Final[Mapping[int, Signing]] = MappingProxyType(
    {DIGEST_INFO_ALGORITHM: Signing(None), 0x12: Signing(Sha.SHA_1), 0x42: Signing(Sha.SHA_256)}
)
"""References of the digital signature template."""

CHIPDOC_ALGORITHMS: Final[Mapping[int, Signing]] = MappingProxyType(
    {
        0x0A: Signing(Sha.SHA_1),
        0x15: Signing(Sha.SHA_1, pss=True),
        0x28: Signing(Sha.SHA_256),
        0x2C: Signing(Sha.SHA_256, pss=True),
    }
)
"""References of ChipDoc's template for signatures, 91."""

_HASHES: Final[Mapping[Sha, hashes.HashAlgorithm]] = MappingProxyType(
    {Sha.SHA_1: hashes.SHA1(), Sha.SHA_256: hashes.SHA256()}
)
_PKCS1: Final = padding.PKCS1v15()
_NO_DIGEST_INFO: Final = NoDigestInfo()
_PSS: Final = MappingProxyType(
    {sha: padding.PSS(padding.MGF1(each), each.digest_size) for sha, each in _HASHES.items()}
)
_PREHASHED: Final = MappingProxyType({sha: Prehashed(each) for sha, each in _HASHES.items()})


def sign_data(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """Return the signature (256 bytes) of 1..245 bytes as they come."""
    return key.sign(data, _PKCS1, _NO_DIGEST_INFO)


def sign_digest(key: rsa.RSAPrivateKey, sha: Sha, pss: bool, digest: bytes) -> bytes:
    """Return the signature (256 bytes) of the digest of a message."""
    return key.sign(digest, _PSS[sha] if pss else _PKCS1, _PREHASHED[sha])


def decipher(key: rsa.RSAPrivateKey, cryptogram: bytes) -> bytes:
    """Return the plain text of a cryptogram, random bytes for a wrong padding. Raises ValueError."""
    return key.decrypt(cryptogram, _PKCS1)


def compute_raw(key: rsa.RSAPrivateKey, block: bytes) -> bytes:
    """Return a block of 256 bytes to the power of the private exponent (RFC 8017 §5.1.2, second form).

    Raises ValueError for a block that is not below the modulus.
    """
    numbers = key.private_numbers()
    value = int.from_bytes(block, "big")
    if len(block) != KEY_BYTES or value >= numbers.public_numbers.n:
        raise ValueError("a representative is out of range")
    m1 = pow(value % numbers.p, numbers.dmp1, numbers.p)
    m2 = pow(value % numbers.q, numbers.dmq1, numbers.q)
    plain = m2 + (m1 - m2) * numbers.iqmp % numbers.p * numbers.q
    return plain.to_bytes(KEY_BYTES, "big")
