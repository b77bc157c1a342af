"""An authority of nobody's, for cards that must be refused for it."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tla_sim.reader_fw.cards.pki import ShippedKeys

_NAME: Final = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ELSEWHERE"),
        x509.NameAttribute(NameOID.COMMON_NAME, "ELSEWHERE CA"),
    ]
)


def certified_elsewhere(der: bytes) -> bytes:
    """Return the same certificate as the foreign authority would issue it, the same to the byte each time."""
    model = x509.load_der_x509_certificate(der)
    key = ShippedKeys().take()
    builder = (
        x509.CertificateBuilder()
        .subject_name(model.subject)
        .issuer_name(_NAME)
        .public_key(model.public_key())
        .serial_number(model.serial_number)
        .not_valid_before(model.not_valid_before_utc)
        .not_valid_after(model.not_valid_after_utc)
    )
    for each in model.extensions:
        value: x509.ExtensionType = each.value
        if isinstance(value, x509.AuthorityKeyIdentifier):
            value = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        builder = builder.add_extension(value, critical=each.critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
