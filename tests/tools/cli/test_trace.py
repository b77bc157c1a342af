"""tla trace decode: a recorded session reads as commands, fields and what is inside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.capture.flow_kit import play
from tests.tools.cli.command_line import tla
from tla_sim.protocol.commands.declaration import Empty
from tla_sim.protocol.commands.identity import IDENTIFY, Identity
from tla_sim.protocol.commands.loading import LIST_INVOICES, ListRequest
from tla_sim.protocol.groups.reader import ConfigurationHeader
from tla_sim.protocol.groups.zone import encode_zone
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import MAGIC, TraceRecord
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer

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
    assert lines[0] == "1  2019-03-05 09:00:00.123  LOG_SV  identify: 9000 Done"
    assert lines[1].strip() == IDENTIFY.summary
    assert "      serial_number: TLA00000001" in lines
    assert (
        "      capabilities: PARTIAL_CERTIFICATION, MULTI_OWNER, DESK_CERTIFICATION  (mask of Capability)"
        in lines
    )
    assert "P1: 04 an application, by name" in result.stdout
    assert "6A82 File not found on the card" in result.stdout
    assert "no answer" in result.stdout


def test_json_is_one_array(file: Path) -> None:
    result = tla("trace", "decode", file, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert [each["to"] for each in found] == ["LOG_SV", "VITALE", "LOG_SV"]
    assert found[0]["response"]["serial_number"] == "TLA00000001"
    assert found[2]["status"] is None
    assert [each["number"] for each in found] == [1, 2, 3]
    fields = {each["name"]: each for each in found[0]["fields"]["response"]}
    assert fields["serial_number"]["value"] == "TLA00000001"
    assert fields["SW"]["shown"] == "Done"


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
    assert "neither a pcapng file nor a trace" in result.stderr


def test_brief_has_one_line_each(file: Path) -> None:
    result = tla("trace", "decode", file, "--brief")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["select", "SELECT"])
def test_only_the_commands_of_a_name(file: Path, name: str) -> None:
    result = tla("trace", "decode", file, "--brief", "--only", name)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith("2  ")
    assert len(result.stdout.splitlines()) == 1
    assert not result.stderr


def test_a_name_that_does_not_occur_is_said(file: Path) -> None:
    result = tla("trace", "decode", file, "--only", "certify")
    assert result.exit_code == 1
    assert not result.stdout
    assert "certify" in result.stderr
    result = tla("trace", "decode", file, "--only", "certify", "--json")
    assert (result.exit_code, result.stdout) == (1, "[]\n")


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "round.pcapng"
    with path.open("wb") as out:
        out.write(play())
        tracer = PcapngTracer(out.write)
        zone = encode_zone([ConfigurationHeader(ssv_version="4.03")])
        tracer.zone("practice (1)", zone, True, "SSV_LireConfig: 0000 Done, config", 0)
        tracer.zone("practice (1)", bytes.fromhex("003C03014A00FF"), False, "SSV_X: cut", 0)
    return path


def test_what_is_inside_is_opened(capture: Path) -> None:
    result = tla("trace", "decode", capture, "--only", "certify")
    assert result.exit_code == 0
    assert "identification de la facture" in result.stdout
    assert "role: TITULAIRE" in result.stdout
    assert "signature: " in result.stdout
    assert "… (512 characters)" in result.stdout
    assert "?:" not in result.stdout


def test_answers_to_reset_and_zones_are_told_in_a_capture(capture: Path) -> None:
    result = tla("trace", "decode", capture)
    assert result.exit_code == 0
    assert "in process  LOG_SV  ATR: 3B" in result.stdout
    assert "the reader's own software, Log_SV" in result.stdout
    assert "slot  VITALE  ATR: " in result.stdout
    assert "<- SSV_LireConfig: 0000 Done, config" in result.stdout
    assert "60  en-tête de configuration" in result.stdout
    assert "ssv_version: 4.03  (version SSV)" in result.stdout
    assert "?: ff  (The memory zone ends inside" in result.stdout
    assert "code: ••••  (code, blanked)" in result.stdout


def test_all_of_it_is_json_too(capture: Path) -> None:
    found = json.loads(tla("trace", "decode", capture, "--json").stdout)
    assert {each["kind"] for each in found} == {"exchange", "reset", "zone"}
    zone = found[-2]
    assert zone["groups"][0]["fields"] == [
        {"name": "ssv_version", "text": "version SSV", "value": "4.03", "shown": ""}
    ]
    assert found[-1]["hex"] == "ff"
    exchange = next(each for each in found if each.get("command") == "certify")
    assert exchange["link"] == "in process"
    (content,) = [each for each in exchange["fields"]["response"] if each["name"] == "content"]
    assert [each["name"] for each in content["fields"][-2:]] == ["block", "block"]
