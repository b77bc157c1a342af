"""tla trace decode: a recorded session reads as commands and fields."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tla_sim.protocol.commands.declaration import Empty
from tla_sim.protocol.commands.identity import IDENTIFY, Identity
from tla_sim.protocol.commands.loading import LIST_INVOICES, ListRequest
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import MAGIC, TraceRecord

IDENTITY = Identity("TLA-SIM", "TLA", "TLA00000001", "SIM", 1, 40, 1, 40, 7, 32, 2_000)
RECORDS = (
    TraceRecord(
        1_551_776_400_123,
        Lad.LOG_SV,
        bytes.fromhex("8010000000") + IDENTIFY.request.build(Empty()),
        IDENTIFY.response.build(IDENTITY) + b"\x90\x00",
    ),
    TraceRecord(1_551_776_400_200, Lad.VITALE, bytes.fromhex("00A4040007D2760000850101"), b"\x6a\x82"),
    TraceRecord(
        1_551_776_400_300,
        Lad.LOG_SV,
        bytes.fromhex("8040000004") + LIST_INVOICES.request.build(ListRequest("1", 0)) + b"\x00",
        b"",
    ),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "session.trace"
    path.write_bytes(MAGIC + b"".join(record.build() for record in RECORDS))
    return path


def test_each_exchange_is_named_with_its_fields(file: Path) -> None:
    result = tla("trace", "decode", file)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "2019-03-05 09:00:00.123  LOG_SV  identify: 9000 Done"
    assert "serial_number TLA00000001" in lines[1]
    assert "6A82 File not found on the card" in result.stdout
    assert "no answer" in result.stdout


def test_json_is_one_array(file: Path) -> None:
    result = tla("trace", "decode", file, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert [each["to"] for each in found] == ["LOG_SV", "VITALE", "LOG_SV"]
    assert found[0]["response"]["serial_number"] == "TLA00000001"
    assert found[2]["status"] is None


def test_a_trace_that_was_cut_off_gives_what_is_whole_and_fails(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])
    result = tla("trace", "decode", file, "--json")
    assert result.exit_code == 2
    assert len(json.loads(result.stdout)) == 2
    assert "cut off" in result.stderr


def test_an_empty_trace_is_an_empty_array(file: Path) -> None:
    file.write_bytes(MAGIC)
    result = tla("trace", "decode", file, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 1000])
def test_another_file_is_wrong_input(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    result = tla("trace", "decode", file)
    assert result.exit_code == 2
    assert "not a trace" in result.stderr
