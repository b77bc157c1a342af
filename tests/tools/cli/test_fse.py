"""tla fse: what a certified invoice says, whether it holds, and openssl's own opinion of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.samples import COMPLETE, FINAL, PARTIAL
from tests.tools.cli.command_line import tla, tla_process
from tests.tools.signed import signed
from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.documents.certificates import shipped_authorities_pem
from tla_sim.protocol.documents.fse import Role
from tla_sim.tools.cast.invoices import make_ccam_act, make_invoice, with_acts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "190305028.fse"
    path.write_bytes(signed(make_invoice(), FINAL).build())
    return path


@pytest.fixture
def altered(file: Path) -> Path:
    """The same file with one bit of the second signer's signature turned."""
    raw = bytearray(file.read_bytes())
    raw[-1500] ^= 1
    path = file.with_name("altered.fse")
    path.write_bytes(raw)
    return path


def test_show_gives_content_state_and_signers(file: Path) -> None:
    result = tla("fse", "show", file)
    assert result.exit_code == 0
    for expected in ("190305028", "156,20", "MARTIN PAUL", "FINAL", "TOUBIB PAUL (CPS)", "TITULAIRE"):
        assert expected in result.stdout


def test_show_as_json_says_what_is_lacking(file: Path) -> None:
    file.write_bytes(signed(make_invoice(), PARTIAL).build())
    result = tla("fse", "show", file, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["state"], found["lacks"], found["valid"]) == ("PARTIAL", ["TITULAIRE"], True)
    assert [each["role"] for each in found["signatures"]] == ["VITALE", "PARTIAL"]
    assert sum(act["amount"] for act in found["acts"]) == found["total"] == 15_620


def test_a_ccam_act_is_shown_with_what_the_ccam_writes_beside_it(file: Path) -> None:
    file.write_bytes(
        signed(with_acts(make_invoice(), make_ccam_act(), make_invoice().acts[0]), FINAL).build()
    )
    shown = tla("fse", "show", file).stdout
    for expected in ("DEQP003 1-0 P", "14,26", "49,26", "AMI 4", "78,10"):
        assert expected in shown
    ccam, ngap = json.loads(tla("fse", "show", file, "--json").stdout)["acts"]
    assert ccam == {
        "date": "2019-03-05",
        "code": "DEQP003",
        "activity": "1",
        "phase": "0",
        "modifiers": "P",
        "association": "",
        "exceptional_reimbursement": False,
        "price": 1_426,
        "quantity": 1,
        "amount": 4_926,
    }
    assert (ngap["code"], ngap["coefficient"]) == ("AMI", 400)


def test_verify_names_each_signer(file: Path) -> None:
    result = tla("fse", "verify", file)
    assert result.exit_code == 0
    assert "3 signatures verified; the invoice is FINAL." in result.stdout


def test_an_altered_file_is_refused_in_a_sentence_that_names_the_signature(altered: Path) -> None:
    done = tla_process("fse", "verify", altered)
    assert done.returncode == 1
    assert not done.stdout
    assert done.stderr.startswith("Signature ")
    assert "Do not transmit this FSE." in done.stderr


def test_show_of_an_altered_file_shows_it_and_fails(altered: Path) -> None:
    result = tla("fse", "show", altered, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["valid"] is False
    assert "does not hold" in found["problem"]
    assert all(each["signer"] is None for each in found["signatures"])
    assert "not verified, claims FINAL" in tla("fse", "show", altered).stdout


def test_other_authorities_are_not_believed(file: Path, tmp_path: Path) -> None:
    real, test = tmp_path / "real.pem", tmp_path / "test.pem"
    real.write_text(shipped_authorities_pem(CardKind.REAL))
    test.write_text(shipped_authorities_pem(CardKind.TEST))
    assert tla("fse", "verify", file, "--ca", real).exit_code == 1
    assert tla("fse", "verify", file, "--ca", test).exit_code == 0
    test.write_bytes(test.read_text().encode("utf-16"))
    assert tla("fse", "verify", file, "--ca", test).exit_code == 0, "as Notepad saves it"


@pytest.mark.parametrize("content", [b"", b"TLAFSE", b"\xff" * 100_000])
def test_nonsense_is_wrong_input(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    for verb in ("show", "verify"):
        result = tla("fse", verb, file)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert not result.stdout


@pytest.mark.parametrize("ca", ["missing.pem", "190305028.fse"])
def test_an_unusable_ca_is_wrong_input(file: Path, tmp_path: Path, ca: str) -> None:
    for verb in (("show",), ("verify",), ("export", "--out", tmp_path / "out")):
        result = tla("fse", *verb, file, "--ca", file.with_name(ca))
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_root_without_its_intermediates_is_answered_with_the_one_that_lacks(
    file: Path, tmp_path: Path
) -> None:
    root = tmp_path / "root.pem"
    root.write_text(
        shipped_authorities_pem(CardKind.TEST).partition("-----END")[0] + "-----END CERTIFICATE-----\n"
    )
    result = tla("fse", "verify", file, "--ca", root)
    assert result.exit_code == 1
    assert "issued by TLA-SIM TEST CA VITALE, which is not among" in result.stderr


@pytest.mark.parametrize("roles", [PARTIAL, COMPLETE, FINAL])
def test_openssl_alone_verifies_what_was_exported(
    file: Path, tmp_path: Path, roles: tuple[Role, ...]
) -> None:
    file.write_bytes(signed(make_invoice(), roles).build())
    out = tmp_path / "for openssl"
    result = tla("fse", "export", file, "--out", out)
    assert result.exit_code == 0
    done = subprocess.run(["sh", "VERIFY.txt"], cwd=out, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Verified OK") == len(roles)
    assert done.stdout.count("certificate-") == len(roles)
    (out / "signed-2.bin").write_bytes((out / "signed-2.bin").read_bytes()[:-1])
    again = subprocess.run(["sh", "VERIFY.txt"], cwd=out, capture_output=True, text=True, check=False)
    assert again.returncode != 0


def test_export_twice_changes_nothing_and_never_overwrites_other_files(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert tla("fse", "export", file, "--out", out, "--json").exit_code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert tla("fse", "export", file, "--out", out).exit_code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    file.write_bytes(signed(make_invoice(190305029), FINAL).build())
    result = tla("fse", "export", file, "--out", out)
    assert result.exit_code == 2
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
