"""--trace and TLA_TRACE: what a verb exchanged is in a file that Wireshark opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.tools.capture.reading import ReadExchange, ReadReset, read_file


def asked(path: Path) -> list[int]:
    with path.open("rb") as stream:
        return [each.command[1] for each in read_file(stream) if isinstance(each, ReadExchange)]


def test_a_pcapng_file_begins_with_the_answer_to_reset(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    result = tla("identify", "--reader", f"state:{tmp_path / 'reader'}", "--trace", path)
    assert result.exit_code == 0
    with path.open("rb") as stream:
        first = next(iter(read_file(stream)))
    assert isinstance(first, ReadReset)
    assert asked(path)[0] == Ins.IDENTIFY


def test_tla_trace_collects_the_runs_in_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "round.pcapng"
    monkeypatch.setenv("TLA_TRACE", str(path))
    for verb in ("identify", "clock"):
        assert tla(verb, "--reader", f"state:{tmp_path / 'reader'}").exit_code == 0
    found = asked(path)
    assert found[0] == Ins.IDENTIFY
    assert Ins.READ_CLOCK in found
    # Given by hand, the file is begun anew.
    assert tla("clock", "--reader", f"state:{tmp_path / 'reader'}", "--trace", path).exit_code == 0
    assert Ins.READ_CLOCK in asked(path)
    assert len(asked(path)) < len(found)


def test_in_a_folder_each_run_has_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    monkeypatch.setenv("TLA_TRACE", str(folder))
    assert tla("identify", "--reader", f"state:{tmp_path / 'reader'}").exit_code == 0
    (file,) = folder.iterdir()
    assert file.name.startswith("tla-identify-")
    assert asked(file)[0] == Ins.IDENTIFY


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.pcapng"
    path.write_text("Dear colleagues")
    result = tla("identify", "--reader", f"state:{tmp_path / 'reader'}", "--trace", path)
    assert result.exit_code == 2
    assert "another kind" in result.stderr
    assert path.read_text() == "Dear colleagues"


def links(path: Path) -> set[str]:
    with path.open("rb") as stream:
        return {
            f"{each.link} {each.lad.name}" for each in read_file(stream) if isinstance(each, ReadExchange)
        }


def test_the_demo_is_traced_with_what_the_reader_asked_the_cards(tmp_path: Path) -> None:
    path = tmp_path / "round.pcapng"
    assert tla("demo", "--seed", "1", "--trace", path).exit_code == 0
    assert links(path) == {"in process LOG_SV", "slot PS", "slot VITALE"}


def test_a_visit_is_traced(tmp_path: Path) -> None:
    path, script = tmp_path / "visit.pcapng", tmp_path / "visit.txt"
    script.write_text("insert vitale MARTIN\n")
    assert tla("visit", "--in-memory", "--script", script, "--trace", path).exit_code == 0
    assert links(path) == {"slot VITALE"}
