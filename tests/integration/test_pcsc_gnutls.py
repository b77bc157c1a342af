"""GnuTLS' tools use the CPS by the lines of the page on PC/SC programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.pcsc_page import Terminal, terminal_at_desk


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with terminal_at_desk(tmp_path_factory.mktemp("gnutls")) as terminal:
        yield terminal


def test_p11tool_lists_and_signs_and_certtool_makes_pkcs7(terminal: Terminal) -> None:
    printed = terminal.paste("p11tool and certtool")
    assert printed.count("Private key (RSA-2048)") == 2
    assert printed.count("X.509 Certificate (RSA-2048)") == 3
    assert "Verifying against public key in the token... ok" in printed
    assert "Signature status: ok" in printed
