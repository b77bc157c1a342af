"""tla trace diff: what it says of two flows, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.capture.flow_kit import play
from tests.tools.capture.test_flow_diff import flow
from tests.tools.cli.command_line import tla
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.trace import MAGIC, TraceRecord
from tla_sim.tools.capture.pcapng import interface, packet, packet_options, section_header


def records(path: Path, *without: Ins) -> Path:
    """The flow as records, without some commands."""
    path.write_bytes(
        MAGIC
        + b"".join(
            TraceRecord(each.started_ns // 1_000_000, each.lad, each.command, each.response).build()
            for each in flow()
            if each.command[1] not in without
        )
    )
    return path


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return records(tmp_path / "reference.trace")


def test_the_same_flow_ends_with_0_whatever_the_kind_of_file(reference: Path, tmp_path: Path) -> None:
    yours = tmp_path / "yours.pcapng"
    yours.write_bytes(play(seed=5, link="serial", batch_bytes=900))
    result = tla("trace", "diff", yours, reference)
    assert result.exit_code == 0
    assert "The same flow" in result.stdout
    told = json.loads(tla("trace", "diff", yours, reference, "--json").stdout)
    assert told["same"] is True
    assert told["differences"] == []


def test_the_first_difference_is_told_with_a_few_exchanges_before_it(reference: Path, tmp_path: Path) -> None:
    yours = records(tmp_path / "yours.trace", Ins.ACKNOWLEDGE_FSE, Ins.CERTIFY)
    result = tla("trace", "diff", yours, reference)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "The reference asks acknowledge_fse, which yours does not."
    assert lines[1].startswith("Yours: exchange ")
    assert "reference: exchange" in lines[1]
    assert "unload_fse 9000" in result.stdout
    assert result.stdout.count("≠") == 1
    assert "certify" not in result.stdout


def test_all_differences_and_json(reference: Path, tmp_path: Path) -> None:
    yours = records(tmp_path / "yours.trace", Ins.ACKNOWLEDGE_FSE, Ins.CERTIFY)
    result = tla("trace", "diff", yours, reference, "--all")
    assert result.exit_code == 1
    assert "acknowledge_fse, which" in result.stdout
    assert "certify (invoice_number 1" in result.stdout
    assert "So it goes on" not in result.stdout
    result = tla("trace", "diff", yours, reference, "--all", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["same"] is False
    assert [each["kind"] for each in told["differences"]] == ["missing", "missing"]
    assert told["differences"][0]["reference"]["command"] == "acknowledge_fse"
    assert told["differences"][0]["reference"]["exchange"] > 1


def test_a_field_has_its_path_and_both_values_in_json(reference: Path, tmp_path: Path) -> None:
    raw = reference.read_bytes()
    assert b"PIQURE2969\x1fMAYA" in raw
    yours = tmp_path / "yours.trace"
    yours.write_bytes(raw.replace(b"PIQURE2969\x1fMAYA", b"PIQURE2969\x1fMAJA"))
    (found,) = json.loads(tla("trace", "diff", yours, reference, "--json").stdout)["differences"]
    assert found["kind"] == "request"
    assert found["path"][-1] == "first_name"
    assert found["values"] == {"yours": {"value": "MAJA"}, "reference": {"value": "MAYA"}}


def test_names_of_fields_are_the_same_in_french(reference: Path, tmp_path: Path) -> None:
    yours = tmp_path / "yours.trace"
    yours.write_bytes(reference.read_bytes().replace(b"190305028", b"190305029"))
    result = tla("--lang", "fr", "trace", "diff", yours, reference)
    assert "contents › 1 › 1110 › invoice_number (" in result.stdout
    yours.write_bytes(reference.read_bytes().replace(b"PIQURE2969\x1fMAYA", b"PIQURE2969\x1fMAJA"))
    result = tla("--lang", "fr", "trace", "diff", yours, reference)
    assert "facture 190305028 › 1120 › first_name (" in result.stdout


@pytest.mark.parametrize("content", [b"", b"a letter"])
def test_another_file_is_wrong_input(reference: Path, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    result = tla("trace", "diff", reference, other)
    assert result.exit_code == 2
    assert str(other) in result.stderr


def test_a_capture_is_the_same_flow_as_its_records(tmp_path: Path) -> None:
    source, target = tmp_path / "a.pcapng", tmp_path / "a.trace"
    source.write_bytes(play())
    assert tla("trace", "convert", source, target).exit_code == 0
    told = json.loads(tla("trace", "diff", target, source, "--json").stdout)
    assert told["same"]
    assert told["read"]["yours"] == told["read"]["reference"]


def foreign(path: Path) -> Path:
    """A capture of another program, in which no reader speaks."""
    frame = packet(0, 0, b"", b"ping", packet_options("", inbound=True))
    path.write_bytes(section_header("dumpcap") + interface("eth0", link_type=1) + frame)
    return path


@pytest.mark.parametrize("place", [0, 1])
def test_a_capture_without_a_reader_is_wrong_input_and_is_named(
    reference: Path, tmp_path: Path, place: int
) -> None:
    other = foreign(tmp_path / "eth.pcapng")
    files = [reference, reference]
    files[place] = other
    result = tla("trace", "diff", *files)
    assert result.exit_code == 2
    assert not result.stdout
    assert f"{other} holds no exchange with a reader" in " ".join(result.stderr.split())
    assert tla("trace", "diff", other, other).exit_code == 2


def test_other_verbs_say_that_a_capture_has_no_reader(tmp_path: Path) -> None:
    other = foreign(tmp_path / "eth.pcapng")
    result = tla("trace", "decode", other, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    decoded = tla("trace", "decode", other)
    converted = tla("trace", "convert", other, tmp_path / "a.trace")
    for each in (result, decoded, converted):
        assert each.exit_code == 0
        assert "holds no exchange with a reader." in " ".join(each.stderr.split())


def test_a_trace_that_was_cut_off_ends_with_2_if_all_before_is_the_same(
    reference: Path, tmp_path: Path
) -> None:
    yours = tmp_path / "yours.trace"
    yours.write_bytes(reference.read_bytes()[:-3])
    result = tla("trace", "diff", yours, reference)
    assert result.exit_code == 2
    assert "cut off" in result.stderr
