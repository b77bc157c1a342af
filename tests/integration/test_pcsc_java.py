"""Java uses the CPS by the lines of the page on PC/SC programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.pcsc_page import Terminal, blocks, terminal_at_desk
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with terminal_at_desk(tmp_path_factory.mktemp("java")) as terminal:
        yield terminal


def test_java_lists_the_keys_signs_an_archive_and_sends_apdus(terminal: Terminal) -> None:
    (source,) = blocks("Java", "java")
    (terminal.folder / "Cards.java").write_text(source)
    printed = terminal.paste("Java")
    assert printed.count("PrivateKeyEntry") == 2
    assert "jar verified." in printed
    for slot, atr in enumerate((PS_ATR, VITALE_ATR)):
        assert f"TLA virtual 00 0{slot}: {atr.hex()}, 9000" in printed
