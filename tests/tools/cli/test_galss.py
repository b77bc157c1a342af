"""tla galss check and write."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.host.transport.galss.test_galss import SAMPLE
from tests.tools.cli.command_line import tla
from tla_sim.tools.cli import galss

CASES = Path(__file__).parents[2] / "cases"


def test_what_is_written_is_checked_as_right(tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.touch()
    assert tla("galss", "write", "--reader", f"serial:{port}?baud=19200", "--out", tmp_path).exit_code == 0
    result = tla("galss", "check", tmp_path / "galss.ini")
    assert result.exit_code == 0, result.output
    assert f"serial:{port}?baud=19200" in result.stdout
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("galss.ini", "io_comm.ini")]
    assert modes == [0o644, 0o644], "every program of the workstation reads them"
    assert "No mistakes" in result.stdout


def test_a_file_that_is_there_is_never_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "io_comm.ini"
    file.write_text("mine")
    result = tla("galss", "write", "--reader", "serial:/dev/ttyS0", "--out", tmp_path)
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert file.read_text() == "mine"
    assert not (tmp_path / "galss.ini").exists()
    assert tla("galss", "write", "--reader", "serial:/dev/ttyS0", "--out", tmp_path, "--force").exit_code == 0


@pytest.mark.parametrize(
    "url", ["socket://host:1", "serial:", "serial:/dev/x?baud=fast", "serial:/a%0Ab", "serial:/a?baud=9"]
)
def test_only_a_serial_port_can_be_written(tmp_path: Path, url: str) -> None:
    result = tla("galss", "write", "--reader", url, "--out", tmp_path)
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = tla("galss", "write", "--reader", "serial:/dev/ttyS0", "--out", tmp_path / "none")
    assert result.exit_code == 2
    assert f"There is no directory {tmp_path / 'none'}" in result.stderr


def test_a_link_to_nowhere_is_not_replaced_either(tmp_path: Path) -> None:
    (tmp_path / "galss.ini").symlink_to(tmp_path / "none")
    assert tla("galss", "write", "--reader", "serial:/dev/ttyS0", "--out", tmp_path).exit_code == 2
    assert (tmp_path / "galss.ini").is_symlink()


@pytest.mark.parametrize("command", [("galss", "check"), ("image", "show"), ("check", "--park")])
def test_a_pipe_keeps_nobody_waiting(tmp_path: Path, command: tuple[str, ...]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = tla(*command, pipe)
    assert result.exit_code == 2
    assert "it is a pipe that nobody writes into" in result.stderr


def test_a_moved_port_is_told_with_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(galss, "serial_ports", lambda: ["/dev/ttyUSB7"])
    (tmp_path / "galss.ini").write_text(SAMPLE)
    (tmp_path / "io_comm.ini").write_text("[MAP_DEVICE]\nCOM1=/dev/ttyUSB99\n")
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
    assert [each["ssv"] for each in json.loads(result.stdout)["problems"]][:2] == ["800F", "8011"]


def test_the_code_stands_behind_the_mistake_and_a_remark_has_none(tmp_path: Path) -> None:
    file = tmp_path / "galss.ini"
    file.write_bytes(SAMPLE.replace("NomLib=pss\n", "").replace("\n", "\r\n").encode())
    result = tla("galss", "check", file)
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    (mistake,) = [line for line in lines if "NomLib" in line]
    assert f"{file} line 1: [PROTOCOLE0] names no library (NomLib). Write NomLib=" in mistake
    assert mistake.endswith(". (SSV 8006)")
    (remark,) = [line for line in lines if "CR LF" in line]
    assert "remark" in remark
    assert "SSV" not in remark
    french = tla("--lang", "fr", "galss", "check", file)
    assert "ligne 1 : [PROTOCOLE0] ne nomme aucune bibliothèque (NomLib)" in french.stdout
    assert "(SSV 8006)" in french.stdout


def test_the_reader_named_by_a_wrong_file_ends_with_the_mistakes_code(tmp_path: Path) -> None:
    file = tmp_path / "galss.ini"
    file.write_text(SAMPLE.replace("LAD=1\n", "LAD=999\n"))
    result = tla("identify", "--reader", f"galss:CPS?file={file}", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stderr)["ssv"] == "8010"


def test_the_fields_files_are_listed(tmp_path: Path) -> None:
    ports = tmp_path / "io_comm.ini"
    port = tmp_path / "port"
    port.touch()
    ports.write_text(f"[MAP_DEVICE]\nCOM8={port}\n")
    result = tla("galss", "check", CASES / "galss-nomalias.ini", "--io-comm", ports)
    assert result.exit_code == 0, result.output
    assert "CPS, TRANSPA1" in result.stdout
    assert "No mistakes, and every port is present." in result.stdout


def test_pcsc_channels_are_listed_with_their_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(galss, "pcsc_slots", lambda: None)
    result = tla("galss", "check", CASES / "galss-pcsc.ini", "--json")
    assert result.exit_code == 0
    first, second = json.loads(result.stdout)["channels"]
    assert first["url"] == "pcsc:F600%20F600%20Smart%20Card%20Reader%2002"
    assert (first["kind"], first["port"], first["device"]) == (3, "PC/SC", "F600 F600 Smart Card Reader 02")
    assert second["readers"][0]["resources"] == [{"lad": 1, "names": ["Vitale", "TRANSPA2"]}]
    text = tla("galss", "check", CASES / "galss-pcsc.ini").stdout
    assert "whether the PC/SC slots exist is not known" in text


def test_what_is_written_has_what_the_field_needs(tmp_path: Path) -> None:
    assert tla("galss", "write", "--reader", "serial:/dev/ttyS0", "--out", tmp_path).exit_code == 0
    lines = (tmp_path / "galss.ini").read_text().splitlines()
    assert {"NomLib=libpssinlux.so", "NomAlias1=TRANSPA1", "NomAlias1=TRANSPA2"} <= set(lines)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    result = tla("galss", "check", tmp_path / "none.ini")
    assert result.exit_code == 2
    assert "(SSV 8001)" in result.stderr
