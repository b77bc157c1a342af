"""The test PKI: authorities with TEST or SIMULATED REAL in every subject, and the sources of card keys.

Keys and certificates are shipped, made by `tools/maintenance/test_pki.py`, and valid from 2015 to 2045. With
the shipped keys, whatever is issued twice is the same to the byte. Certificates are X.509 v3 (RFC 5280),
RSA-2048, SHA-256; `tla_sim.protocol.documents.certificates` describes their markers. Project-defined.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.certificates import BILLING_URN, KEY_BITS, KIND_POLICIES, PROFILE_POLICIES
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.names import cut_to_bytes

VALID_FROM: Final = date(2015, 1, 1)
VALID_UNTIL: Final = date(2045, 12, 31)
ORGANISATION: Final = {CardKind.TEST: "TLA-SIM TEST", CardKind.REAL: "TLA-SIM SIMULATED REAL"}
PUBLIC_EXPONENT: Final = 65_537

_MAX_COMMON_NAME_BYTES: Final = 64
_PEM_END: Final = "-----END PRIVATE KEY-----\n"


class KeysExhausted(TlaError):
    """The shipped pool has no unused key left."""

    category = Category.BAD_INPUT


class CardKeyUnusable(TlaError):
    """A card's private key cannot be loaded."""

    category = Category.BAD_INPUT

    ssv = 0xF004


class KeyUse(Enum):
    """The use that a card's key is certified for."""

    SIGNATURE = "signature"
    AUTHENTICATION = "authentication"


class KeySource(Protocol):
    """A source of keys for new cards."""

    def take(self) -> rsa.RSAPrivateKey:
        """Return an RSA-2048 key that was not returned before, unless the source says otherwise."""


class ShippedKeys:
    """The shipped pool of test keys, one after another, from number `start` (0..size-1).

    With `reuse` it begins again after the last one: several cards then share a key, which suits a benchmark
    and nothing else.
    """

    def __init__(self, start: int = 0, *, reuse: bool = False) -> None:
        self._next = start
        self._reuse = reuse

    def take(self) -> rsa.RSAPrivateKey:
        """Return the next key of the pool. Raises KeysExhausted after the last one, unless with `reuse`."""
        pool = shipped_keys()
        if self._next >= len(pool) and not self._reuse:
            raise KeysExhausted(
                "The shipped pool has {count} card keys and all are taken",
                "Issue fewer cards, or take fresh keys",
                count=len(pool),
            )
        key = load_private_key(pool[self._next % len(pool)])
        self._next += 1
        return key


class FreshKeys:
    """Newly generated keys, about 40 ms each, from OpenSSL's own randomness: no run repeats another."""

    def take(self) -> rsa.RSAPrivateKey:
        """Return a new key."""
        return rsa.generate_private_key(PUBLIC_EXPONENT, KEY_BITS)


@dataclass(frozen=True, slots=True)
class Holder:
    """The subject of a certificate: names, national number (empty for a Vitale), card serial number.

    `billing_numbers` are those whose invoices a CPS may give the final signature for.
    """

    last_name: str
    first_name: str
    national_id: str
    card_serial: str
    billing_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """An intermediate authority with its private key."""

    kind: CardKind
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def __repr__(self) -> str:
        return f"Authority({self.certificate.subject.rfc4514_string()})"

    @classmethod
    def shipped(cls, kind: CardKind, profile: CardProfile) -> Authority:
        """Return the shipped authority that issues cards of this kind and profile."""
        return _shipped_authority(kind, "vitale" if profile is CardProfile.VITALE else "ps")

    def issue(
        self,
        public_key: rsa.RSAPublicKey,
        profile: CardProfile,
        holder: Holder,
        use: KeyUse,
        valid_from: date = VALID_FROM,
        valid_until: date = VALID_UNTIL,
    ) -> bytes:
        """Return the DER certificate of a card's key; both days are included, in UTC.

        An authority may sign a profile that is not its own here: such certificates are what
        `tla_sim.protocol.documents.certificates` must refuse.
        """
        subject = _subject(self.kind, profile, holder)
        signing = use is KeyUse.SIGNATURE
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject)
            .public_key(public_key)
            .serial_number(
                _serial_number(
                    self.certificate, subject, public_key, f"{use} {holder} {valid_from} {valid_until}"
                )
            )
            .not_valid_before(datetime.combine(valid_from, time.min, UTC))
            .not_valid_after(datetime.combine(valid_until, time(23, 59, 59), UTC))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(signing=signing, deciphering=not signing), critical=True)
            .add_extension(policies(self.kind, (profile,)), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if holder.billing_numbers:
            names = [x509.UniformResourceIdentifier(BILLING_URN + each) for each in holder.billing_numbers]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def key_usage(*, signing: bool = False, deciphering: bool = False, certifying: bool = False) -> x509.KeyUsage:
    """Return the key usage extension: a signature key commits its holder, an authentication key deciphers."""
    return x509.KeyUsage(
        digital_signature=not certifying,
        content_commitment=signing,
        key_encipherment=deciphering,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifying,
        crl_sign=certifying,
        encipher_only=False,
        decipher_only=False,
    )


def policies(kind: CardKind, profiles: tuple[CardProfile, ...]) -> x509.CertificatePolicies:
    """Return the policy markers: the kind, and each profile that the certificate has or may issue."""
    markers = [KIND_POLICIES[kind], *(PROFILE_POLICIES[profile] for profile in profiles)]
    return x509.CertificatePolicies([x509.PolicyInformation(marker, None) for marker in markers])


def private_key_bytes(key: rsa.RSAPrivateKey) -> bytes:
    """Return a key as unencrypted PKCS#8 DER (RFC 5958), its form in a card image."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def public_key_bytes(key: rsa.RSAPrivateKey) -> bytes:
    """Return the public half of a key as SubjectPublicKeyInfo DER (RFC 5280 §4.1)."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@lru_cache(maxsize=256)
def load_private_key(der: bytes) -> rsa.RSAPrivateKey:
    """Return the key in PKCS#8 DER. Raises CardKeyUnusable."""
    # Without the check of the key's arithmetic, which takes 40 ms: test keys were checked when made.
    try:
        key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError):
        raise CardKeyUnusable("A private key of the card cannot be read", "Issue the card again") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != KEY_BITS:
        raise CardKeyUnusable("A private key of the card is not RSA-2048", "Issue the card again")
    return key


def _subject(kind: CardKind, profile: CardProfile, holder: Holder) -> x509.Name:
    name = f"{holder.last_name} {holder.first_name}".strip() or f"{profile.name} {holder.card_serial}"
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION[kind]),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, profile.name),
    ]
    if holder.national_id:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, holder.national_id))
    attributes.append(x509.NameAttribute(NameOID.DN_QUALIFIER, holder.card_serial))
    attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, cut_to_bytes(name, _MAX_COMMON_NAME_BYTES)))
    return x509.Name(attributes)


def _serial_number(
    issuer: x509.Certificate, subject: x509.Name, public_key: rsa.RSAPublicKey, rest: str
) -> int:
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    seed = b"\0".join((issuer.subject.public_bytes(), subject.public_bytes(), spki, rest.encode()))
    # Derived, so that a certificate issued twice is the same to the byte; positive and never 0 (RFC 5280).
    return int.from_bytes(hashlib.sha256(seed).digest()[:16], "big") >> 1 | 1


@cache
def _shipped_authority(kind: CardKind, branch: str) -> Authority:
    name = f"{kind.name.lower()}-{branch}"
    certificate = files("tla_sim.protocol.documents.test_ca").joinpath(f"{name}.pem").read_bytes()
    pem = files("tla_sim.reader_fw.cards.test_pki").joinpath(f"{name}.key.pem").read_bytes()
    key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CardKeyUnusable(
            "The key of authority {name} is not an RSA key", "Install tla-sim again", name=name
        )
    return Authority(kind, x509.load_pem_x509_certificate(certificate), key)


@cache
def shipped_keys() -> tuple[bytes, ...]:
    """Return the keys of the shipped pool by number, PKCS#8 DER each."""
    text = files("tla_sim.reader_fw.cards.test_pki").joinpath("card-keys.pem").read_text("ascii")
    found: list[bytes] = []
    for part in text.split(_PEM_END)[:-1]:
        pem = (part + _PEM_END).encode("ascii")
        key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise CardKeyUnusable("A shipped card key is not an RSA key", "Install tla-sim again")
        found.append(private_key_bytes(key))
    return tuple(found)
