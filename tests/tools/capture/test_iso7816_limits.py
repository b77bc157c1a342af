"""Which APDUs Wireshark's own dissector reads."""

from __future__ import annotations

import pytest

from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.tools.capture.iso7816_limits import reads_answer, reads_atr, reads_command


@pytest.mark.parametrize(
    ("apdu", "reads"),
    [
        ("00A4000C023F00", True),
        ("00A4000C033F00", False),
        ("00B0000000", True),
        ("00B00000", True),
        ("00B000", False),
        ("", False),
        ("80", True),
        ("00D6000000FFFF" + "00" * 65_535, True),
    ],
)
def test_commands(apdu: str, reads: bool) -> None:
    assert reads_command(bytes.fromhex(apdu)) is reads


def test_an_answer_that_begins_like_an_answer_to_reset_is_misread() -> None:
    assert reads_answer(b"\x90\x00")
    assert not reads_answer(b"\x3b\x10\x90\x00")


def test_answers_to_reset() -> None:
    assert reads_atr(LOG_SV_ATR)
    assert not reads_atr(LOG_SV_ATR[:-2])
    assert not reads_atr(b"\x3b")
    assert not reads_atr(b"\x3b\x80")
