"""OpenSSL uses the CPS through its PKCS#11 engine, by the lines of the page on PC/SC programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.pcsc_kit import free_ports
from tests.integration.pcsc_page import Terminal, blocks, terminal_at_desk

TLS = "TLS with the card's certificate"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with terminal_at_desk(tmp_path_factory.mktemp("openssl")) as terminal:
        yield terminal


def test_openssl_signs_a_document_and_a_cms(terminal: Terminal) -> None:
    printed = terminal.paste("OpenSSL")
    assert "Verified OK" in printed
    assert "CMS Verification successful\nFacture 190305028" in printed


def test_a_client_has_the_cards_certificate_in_tls(terminal: Terminal) -> None:
    printed = terminal.paste(TLS, **{"localhost:4433": f"localhost:{free_ports()}"})
    assert "CN=PIQURE2969 MAYA" in printed.partition("Client certificate")[2]
    assert len(printed.splitlines()) < 60, "a reader of the page finds the certificate on the screen"


def test_without_its_last_two_options_openssl_wants_pss_which_the_card_does_not_have(
    terminal: Terminal,
) -> None:
    options = " -tls1_2 -client_sigalgs RSA+SHA256"
    done = terminal.try_to_paste(TLS, **{"localhost:4433": f"localhost:{free_ports()}", options: ""})
    assert done.returncode
    assert "Mechanism invalid" in done.stdout


def test_a_file_has_programs_without_such_options_use_the_card_in_tls(terminal: Terminal) -> None:
    (settings,) = blocks(TLS, "ini")
    (terminal.folder / "tls.cnf").write_text(settings)
    printed = terminal.paste(
        TLS,
        **{
            "localhost:4433": f"localhost:{free_ports()}",
            " -tls1_2 -client_sigalgs RSA+SHA256": "",
            "| openssl s_client": "| OPENSSL_CONF=$PWD/tls.cnf openssl s_client",
        },
    )
    assert "CN=PIQURE2969 MAYA" in printed.partition("Client certificate")[2]
