"""Stock OpenSC, ssh-keygen and pcsc-tools use the cards of a reader behind stock pcscd."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.pcsc_kit import Served, by_ccid, by_vpcd, run, said, slots_show
from tests.integration.pcsc_page import Terminal, blocks
from tests.integration.serving import PATIENCE, wait_for
from tests.reader_kit import Bench
from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards import key_commands
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import MAYA

SELECT_MF = bytes.fromhex("00A4000C023F00")
SELECT_DIR = bytes.fromhex("00A4020C022F00")
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Desk:
    """A reader with the nurse's card and a Vitale in it, behind a pcscd."""

    def __init__(self, bench: Bench, serving: Served) -> None:
        self.bench = bench
        self.serving = serving

    def change_card(self, card: Card | None = None) -> None:
        """Take the PS card out, and put another in: a fresh one, that has been asked for no code."""
        self.serving.do(lambda: self.bench.reader.remove(Slot.PS))
        wait_for(slots_show(s0=b""))
        fresh = card or self.bench.card(ps_image(MAYA))
        self.serving.do(lambda: self.bench.reader.insert(Slot.PS, fresh))
        wait_for(slots_show(s0=fresh.atr))


def _bench() -> Bench:
    bench = Bench()
    bench.insert_ps(MAYA)
    bench.reader.insert(Slot.VITALE, bench.card(vitale_image()))
    return bench


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    bench = _bench()
    with by_ccid(bench.reader, bench.reader.board.clock, tmp_path_factory.mktemp("ccid")) as (serving, _):
        wait_for(slots_show(s0=PS_ATR, s1=VITALE_ATR, s2=LOG_SV_ATR))
        yield Desk(bench, serving)


@pytest.fixture
def fresh_card(desk: Desk) -> Desk:
    desk.change_card()
    return desk


def _pkcs11() -> str:
    return next(str(path) for path in Path("/usr/lib").glob("*/opensc-pkcs11.so"))


_SIGNATURE, _AUTHENTICATION = (f"e828bd080f8025000001ff0010{number}" for number in ("01", "02"))


def _sign(mechanism: str, key: str, data: Path, signature: Path) -> tuple[str, ...]:
    login = ("pkcs11-tool", "--module", _pkcs11(), "--slot-index", "0", "--login", "--pin", "1234")
    return (*login, "--sign", "--mechanism", mechanism, "--id", key, "-i", f"{data}", "-o", f"{signature}")


def _public_key(directory: Path, label: str, reader: str = "0") -> Path:
    """The public key of the certificate with a label, as PEM."""
    certificates = said("pkcs15-tool", "--reader", reader, "--list-certificates")
    (identity,) = re.findall(rf"X.509 Certificate \[{label}\].*?ID\s*: (\w+)", certificates, re.DOTALL)
    pem = said("pkcs15-tool", "--reader", reader, "--read-certificate", identity)
    (directory / "certificate.pem").write_text(pem)
    key = directory / "key.pem"
    key.write_text(said("openssl", "x509", "-in", directory / "certificate.pem", "-noout", "-pubkey"))
    return key


@pytest.mark.usefixtures("desk")
def test_pcsc_scan_lists_the_slots_and_names_both_cards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An earlier unknown card leaves an empty list there, which is read in place of the package's.
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    readers = said("pcsc_scan", "-r")
    assert [f"{number}: TLA virtual 00 0{number}" in readers for number in range(5)] == [True] * 5
    cards = said("pcsc_scan", "-c")
    for atr in (PS_ATR, VITALE_ATR, LOG_SV_ATR):
        assert f"ATR: {atr.hex(' ').upper()}" in cards
    assert "Sesam Vitale card CPS" in _name_in_public_list(PS_ATR)
    assert "Vitale 2" in _name_in_public_list(VITALE_ATR)


def _name_in_public_list(atr: bytes) -> str:
    """What pcsc-tools' list of cards says, as pcsc_scan prints it."""
    return said("ATR_analysis", *atr.hex(" ").upper().split())


def test_opensc_tool_reads_the_serial_number(desk: Desk) -> None:
    card = desk.bench.reader.board.slots.card(Slot.PS)
    assert isinstance(card, Card)
    shown = said("opensc-tool", "--reader", "0", "--serial").replace(" ", "")
    assert shown.startswith(card.serial[4:])


@pytest.mark.usefixtures("desk")
def test_pkcs15_tool_dumps_one_code_two_keys_and_three_certificates() -> None:
    _check_dump(said("pkcs15-tool", "--reader", "0", "--dump"))


def _check_dump(dump: str) -> None:
    assert dump.startswith("PKCS#15 Card [CPS3v3-")
    assert len(re.findall(r"^PIN \[Code porteur\]", dump, re.MULTILINE)) == 1
    assert len(re.findall(r"^Private RSA Key \[", dump, re.MULTILINE)) == 2
    assert len(re.findall(r"^X.509 Certificate \[", dump, re.MULTILINE)) == 3


@pytest.mark.usefixtures("fresh_card")
def test_the_right_code_is_verified_and_three_wrong_ones_block_the_card() -> None:
    verify = ("pkcs15-tool", "--reader", "0", "--verify-pin", "--pin")
    assert run(*verify, "1234").returncode == 0
    refusals = [run(*verify, "9999") for _ in range(3)]
    assert all(done.returncode for done in refusals)
    assert b"PIN code or key incorrect" in refusals[0].stderr
    blocked = run(*verify, "1234")
    assert blocked.returncode
    assert b"blocked" in blocked.stderr.lower()


@pytest.mark.usefixtures("fresh_card")
def test_a_blocked_code_is_unblocked_and_changed() -> None:
    verify = ("pkcs15-tool", "--reader", "0", "--verify-pin", "--pin")
    for _ in range(3):
        assert run(*verify, "9999").returncode
    unblock = ("pkcs15-tool", "--reader", "0", "--unblock-pin", "--new-pin", "4321", "--puk")
    assert run(*unblock, "87654321").returncode
    said(*unblock, "12345678")
    said(*verify, "4321")
    module = ("pkcs11-tool", "--module", _pkcs11(), "--slot-index", "0")
    said(*module, "--login", "--pin", "4321", "--change-pin", "--new-pin", "1234")
    said("pkcs15-tool", "--reader", "0", "--change-pin", "--pin", "1234", "--new-pin", "246813")
    said(*verify, "246813")


@pytest.mark.usefixtures("fresh_card")
def test_the_pkcs11_module_unblocks_when_its_settings_say_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assert run("pkcs15-tool", "--reader", "0", "--verify-pin", "--pin", "9999").returncode
    module = ("pkcs11-tool", "--module", _pkcs11(), "--slot-index", "0")
    settings = tmp_path / "opensc.conf"
    settings.write_text(
        "app opensc-pkcs11 { pkcs11 { user_pin_unblock_style = set_pin_in_unlogged_session; } }"
    )
    monkeypatch.setenv("OPENSC_CONF", str(settings))
    said(*module, "--unlock-pin", "--puk", "12345678", "--new-pin", "4321")
    said("pkcs15-tool", "--reader", "0", "--verify-pin", "--pin", "4321")


@pytest.mark.usefixtures("fresh_card")
def test_pkcs11_tool_signs_and_openssl_verifies(tmp_path: Path) -> None:
    _check_signature(tmp_path)


def _check_signature(directory: Path) -> None:
    document = directory / "document"
    document.write_bytes("Facture 190305028, 156,20 €".encode())
    info = directory / "info"
    info.write_bytes(SHA256_INFO + hashlib.sha256(document.read_bytes()).digest())
    key = _public_key(directory, "Certificat d'Authentification CPS")
    login = ("--module", _pkcs11(), "--slot-index", "0", "--login", "--pin", "1234")
    signature = directory / "signature"
    said("pkcs11-tool", *login, "--sign", "--mechanism", "RSA-PKCS", "-i", info, "-o", signature)
    check = ("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature)
    assert "Verified OK" in said(*check, document)
    document.write_bytes(b"another one")
    assert run(*check, document).returncode


@pytest.mark.usefixtures("fresh_card")
def test_pkcs11_tool_decrypts_what_openssl_enciphered(tmp_path: Path) -> None:
    key = _public_key(tmp_path, "Certificat d'Authentification CPS")
    plain, cipher, out = (tmp_path / name for name in ("plain", "cipher", "out"))
    plain.write_bytes(b"a session key")
    said("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", key, "-in", plain, "-out", cipher)
    login = ("--module", _pkcs11(), "--slot-index", "0", "--login", "--pin", "1234")
    said("pkcs11-tool", *login, "--decrypt", "--mechanism", "RSA-PKCS", "-i", cipher, "-o", out)
    assert out.read_bytes() == plain.read_bytes()


def test_another_driver_signs_with_the_signature_key_and_sets_codes(fresh_card: Desk, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, fresh_card.bench, fresh_card.serving)
    assert "Verified OK" in terminal.paste("OpenSC 0.24 and newer")
    info, signature = tmp_path / "info", tmp_path / "signature"
    sign = _sign("RSA-PKCS", _AUTHENTICATION, info, signature)
    with_setcos = ("env", f"OPENSC_CONF={tmp_path / 'opensc.conf'}", *sign)
    assert b"CKR_GENERAL_ERROR" in run(*with_setcos).stderr, "that key does not commit its holder"
    (tmp_path / "cards" / "cps-piqure2969-maya.card").write_bytes(ps_image(MAYA).build())
    terminal.paste("A card whose keys both sign")
    both = CardImage.parse((tmp_path / "cards" / "both.card").read_bytes())
    fresh_card.change_card(fresh_card.bench.card(both))
    key = _public_key(tmp_path, "Certificat d'Authentification CPS")
    for command in (with_setcos, sign):
        signature.unlink(missing_ok=True)
        said(*command)
        check = ("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature, tmp_path / "document")
        assert "Verified OK" in said(*check)


def test_no_driver_knows_a_cps4_but_that_one_signs_with_it(desk: Desk, tmp_path: Path) -> None:
    desk.change_card(desk.bench.card(ps_image(MAYA, terms=CardTerms(model=CardModel.CPS4))))
    assert b"Card is invalid or cannot be handled" in run("pkcs15-tool", "--reader", "0", "--dump").stderr
    settings = tmp_path / "opensc.conf"
    (page,) = blocks("OpenSC 0.24 and newer")
    settings.write_text(page.partition("<<END\n")[2].partition("END\n")[0])
    with_setcos, identifier = ("env", f"OPENSC_CONF={settings}"), f"{_SIGNATURE[:-2]}10"
    info, signature, key = tmp_path / "info", tmp_path / "signature", tmp_path / "key.pem"
    info.write_bytes(SHA256_INFO + hashlib.sha256(b"invoice").digest())
    said(*with_setcos, *_sign("RSA-PKCS", identifier, info, signature))
    pem = said(*with_setcos, "pkcs15-tool", "--reader", "0", "--read-certificate", identifier)
    (tmp_path / "certificate.pem").write_text(pem)
    key.write_text(said("openssl", "x509", "-in", tmp_path / "certificate.pem", "-noout", "-pubkey"))
    (tmp_path / "document").write_bytes(b"invoice")
    check = ("openssl", "dgst", "-sha256", "-verify", key, "-signature", signature, tmp_path / "document")
    assert "Verified OK" in said(*check)
    desk.change_card()


@pytest.mark.usefixtures("fresh_card")
def test_a_signature_with_a_hash_is_the_signature_keys(tmp_path: Path) -> None:
    document = tmp_path / "document"
    document.write_bytes(b"invoice")
    signature = tmp_path / "signature"
    refused = run(*_sign("SHA256-RSA-PKCS", _AUTHENTICATION, document, signature))
    assert b"CKR_MECHANISM_INVALID" in refused.stderr
    # The driver sets the card's hash, and then cannot get at the state of its own in OpenSSL 3.
    refused = run(*_sign("SHA256-RSA-PKCS", _SIGNATURE, document, signature))
    assert b"CKR_FUNCTION_NOT_SUPPORTED" in refused.stderr


@pytest.mark.usefixtures("desk")
def test_ssh_keygen_lists_the_cards_keys() -> None:
    keys = said("ssh-keygen", "-D", _pkcs11())
    assert len([line for line in keys.splitlines() if line.startswith("ssh-rsa ")]) == 2


def test_a_card_pulled_out_during_a_signature_ends_it_and_the_next_one_is_served(
    fresh_card: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = fresh_card
    info = tmp_path / "info"
    info.write_bytes(SHA256_INFO + bytes(32))
    login = ("--module", _pkcs11(), "--slot-index", "0", "--login", "--pin", "1234")
    arguments = ("pkcs11-tool", *login, "--sign", "--mechanism", "RSA-PKCS", "-i", str(info))
    card = desk.bench.reader.board.slots.card(Slot.PS)
    assert isinstance(card, Card)
    seen = _watched(card, monkeypatch)
    # A signature that takes for ever, so that the card surely leaves in its midst.
    monkeypatch.setattr(key_commands, "SIGNING_MS", 3_600_000)
    with subprocess.Popen([*arguments, "-o", tmp_path / "out"], stderr=subprocess.PIPE) as signing:
        wait_for(lambda: any(exchange.apdu[1] == 0x88 for exchange in seen))
        desk.serving.do(lambda: desk.bench.reader.remove(Slot.PS))
        _, errors = signing.communicate(timeout=PATIENCE)
    assert signing.returncode, "the card was out"
    assert b"error" in errors
    monkeypatch.undo()
    fresh = desk.bench.card(ps_image(MAYA))
    desk.serving.do(lambda: desk.bench.reader.insert(Slot.PS, fresh))
    wait_for(slots_show(s0=PS_ATR))
    _check_signature(tmp_path)


class _Exchange(NamedTuple):
    """A command, its answer, and the milliseconds it took on the reader's clock."""

    apdu: bytes
    answer: bytes
    ms: int


def _watched(card: Card, monkeypatch: pytest.MonkeyPatch) -> list[_Exchange]:
    """What a card is told and answers from now on."""
    transmit = card.transmit
    seen: list[_Exchange] = []

    def watched(apdu: bytes) -> bytes:
        answer = transmit(apdu)
        seen.append(_Exchange(apdu, answer, card.latency_ms))
        return answer

    monkeypatch.setattr(card, "transmit", watched)
    return seen


def test_the_vitale_refuses_opensc_cleanly_and_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    vitale = desk.bench.reader.board.slots.card(Slot.VITALE)
    assert isinstance(vitale, Card)
    seen = _watched(vitale, monkeypatch)
    done = run("pkcs15-tool", "--reader", "1", "--dump")
    assert done.returncode
    assert b"Card is invalid or cannot be handled" in done.stderr
    assert 0 < len(seen) < 400, "it probes on and on"
    granted = [exchange.apdu for exchange in seen if exchange.answer[-2:] == b"\x90\x00"]
    read = [apdu for apdu in granted if apdu[1] == 0xB0]
    selected = [apdu for apdu in granted if apdu[1] == 0xA4]
    assert sorted(granted) == sorted(read + selected), "it finds something to do"
    assert set(selected) <= {SELECT_MF, SELECT_DIR}, (
        "the root and its list of applications, which any card has"
    )
    refusals = [exchange.answer for exchange in seen if exchange.apdu not in granted]
    assert all(len(answer) == 2 and answer[0] >> 4 == 6 for answer in refusals)
    assert sum(exchange.ms for exchange in seen) == 0


def test_insertion_and_removal_are_pcsc_events(desk: Desk) -> None:
    vitale = desk.serving.do(lambda: desk.bench.reader.remove(Slot.VITALE))
    wait_for(slots_show(s0=PS_ATR, s1=b"", s2=LOG_SV_ATR))
    assert vitale is not None
    desk.serving.do(lambda: desk.bench.reader.insert(Slot.VITALE, vitale))
    wait_for(slots_show(s1=VITALE_ATR))


def test_the_same_dump_and_signature_by_vpcd(tmp_path: Path) -> None:
    bench = _bench()
    with by_vpcd(bench.reader, bench.reader.board.clock, "ps,vitale") as (serving, _):
        wait_for(slots_show(s0=PS_ATR, s1=VITALE_ATR))
        _check_dump(said("pkcs15-tool", "--reader", "0", "--dump"))
        _check_signature(tmp_path)
        serving.do(lambda: bench.reader.remove(Slot.PS))
        wait_for(slots_show(s0=b"", s1=VITALE_ATR))


def test_a_reader_of_two_slots_shows_two(tmp_path: Path) -> None:
    bench = _bench()
    clock = bench.reader.board.clock
    with by_ccid(bench.reader, clock, tmp_path, "?slots=ps,log_sv"):
        wait_for(slots_show(s0=PS_ATR, s1=LOG_SV_ATR))
        assert "2:" not in said("pcsc_scan", "-r")
