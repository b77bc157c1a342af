"""An FSE taken apart for stock tools: what was signed, each signature, each certificate with its chain.

    signed-N.bin        the bytes that signature N covers
    signature-N.bin     the signature, 256 bytes, RSA PKCS#1 v1.5 with SHA-256
    certificate-N.pem   the signer's certificate
    chain-N.pem         the intermediate authorities between it and the root
    root-N.pem          the root
    VERIFY.txt          the commands that check all of it; also runs as `sh VERIFY.txt`

N counts from 1 in the order of signing. Project-defined.
"""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from tla_sim.protocol.documents.certificates import CertificateUntrusted, authorities_in, certificate_pem
from tla_sim.protocol.documents.fse import Fse, SignatureBlock
from tla_sim.protocol.moment import moment_text

_LONGEST_CHAIN: Final = 8


def export_fse(fse: Fse, authorities_pem: bytes) -> dict[str, bytes]:
    """Return the files of an FSE by name. Nothing is verified here: the files are for verifying.

    Raises `CertificateMalformed` for a malformed signer's certificate or authorities, `CertificateUntrusted`
    when the chain is not among the authorities.
    """
    authorities = authorities_in(authorities_pem)
    files: dict[str, bytes] = {}
    script = [f"# {fse.kind.name} of invoice {fse.invoice.number}, {fse.mode.name.lower()}", "set -e"]
    for number, block in enumerate(fse.blocks, 1):
        chain = _chain(block, authorities)
        files[f"signed-{number}.bin"] = fse.signed_bytes(number - 1)
        files[f"signature-{number}.bin"] = block.signature
        files[f"certificate-{number}.pem"] = certificate_pem(block.certificate).encode()
        files[f"chain-{number}.pem"] = b"".join(each.public_bytes(Encoding.PEM) for each in chain[:-1])
        files[f"root-{number}.pem"] = chain[-1].public_bytes(Encoding.PEM)
        script += _commands(number, block)
    files["VERIFY.txt"] = "\n".join([*script, ""]).encode()
    return files


def _commands(number: int, block: SignatureBlock) -> list[str]:
    context = block.context
    return [
        "",
        f"# Signature {number}: {block.role.name}, {moment_text(context.moment)}, counter {context.counter}",
        f"openssl x509 -in certificate-{number}.pem -noout -subject",
        f"openssl verify -attime {context.moment // 1000} -CAfile root-{number}.pem "
        f"-untrusted chain-{number}.pem certificate-{number}.pem",
        f"openssl x509 -in certificate-{number}.pem -noout -pubkey > key-{number}.pem",
        f"openssl dgst -sha256 -verify key-{number}.pem -signature signature-{number}.bin "
        f"signed-{number}.bin",
    ]


def _chain(block: SignatureBlock, authorities: list[x509.Certificate]) -> list[x509.Certificate]:
    """Return the authorities above a signer, from its issuer to the root."""
    certificate = x509.load_pem_x509_certificate(certificate_pem(block.certificate).encode())
    chain: list[x509.Certificate] = []
    while len(chain) < _LONGEST_CHAIN:
        issuer = next((each for each in authorities if _has_issued(each, certificate)), None)
        if issuer is None:
            break
        chain.append(issuer)
        if issuer.subject == issuer.issuer:
            return chain
        certificate = issuer
    raise CertificateUntrusted(
        "The authorities given did not issue the certificate of the {role} signature",
        "Give the PEM of the right ones",
        role=block.role.name,
    )


def _has_issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
