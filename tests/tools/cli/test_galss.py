"""tla galss check and write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.host.galss.test_galss import SAMPLE
from tests.tools.cli.command_line import tla
from tools.cli import galss


def test_what_is_written_is_checked_as_right(tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.touch()
    assert tla("galss", "write", "--reader", f"serial:{port}?baud=19200", "--out", tmp_path).exit_code == 0
    result = tla("galss", "check", tmp_path / "galss.ini")
    assert result.exit_code == 0, result.output
    assert f"serial:{port}?baud=19200" in result.stdout
    assert "Nothing is wrong" in result.stdout


def test_a_file_that_is_there_is_never_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "io_comm.ini"
    file.write_text("mine")
    result = tla("galss", "write", "--reader", "serial:/dev/ttyS0", "--out", tmp_path)
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert file.read_text() == "mine"
    assert not (tmp_path / "galss.ini").exists()
    assert tla("galss", "write", "--reader", "serial:/dev/ttyS0", "--out", tmp_path, "--force").exit_code == 0


@pytest.mark.parametrize("url", ["socket://host:1", "serial:", "serial:/dev/x?baud=fast", "serial:/a%0Ab"])
def test_only_a_serial_port_can_be_written(tmp_path: Path, url: str) -> None:
    result = tla("galss", "write", "--reader", url, "--out", tmp_path)
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_moved_port_is_told_with_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(galss, "serial_ports", lambda: ["/dev/ttyUSB7"])
    (tmp_path / "galss.ini").write_text(SAMPLE)
    (tmp_path / "io_comm.ini").write_text(f"[MAP_DEVICE]\nCOM1={tmp_path}/gone\n")
    result = tla("galss", "check", tmp_path / "galss.ini")
    assert result.exit_code == 1
    assert f"{tmp_path / 'io_comm.ini'} line 2" in result.stdout
    assert "Write COM1=/dev/ttyUSB7." in result.stdout


def test_mistakes_end_with_2_and_all_of_them_are_told(tmp_path: Path) -> None:
    file = tmp_path / "galss.ini"
    file.write_text(SAMPLE.replace("PAD=2\n", "PAD=300\n").replace("NomLAD=CPS", "NomLAD=MUCHTOOLONG"))
    result = tla("galss", "check", file, "--json")
    assert result.exit_code == 2
    told = [each["line"] for each in json.loads(result.stdout)["problems"] if not each["remark"]]
    assert told[:2] == [13, 17]


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    result = tla("galss", "check", tmp_path / "none.ini")
    assert result.exit_code == 2
    assert "(SSV 8001)" in result.stderr
