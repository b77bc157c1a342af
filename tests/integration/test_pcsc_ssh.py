"""OpenSSH uses the CPS by the lines of the page on PC/SC programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.pcsc_page import Terminal, terminal_at_desk


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with terminal_at_desk(tmp_path_factory.mktemp("ssh")) as terminal:
        yield terminal


def test_the_agent_logs_in_and_signs_a_file(terminal: Terminal) -> None:
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    printed = terminal.paste("ssh", then="cat authorized_keys")
    assert "\nlogged in\n" in printed
    assert 'Good "file" signature with RSA key' in printed
    assert printed.count("\nssh-rsa ") == 2
