"""tla trace convert: what it says, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.capture.test_conversion import IDENTIFY, MS, capture, written
from tests.tools.cli.command_line import tla
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import TraceRecord


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "a.trace"
    path.write_bytes(written(TraceRecord(MS, Lad.LOG_SV, IDENTIFY, b"\x90\x00")))
    return path


def test_a_trace_is_converted_there_and_back(records: Path) -> None:
    there, back = records.with_suffix(".pcapng"), records.with_name("b.trace")
    result = tla("trace", "convert", records, there)
    assert result.exit_code == 0
    assert "1 exchange," in result.stdout
    assert not result.stderr
    result = tla("trace", "convert", there, back)
    assert result.exit_code == 0
    assert back.read_bytes() == records.read_bytes()


def test_one_line_tells_what_is_left_out(tmp_path: Path) -> None:
    result = tla("trace", "convert", capture(tmp_path / "a.pcapng"), tmp_path / "a.trace")
    assert result.exit_code == 0
    assert len(result.stderr.splitlines()) == 1
    assert "names of links" in result.stderr
    assert "memory zones" in result.stderr


def test_a_capture_that_was_cut_off_ends_with_2(tmp_path: Path) -> None:
    source = capture(tmp_path / "a.pcapng")
    source.write_bytes(source.read_bytes()[:-5])
    result = tla("trace", "convert", source, tmp_path / "a.trace", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["cut_off"] is True
    assert json.loads(result.stdout)["exchanges"] == 2
    assert "middle of a packet" in result.stderr


def test_a_folder_that_is_absent_is_told_with_the_name_that_was_given(records: Path, tmp_path: Path) -> None:
    target = tmp_path / "absent" / "a.pcapng"
    result = tla("trace", "convert", records, target)
    assert result.exit_code == 2
    assert str(target) in result.stderr
    assert "tla-part" not in result.stderr


def test_the_same_kind_is_wrong_usage(records: Path) -> None:
    result = tla("trace", "convert", records, records.with_name("b.trace"))
    assert result.exit_code == 2
    assert ".pcapng" in result.stderr
