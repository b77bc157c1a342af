"""Regenerate the test PKI: `python -m tla_sim.tools.maintenance.test_pki`.

Every card issued before becomes untrusted.

Writes the authorities' certificates to protocol/documents/test_ca, their keys and the pool of card keys to
reader_fw/cards/test_pki. It was run by hand, once in the project's life.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.reader_fw.cards.pki import ORGANISATION, VALID_FROM, VALID_UNTIL, FreshKeys, key_usage, policies

POOL_SIZE: Final = 32
HOME: Final = Path(__file__).resolve().parents[2]
CERTIFICATES: Final = HOME / "protocol" / "documents" / "test_ca"
KEYS: Final = HOME / "reader_fw" / "cards" / "test_pki"

BRANCHES: Final = {
    "ps": ("CA PS", (CardProfile.CPS, CardProfile.CPE)),
    "vitale": ("CA VITALE", (CardProfile.VITALE,)),
}


def main() -> None:
    """Write all certificates and keys."""
    keys = FreshKeys()
    for kind in CardKind:
        prefix = kind.name.lower()
        root_key = keys.take()
        root = _authority(kind, "ROOT", tuple(CardProfile), root_key, root_key, None)
        _write(f"{prefix}-root", root, root_key)
        for branch, (title, profiles) in BRANCHES.items():
            key = keys.take()
            _write(f"{prefix}-{branch}", _authority(kind, title, profiles, key, root_key, root), key)
    pool = "".join(
        f"TEST KEY {number} of test cards, worth nothing\n{_pem(keys.take())}" for number in range(POOL_SIZE)
    )
    (KEYS / "card-keys.pem").write_text(pool, "ascii")


def _authority(
    kind: CardKind,
    title: str,
    profiles: tuple[CardProfile, ...],
    key: rsa.RSAPrivateKey,
    issuer_key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION[kind]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{ORGANISATION[kind]} {title}"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.combine(VALID_FROM, time.min, UTC))
        .not_valid_after(datetime.combine(VALID_UNTIL, time(23, 59, 59), UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0 if issuer else 1), critical=True)
        .add_extension(key_usage(certifying=True), critical=True)
        .add_extension(policies(kind, profiles), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )


def _write(name: str, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
    text = certificate.public_bytes(Encoding.PEM).decode("ascii")
    (CERTIFICATES / f"{name}.pem").write_text(f"{certificate.subject.rfc4514_string()}\n{text}", "ascii")
    (KEYS / f"{name}.key.pem").write_text(
        f"TEST KEY of authority {name}, worth nothing\n{_pem(key)}", "ascii"
    )


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


if __name__ == "__main__":
    main()
