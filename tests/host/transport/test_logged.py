"""The logs: silent unless asked for, one line an exchange, and never a code porteur."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

import tla_sim
from tla_sim.protocol.errors import Category
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.serve import Server
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.log_variable import switch_logs_on

VERIFY = bytes.fromhex("00200001") + b"\x08" + b"7091" + b"\xff" * 4


@pytest.fixture
def reader_url(tmp_path: Path) -> str:
    """A reader with a PS card in it, by URL."""
    with tla_sim.SimulatedReader.open(tmp_path / "reader") as reader:
        reader.insert_ps("PIQURE2969")
    return f"state:{tmp_path / 'reader'}"


def test_each_exchange_is_a_line_and_a_code_is_in_none(
    reader_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tla_sim")
    with tla_sim.open_transport(reader_url) as transport:
        client = tla_sim.ReaderClient(transport)
        client.identify()
        assert transport.transmit(VERIFY, Lad.PS)[-2:] != b"\x90\x00"
        transport.transmit(VERIFY)  # to Log_SV, by mistake
        client.verify_code("1234")
        with pytest.raises(tla_sim.StatusError):
            client.verify_code("7091")
    said = [f"{record.name} {record.getMessage()}" for record in caplog.records]
    assert sum(line.startswith(f"tla_sim.transport {reader_url}: LOG_SV > 80 10") for line in said) == 1
    assert any(" PS > 00 20 00 01 08 FF FF FF FF FF FF FF FF < 63" in line for line in said)
    assert any(line.startswith("tla_sim.client identify: 0 bytes, 9000 with") for line in said)
    assert said[0].endswith("opened")
    assert said[-1].endswith("closed")
    text = "\n".join(said)
    for code in ("1234", "7091"):
        assert code not in text
        assert code.encode().hex(" ").upper() not in text


def test_a_failed_exchange_names_its_error(reader_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tla_sim")
    transport = tla_sim.open_transport(reader_url)
    transport.close()
    with pytest.raises(tla_sim.LinkError):
        transport.transmit(b"\x80\x10\x00\x00")
    assert "LOG_SV > 80 10 00 00 < PortUnavailable" in caplog.text


def test_nothing_is_logged_unless_it_is_asked_for(reader_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with tla_sim.open_transport(reader_url) as transport:
        tla_sim.ReaderClient(transport).identify()
        assert type(transport).__name__ == "InProcessTransport"
    assert capfd.readouterr() == ("", "")


def test_serving_tells_of_links_and_power(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tla_sim.serve")
    with tla_sim.SimulatedReader.in_memory() as simulated:
        reader = simulated.reader
        with Server(reader, reader.board.clock) as server:
            address = server.open("tcp:0").address
            server.plug(False)
            server.plug(True)
            reader.power_off()
            server.run(0)
    text = caplog.text
    assert f"serving tcp:0 at {address}" in text
    assert "all cables are out" in text
    assert "the reader has no power" in text
    assert "no longer serving tcp:0" in text


def test_the_variable_switches_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    log = logging.getLogger("tla_sim")
    before = log.level
    try:
        monkeypatch.setenv("TLA_LOG", "Debug")
        switch_logs_on()
        assert logging.getLogger("tla_sim.transport").isEnabledFor(logging.DEBUG)
    finally:
        log.setLevel(before)


def test_a_level_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLA_LOG", "loud")
    with pytest.raises(UsageProblem, match="TLA_LOG=loud is not a logging level") as refused:
        switch_logs_on()
    assert refused.value.category is Category.BAD_INPUT
