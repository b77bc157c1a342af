"""What Wireshark asks of the extcap is answered in its words, and what fails is one sentence."""

from __future__ import annotations

import os
import re
import select
import sys
from pathlib import Path

import pytest

from tests.tools.capture.live.kit import ME
from tests.tools.capture.pcsc_service import PcscService
from tests.tools.capture.test_pcsc_messages import looking
from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.cards.atr import PS_ATR
from tla_sim.tools.capture.extcap import capturing, interfaces
from tla_sim.tools.capture.extcap.__main__ import main
from tla_sim.tools.capture.extcap.capturing import Wish, capture
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.live.announcement import Announcement
from tla_sim.tools.capture.live.finding import Running

SENTENCE = re.compile(r"(extcap|interface|dlt|arg|value) (\{[a-z]+=[^{}]*\})+")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One reader runs, and no PC/SC service; the language is English."""
    monkeypatch.setenv("TLA_LANG", "en")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "none"))
    monkeypatch.setattr(interfaces, "list_running", lambda: [Running(tmp_path / "4711-1.sock", ME)])


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The lines that the extcap answers."""
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(SENTENCE.fullmatch(line) for line in lines), lines
    return lines


def test_running_readers_are_interfaces(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "--extcap-interfaces", "--extcap-version=4.0")
    assert lines[0].startswith("extcap {version=")
    assert "interface {value=tla:4711-1}{display=tla sim: reader, serial:/tmp/tla}" in lines


def test_serial_ports_are_interfaces(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(interfaces, "_DEV", tmp_path)
    for name in ("ttyUSB0", "ttyS1", "tty1", "null"):
        (tmp_path / name).touch()
    found = [line for line in said(capsys, "--extcap-interfaces") if "serial port" in line]
    assert [line.rpartition("/")[2] for line in found] == ["ttyS1}", "ttyUSB0}"]


def test_slots_are_interfaces_without_the_python_package_of_pcsc(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    with PcscService(looking({"TLA virtual 00 00": PS_ATR, "other {1}": b""})[1]) as service:
        monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(service.path))
        lines = said(capsys, "--extcap-interfaces")
    assert [line for line in lines if "tla-pcsc:" in line] == [
        "interface {value=tla-pcsc:TLA%20virtual%2000%2000}{display=Tap on the PC/SC slot TLA virtual 00 00}",
        "interface {value=tla-pcsc:other%20%7B1%7D}{display=Tap on the PC/SC slot other  1 }",
    ]


def test_what_ends_a_value_is_taken_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Running(Path("/run/1-1.sock"), Announcement("{odd}\nname", "tla web", 1))
    monkeypatch.setattr(interfaces, "list_running", lambda: [odd])
    assert "interface {value=tla:1-1}{display=tla web:  odd  name}" in said(capsys, "--extcap-interfaces")


@pytest.mark.parametrize("value", ["tla:4711-1", "tla-serial:/dev/ttyS0", "tla-pcsc:TLA%2000"])
def test_each_kind_has_its_link_type_and_settings(capsys: pytest.CaptureFixture[str], value: str) -> None:
    (dlt,) = said(capsys, "--extcap-interface", value, "--extcap-dlts")
    assert dlt.startswith("dlt {number=252}")
    settings = said(capsys, "--extcap-interface", value, "--extcap-config")
    assert settings[0].startswith("arg {number=0}{call=--")


def test_each_level_can_be_ticked(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "--extcap-interface", "tla:4711-1", "--extcap-config")
    choices = [line for line in lines if line.startswith("value ")]
    assert [each.partition("}{display")[0] for each in choices] == [
        f"value {{arg=0}}{{value={level.value}" for level in (Level.T1, Level.CCID, Level.VPCD)
    ]
    assert all(each.endswith("{enabled=true}") for each in choices)


def test_several_ticked_levels_come_with_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wishes: list[Wish] = []
    monkeypatch.setattr(capturing, "capture", lambda wish, _: wishes.append(wish))
    arguments = ["--capture", "--extcap-interface", "tla:4711-1", "--fifo", str(tmp_path / "fifo")]
    assert main([*arguments, "--level", "t1,ccid"]) == 0
    assert wishes[0].levels == ["t1", "ccid"]


def test_the_label_of_a_slots_setting_says_how_the_program_is_started(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (line,) = said(capsys, "--extcap-interface", "tla-pcsc:TLA%2000", "--extcap-config")
    assert "{display=Start the program with PCSCLITE_CSOCK_NAME=}" in line
    assert re.search(rf"\{{default={re.escape(str(tmp_path))}/.+\}}", line)


def test_a_filter_is_taken_and_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "--extcap-interfaces", "--extcap-capture-filter=x", "--log-level", "5")


@pytest.mark.parametrize("value", ["tla:1-1", "eth0", ""])
def test_an_interface_that_is_gone_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, value: str
) -> None:
    arguments = ["--capture", "--extcap-interface", value, "--fifo", str(tmp_path / "fifo")]
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1


def test_without_a_pipe_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--capture", "--extcap-interface", "tla:1-1"]) == 1
    assert "No pipe" in capsys.readouterr().err


def test_it_speaks_french(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLA_LANG", "fr")
    try:
        assert any("tla sim : reader" in line for line in said(capsys, "--extcap-interfaces"))
    finally:
        monkeypatch.setenv("TLA_LANG", "en")
        main(["--extcap-interfaces"])


def test_it_can_be_stopped_while_nobody_reads_the_pipe(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    stop, stopper = os.pipe()
    os.write(stopper, b"\0")
    try:
        capture(Wish("tla-serial:/dev/null", fifo), stop)
    finally:
        os.close(stop)
        os.close(stopper)


def test_a_reader_that_is_gone_ends_the_capture(tmp_path: Path) -> None:
    """Wireshark waits for good on a pipe that nobody opened."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    stop, never = os.pipe()
    with pytest.raises(TlaError):
        capture(Wish("tla:999999-1", fifo), stop)
    waiting = select.poll()
    waiting.register(reading, select.POLLIN)
    assert [event for _, event in waiting.poll(0)] == [select.POLLHUP]
    for each in (reading, stop, never):
        os.close(each)
