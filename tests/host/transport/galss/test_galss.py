"""galss.ini and io_comm.ini: the public sample, every kind of mistake with its line, and moved ports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.host.transport import BadUrl, open_transport
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.ini import MAX_INI_BYTES, Problem
from tla_sim.host.transport.galss.named import GalssUnreadable, UnknownResource, resolve
from tla_sim.host.transport.galss.ports import check_ports
from tla_sim.host.transport.galss.resources import MAX_NAME
from tla_sim.host.transport.galss.sample import sample
from tla_sim.protocol.errors import PortUnavailable

SAMPLE = """[PROTOCOLE0]
Config=1000,20,15000
NomLib=pss
[CONFIG]
NbCanaux=1
[CANAL1]
TCanal=1
Index=1
Protocole=0
Caracteristiques=9600,1,8,0,0
NbPAD=1
[CANAL1.PAD1]
PAD=2
NbLAD=2
[CANAL1.PAD1.LAD1]
LAD=1
NomLAD=CPS
NbAlias=0
[CANAL1.PAD1.LAD2]
LAD=0
NomLAD=Log_SV
NbAlias=0
"""
PORTS = b"[MAP_DEVICE]\nCOM1=/dev/ttyS0\n"


def problems(text: str | bytes) -> list[Problem]:
    """What keeps a galss.ini from being used."""
    raw = text if isinstance(text, bytes) else text.encode()
    return [each for each in configuration(raw, PORTS).problems if not each.remark]


def test_the_public_sample_is_one_reader_on_one_port() -> None:
    found = configuration(SAMPLE.encode(), PORTS)
    assert found.problems == []
    (channel,) = found.channels
    assert channel.url == "serial:/dev/ttyS0?baud=9600"
    (reader,) = channel.readers
    assert reader.pad == 2
    assert [(each.lad, each.names) for each in reader.resources] == [(1, ("CPS",)), (0, ("Log_SV",))]
    assert found.find("cps") is channel
    assert found.find("vitale") is None


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("NomLAD=CPS", "NomLAD=CPSDUCABINET", 17, "more than 8 characters"),
        ("NomLAD=CPS", "NomLAD=", 17, "empty"),
        ("NomLAD=CPS", "NomLAD=log_sv", 21, "is already on line 17"),
        ("PAD=2\n", "PAD=256\n", 13, "from 0 to 255"),
        ("PAD=2\n", "PAD=-1\n", 13, "from 0 to 255"),
        ("PAD=2\n", "PAD=two\n", 13, "from 0 to 255"),
        ("PAD=2\n", "PAD=2\nPAD=3\n", 14, "is already on line 13"),
        ("PAD=2\n", "", 12, "has no PAD"),
        ("Index=1", "Index=0", 8, "from 1 to 255"),
        ("Protocole=0", "Protocole=3", 9, "[PROTOCOLE3]"),
        ("9600,1,8,0,0", "fast", 10, "not begin with a speed"),
        ("NbCanaux=1", "NbCanaux=2", 5, "[CANAL2]"),
        ("NbLAD=2", "NbLAD=3", 14, "[CANAL1.PAD1.LAD3]"),
        ("[CANAL1.PAD1]", "[CANAL1]\n[CANAL1.PAD1]", 12, "is already on line 6"),
        ("[CONFIG]", "[CONFIG", 4, "is not a section"),
        ("[CONFIG]", "[CONF]", 1, "no section [CONFIG]"),
        ("NbCanaux=1", "NbCanaux", 5, "not key=value"),
        ("[PROTOCOLE0]", "x=1\n[PROTOCOLE0]", 1, "before any section"),
    ],
)
def test_a_mistake_is_a_sentence_with_its_line(before: str, after: str, line: int, said: str) -> None:
    found = problems(SAMPLE.replace(before, after, 1))
    assert (line, True) in [(each.line, said in each.text) for each in found], found
    assert all(each.action for each in found)


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (SAMPLE.replace("NomLib=pss", "NomLib=unité").encode("latin-1"), 3, "Windows-1252"),
        (SAMPLE.replace("NomLib=pss", "NomLib=unité").encode("cp850"), 3, "Windows-1252"),
        (SAMPLE.encode("utf-16"), 1, "UTF-16"),
        (SAMPLE.encode("utf-16-be"), 1, "UTF-16"),
        (b"\xef\xbb\xbf" + SAMPLE.encode(), 1, "byte order mark"),
        (SAMPLE.replace("\n", "\r\n").encode(), 1, "CR LF"),
    ],
)
def test_files_as_editors_leave_them_are_read_with_a_remark(raw: bytes, line: int, said: str) -> None:
    found = configuration(raw, PORTS)
    assert found.usable
    assert [each.url for each in found.channels] == ["serial:/dev/ttyS0?baud=9600"]
    assert [(each.line, said in each.text) for each in found.problems] == [(line, True)]


@pytest.mark.parametrize(
    ("raw", "code", "said"),
    [
        (SAMPLE.encode("utf-16")[:-1], GalssCode.FILE, "UTF-16 that breaks off"),
        (bytes(2_000), GalssCode.FILE, "byte 00 at offset 0"),
        (b"\xff\xd8\xff\xe0" + bytes(20), GalssCode.FILE, "a JPEG image"),
        (b"", GalssCode.CONFIG, "no section"),
    ],
)
def test_what_is_no_text_is_refused(raw: bytes, code: GalssCode, said: str) -> None:
    (problem,) = problems(raw)
    assert problem.action
    assert problem.code is code
    assert said in problem.text


def test_a_huge_file_is_refused() -> None:
    (problem,) = problems(bytes(MAX_INI_BYTES + 1))
    assert str(MAX_INI_BYTES) in problem.text


@given(st.binary(max_size=300) | st.text(alphabet="[]=CONFIGcanal1.PAD\n\r", max_size=300).map(str.encode))
def test_no_file_is_too_odd(raw: bytes) -> None:
    found = configuration(raw, raw)
    lines = len(re.split(rb"\r\n|\r|\n", raw))
    assert all(1 <= each.line <= lines and each.text and each.action for each in found.problems)
    assert found.channels or not found.usable, "whatever gives no channel is told what is wrong"


@given(st.integers(0, len(SAMPLE) - 1), st.sampled_from("[]=;#\n 09x\x00é"))
def test_one_wrong_character_never_stops_the_reading(at: int, character: str) -> None:
    found = configuration((SAMPLE[:at] + character + SAMPLE[at + 1 :]).encode(), PORTS)
    for problem in found.problems:
        assert 1 <= problem.line <= SAMPLE.count("\n") + 2


def test_a_moved_port_is_told_with_the_line_and_what_to_write() -> None:
    found = configuration(SAMPLE.encode(), b"; ports\n[MAP_DEVICE]\nCOM1=/dev/ttyUSB0\n")
    (problem,) = check_ports(found, lambda _: False, ["/dev/ttyUSB1"])
    assert problem.line == 3
    assert "/dev/ttyUSB0" in problem.text
    assert problem.action == "Write COM1=/dev/ttyUSB1"
    assert check_ports(found, lambda _: True, []) == []


def test_a_reader_that_moved_is_looked_for_on_a_port_of_the_same_kind() -> None:
    found = configuration(SAMPLE.encode(), b"[MAP_DEVICE]\nCOM1=/dev/ttyUSB0\n")
    (problem,) = check_ports(found, lambda _: False, ["/dev/ttyS0", "/dev/ttyUSB1"])
    assert problem.action == "Write COM1=/dev/ttyUSB1"
    (problem,) = check_ports(found, lambda _: False, ["/dev/ttyS0"])
    assert problem.action.startswith("Plug the reader in")
    assert problem.action.endswith("if it has moved, write COM1=/dev/ttyS0")


def test_a_port_that_nothing_maps_is_told_where_to_map_it() -> None:
    found = configuration(SAMPLE.encode())
    (problem,) = check_ports(found, lambda _: False, ["/dev/ttyUSB1"])
    assert problem.action == "Write COM1=/dev/ttyUSB1 into [MAP_DEVICE]"
    (problem,) = check_ports(found, lambda _: False, [])
    assert "Plug the reader in" in problem.action


@given(st.from_regex(r"/dev/[a-zA-Z0-9_/]{1,30}", fullmatch=True), st.sampled_from([9600, 19200, 115200]))
def test_what_is_written_reads_back(device: str, baud: int) -> None:
    galss, ports = sample(device, baud)
    found = configuration(galss.encode(), ports.encode())
    assert (found.problems, found.port_problems) == ([], [])
    assert found.channels[0].url == f"serial:{device}?baud={baud}"
    assert all(len(name) <= MAX_NAME for name in found.names)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The sample on disk."""
    (tmp_path / "io_comm.ini").write_bytes(PORTS)
    path = tmp_path / "galss.ini"
    path.write_text(SAMPLE)
    return path


def test_a_reader_is_named_by_its_resource(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve(f"galss:CPS?file={files}") == "serial:/dev/ttyS0?baud=9600"
    monkeypatch.setenv("TLA_GALSS", str(files))
    assert resolve("galss:log_sv") == "serial:/dev/ttyS0?baud=9600"
    monkeypatch.delenv("TLA_GALSS")
    monkeypatch.chdir(files.parent)
    assert resolve("galss:CPS") == "serial:/dev/ttyS0?baud=9600"


def test_the_port_behind_the_name_is_opened(files: Path) -> None:
    (files.parent / "io_comm.ini").write_text("[MAP_DEVICE]\nCOM1=/dev/no-such-port\n")
    with pytest.raises(PortUnavailable, match="/dev/no-such-port"):
        open_transport(f"galss:CPS?file={files}")


def test_an_unknown_name_is_answered_with_the_known_ones(files: Path) -> None:
    with pytest.raises(UnknownResource, match="CARTE") as caught:
        resolve(f"galss:CARTE?file={files}")
    assert caught.value.ssv == 0xF101
    assert "Log_SV" in caught.value.action


def test_a_file_that_is_missing_or_wrong_has_the_ssv_code_a_technician_knows(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GalssUnreadable) as caught:
        resolve(f"galss:CPS?file={tmp_path / 'none.ini'}")
    assert caught.value.ssv == 0x8001
    files.write_text(SAMPLE.replace("PAD=2\n", "PAD=999\n"))
    with pytest.raises(GalssUnreadable, match="line 13"):
        resolve(f"galss:CPS?file={files}")
    monkeypatch.delenv("TLA_GALSS", raising=False)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(GalssUnreadable, match=r"no galss\.ini"):
        resolve("galss:CPS")


@pytest.mark.parametrize("url", ["galss:", "galss:CPS?port=1", "galss:?file=x"])
def test_a_url_without_a_name_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        resolve(url)
