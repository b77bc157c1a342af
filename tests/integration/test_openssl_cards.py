"""Stock openssl alone verifies what a card signs and who issued the card."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.reader_fw.cards.sample_cards import insert
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.certificates import certificate_pem, shipped_authorities_pem
from tla_sim.reader_fw.app.card_access import PsCard, VitaleCard

SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("kind", CardKind)
@pytest.mark.parametrize("profile", CardProfile)
def test_openssl_verifies_signature_and_chain(tmp_path: Path, profile: CardProfile, kind: CardKind) -> None:
    chip = insert(profile, kind=kind)
    document = "Facture 190305028 de MARTIN PAUL, 156,20 €".encode()
    digest_info = SHA256_PREFIX + hashlib.sha256(document).digest()
    if profile is CardProfile.VITALE:
        vitale = VitaleCard(chip.transmit)
        certificate, signature = vitale.certificate, vitale.sign(digest_info)
    else:
        ps = PsCard(chip.transmit)
        assert ps.verify_code(b"1234")
        certificate, signature = ps.certificate, ps.sign(digest_info)
    (tmp_path / "document").write_bytes(document)
    (tmp_path / "altered").write_bytes(document + b".")
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "signer.pem").write_text(certificate_pem(certificate), "ascii")
    (tmp_path / "ca.pem").write_text(shipped_authorities_pem(kind), "ascii")
    other = CardKind.REAL if kind is CardKind.TEST else CardKind.TEST
    (tmp_path / "other.pem").write_text(shipped_authorities_pem(other), "ascii")

    chain = openssl("verify", "-x509_strict", "-attime", "1551787200", "-CAfile", tmp_path / "ca.pem",
                    tmp_path / "signer.pem")  # fmt: skip
    assert chain.returncode == 0, chain.stderr
    assert openssl("verify", "-CAfile", tmp_path / "other.pem", tmp_path / "signer.pem").returncode != 0

    key = openssl("x509", "-in", tmp_path / "signer.pem", "-noout", "-pubkey")
    (tmp_path / "key.pem").write_text(key.stdout, "ascii")
    check = ("dgst", "-sha256", "-verify", tmp_path / "key.pem", "-signature", tmp_path / "signature")
    assert openssl(*check, tmp_path / "document").returncode == 0
    assert openssl(*check, tmp_path / "altered").returncode != 0
