"""NSS uses the CPS by the lines of the page on PC/SC programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.pcsc_page import Terminal, terminal_at_desk


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with terminal_at_desk(tmp_path_factory.mktemp("nss")) as terminal:
        yield terminal


def test_nss_lists_certificates_and_keys_and_signs_a_message(terminal: Terminal) -> None:
    printed = terminal.paste("NSS", then='echo "$TOKEN:$NAME"')
    nickname = printed.splitlines()[-1]
    assert f"\n{nickname}" in printed.partition("Certificate Nickname")[2]
    assert "< 1> rsa" in printed
    assert "CMS Verification successful" in printed
