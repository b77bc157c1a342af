"""Debian's tshark reads CCID messages of our captures by itself."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from tla_sim.protocol.ccid import NAK_FRAME, Request, frame_message
from tla_sim.protocol.framing import CCID, Framing
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.cards.code_porteur import code_block
from tla_sim.tools.capture.levels.listening import LineEar, listen_to
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

TIMEOUT = 120
CODE = b"2938"


def tshark(folder: Path, capture: bytes, *options: str) -> str:
    """What tshark prints about a capture, without any file of ours."""
    file = folder / "capture.pcapng"
    file.write_bytes(capture)
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["tshark", "-r", str(file), *options],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
        env=environment,
    ).stdout


@pytest.fixture
def capture() -> bytes:
    """A session with a card and with Log_SV, and what else travels on such a line."""
    file = io.BytesIO()
    tracer = PcapngTracer(file.write)
    with SimulatedReader.in_memory() as reader:
        reader.insert_ps(reader.practice.practitioners[0].last_name)
        with reader.transport("ccid") as transport:
            ended = listen_to(transport, tracer, "here")
            assert ended is not None
            transport.transmit(bytes.fromhex("00A4040C023F00"), Lad.PS)
            transport.transmit(bytes.fromhex("0020008108") + code_block(CODE), Lad.PS)
            transport.transmit(bytes.fromhex("8010000000"))
        ended()
    ear = LineEar(tracer, "here", Framing(CCID))
    damaged = bytearray(frame_message(Request(0x6F, 0, 9, CODE * 4).build()))
    damaged[-1] ^= 1
    ear.heard(False, bytes(damaged))
    ear.heard(True, NAK_FRAME + b"\x50\x03\x80" + CODE)
    ear.gone()
    return file.getvalue()


def test_messages_are_decoded_without_any_option(tmp_path: Path, capture: bytes) -> None:
    assert CODE not in capture
    assert tshark(tmp_path, capture, "-Y", "_ws.malformed") == ""
    fields = ("-T", "fields", "-e", "usbccid.bMessageType", "-e", "usbccid.bSlot")
    told = [line.split() for line in tshark(tmp_path, capture, *fields, "-Y", "usbccid").splitlines()]
    assert {"0x62", "0x65", "0x6f", "0x80", "0x81"} == {kind for kind, _ in told}
    assert {"0", "2"} <= {slot for _, slot in told}


def test_the_apdus_inside_are_decoded_on_demand(tmp_path: Path, capture: bytes) -> None:
    told = tshark(tmp_path, capture, "-d", "usbccid.subdissector,iso7816", "-Y", "iso7816")
    for words in ("ATR", "Select file", "Verify", "Response APDU (to Verify)"):
        assert words in told
