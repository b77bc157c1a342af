"""The PKCS#15 files of a PS card: the directories of its codes, keys, certificates and data objects.

Source: PKCS #15 v1.1, ISO/IEC 7816-15, in the form that stock middleware for IAS-ECC CPx cards needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.documents.certificates import KEY_BITS
from tla_sim.protocol.tlv import Tlv, build_all
from tla_sim.reader_fw.cards import addresses
from tla_sim.reader_fw.cards.algorithms import (
    DECIPHER_ALGORITHM,
    DIGEST_INFO_ALGORITHM,
    HASH_ALGORITHMS,
    SIGNATURE_ALGORITHMS,
)
from tla_sim.reader_fw.cards.code_porteur import BLOCK_BYTES, MIN_DIGITS
from tla_sim.reader_fw.cards.image import Access
from tla_sim.reader_fw.cards.ps_data import DataEntry
from tla_sim.reader_fw.cards.sha import Sha

AUTH_ID: Final = b"\x01"
UNBLOCKING_ID: Final = b"\x02"
"""The identifiers of the code porteur and of the code that unblocks it among authentication objects."""

_SEQUENCE: Final = 0x30
_COMPUTE_SIGNATURE: Final = (1,)
_DECIPHER: Final = (5,)
_HASH: Final = (6,)
"""Operations of an algorithm, as bits."""
_RSA: Final = (0x01, bytes.fromhex("2A864886F70D010101"))
_HASHING: Final = {
    Sha.SHA_1: (0x220, bytes.fromhex("2B0E03021A")),
    Sha.SHA_256: (0x250, bytes.fromhex("608648016503040201")),
}
_RSA_OF_DIGEST: Final = {
    Sha.SHA_1: (0x06, bytes.fromhex("2A864886F70D010105")),
    Sha.SHA_256: (0x40, bytes.fromhex("2A864886F70D01010B")),
}
"""PKCS#11 mechanism (CKM_RSA_PKCS, CKM_SHA_1 and so on) and object identifier of each algorithm."""
_ALGORITHMS: Final = (
    (_RSA, _COMPUTE_SIGNATURE, DIGEST_INFO_ALGORITHM),
    (_RSA, _DECIPHER, DECIPHER_ALGORITHM),
    *((_HASHING[sha], _HASH, algorithm) for algorithm, sha in HASH_ALGORITHMS.items()),
    *(
        (_RSA_OF_DIGEST[signing.sha], _COMPUTE_SIGNATURE, algorithm)
        for algorithm, signing in SIGNATURE_ALGORITHMS.items()
        if signing.sha is not None
    ),
)
"""What the card can do: mechanism and object identifier, operation, the card's own reference."""
_ASCII_NUMERIC: Final = 1
_CODE_FLAGS: Final = (4, 5, 11)
"""initialized, needs-padding, exchangeRefData"""
_UNBLOCKING_FLAGS: Final = (4, 5, 6, 7)
"""initialized, needs-padding, unblockingPin, soPin. The last is for PKCS#11 middleware that has the security
officer log in with this code, and set the user's; neither offers it for signatures."""
_LOGIN_REQUIRED_AND_RANDOM: Final = (1, 2)
_PRIVATE: Final = (0,)
_MODIFIABLE: Final = (1,)
_APPLICATION: Final = "CPS"
_NEVER_LEAVES: Final = (0, 2, 3)
"""sensitive, alwaysSensitive, neverExtractable"""
USAGE_COMMIT: Final = (2, 9)
"""sign, nonRepudiation: by the latter, middleware uses hashes on the card and the template of signatures."""
USAGE_SIGN_DECRYPT: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One private key: label, identifier, usage bits, key reference."""

    label: str
    identifier: bytes
    usage: tuple[int, ...]
    reference: int


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """One certificate: label, identifier of its key, file."""

    label: str
    identifier: bytes
    fid: int


def object_directory() -> bytes:
    """Return EF(ODF), which says where the directories of codes, keys, certificates and data objects are."""
    directories = (
        (0xA8, addresses.PS_AODF),
        (0xA0, addresses.PS_PRKDF),
        (0xA4, addresses.PS_CDF),
        (0xA7, addresses.PS_DODF),
    )
    return build_all(Tlv(tag, (_path(fid),)) for tag, fid in directories)


def token_info(serial: bytes, manufacturer: str, label: str) -> bytes:
    """Return EF(TokenInfo): serial number, labels, and the card's algorithms."""
    algorithms = tuple(
        _sequence(
            _integer(reference),
            _integer(mechanism),
            Tlv(0x05),
            _bits(operations),
            Tlv(0x06, identifier),
            _integer(algorithm),
        )
        for reference, ((mechanism, identifier), operations, algorithm) in enumerate(_ALGORITHMS, 1)
    )
    return _sequence(
        _integer(0),
        Tlv(0x04, serial),
        _text(manufacturer),
        Tlv(0x80, label.encode()),
        _bits(_LOGIN_REQUIRED_AND_RANDOM),
        Tlv(0xA2, algorithms),
    ).build()


def code_directory(label: str, reference: int, unblocking_label: str, unblocking_reference: int) -> bytes:
    """Return EF(AODF): the code porteur, and the code that unblocks it."""
    unblocked_by = Tlv(0x04, UNBLOCKING_ID)
    return build_all(
        (
            _code(_sequence(_text(label), _bits(_PRIVATE), unblocked_by), AUTH_ID, _CODE_FLAGS, reference),
            _code(
                _sequence(_text(unblocking_label), _bits(_PRIVATE)),
                UNBLOCKING_ID,
                _UNBLOCKING_FLAGS,
                unblocking_reference,
            ),
        )
    )


def _code(names: Tlv, identifier: bytes, flags: tuple[int, ...], reference: int) -> Tlv:
    attributes = _sequence(
        _bits(flags),
        Tlv(0x0A, bytes((_ASCII_NUMERIC,))),
        _integer(MIN_DIGITS),
        _integer(BLOCK_BYTES),
        _integer(BLOCK_BYTES),
        Tlv(0x80, bytes((reference,))),
        Tlv(0x04, b"\xff"),
    )
    return _sequence(names, _sequence(Tlv(0x04, identifier)), Tlv(0xA1, (attributes,)))


def key_directory(keys: tuple[KeyEntry, ...]) -> bytes:
    """Return EF(PrKDF): the private keys, in the order in which software offers them."""
    return build_all(
        _sequence(
            _sequence(_text(key.label), _bits(_PRIVATE), Tlv(0x04, AUTH_ID)),
            _sequence(
                Tlv(0x04, key.identifier), _bits(key.usage), _bits(_NEVER_LEAVES), _integer(key.reference)
            ),
            # The path must be an empty octet string: without one, middleware drops every key.
            Tlv(0xA1, (_sequence(_sequence(Tlv(0x04)), _integer(KEY_BITS)),)),
        )
        for key in keys
    )


def certificate_directory(certificates: Iterable[CertificateEntry]) -> bytes:
    """Return EF(CDF): the certificates, each with the identifier of its key."""
    return build_all(
        _sequence(
            _sequence(_text(each.label)),
            _sequence(Tlv(0x04, each.identifier)),
            Tlv(0xA1, (_sequence(_path(each.fid)),)),
        )
        for each in certificates
    )


def data_directory(entries: Iterable[DataEntry], *, mark_modifiable: bool) -> bytes:
    """Return EF(DODF): the data objects. Private are those that need the code.

    With `mark_modifiable`, those that may be written are so marked.
    """
    return build_all(
        _sequence(
            _common_attributes(each, mark_modifiable),
            _sequence(_text(_APPLICATION)),
            Tlv(0xA1, (_path(each.fid),)),
        )
        for each in entries
    )


def _common_attributes(entry: DataEntry, mark_modifiable: bool) -> Tlv:
    if entry.read is Access.CODE:
        return _sequence(_text(entry.label), _bits(_PRIVATE), Tlv(0x04, AUTH_ID))
    if mark_modifiable and entry.write is not Access.NEVER:
        return _sequence(_text(entry.label), _bits(_MODIFIABLE))
    return _sequence(_text(entry.label))


def _sequence(*content: Tlv) -> Tlv:
    return Tlv(_SEQUENCE, content)


def _path(fid: int) -> Tlv:
    return _sequence(Tlv(0x04, fid.to_bytes(2, "big")))


def _integer(value: int) -> Tlv:
    return Tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _text(value: str) -> Tlv:
    return Tlv(0x0C, value.encode())


def _bits(places: tuple[int, ...]) -> Tlv:
    """Return a DER BIT STRING of named bits: bit 0 is the highest of the first byte; no trailing zeros."""
    size = max(places) // 8 + 1
    value = sum(1 << (size * 8 - 1 - place) for place in places)
    unused = size * 8 - 1 - max(places)
    return Tlv(0x03, bytes((unused,)) + value.to_bytes(size, "big"))
