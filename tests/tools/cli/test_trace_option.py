"""--trace and TLA_TRACE: what a verb exchanged is in a file that Wireshark opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.tools.capture.level import UnknownLevel
from tla_sim.tools.capture.pcapng import read_packets
from tla_sim.tools.capture.reading import ReadExchange, ReadReset, read_file
from tla_sim.tools.simulator.simulated_reader import SimulatedReader


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


def interfaces(path: Path) -> set[str]:
    with path.open("rb") as stream:
        return {each.interface.name for each in read_packets(stream)}


def test_levels_below_the_apdus_are_interfaces_of_their_own(tmp_path: Path) -> None:
    path, served = tmp_path / "host.pcapng", tmp_path / "served.pcapng"
    with SimulatedReader.served("tcp:0", trace=served, levels=("t1",)) as reader:
        (url,) = reader.urls
        assert tla("identify", "--reader", url, "--trace", path, "--level", "t1").exit_code == 0
    assert interfaces(path) == {f"{url} Log_SV", f"{url} T=1"}
    link = next(iter(interfaces(served))).rpartition(" ")[0]
    assert link.startswith("tcp:0 from 127.0.0.1:")
    assert interfaces(served) == {f"{link} Log_SV", f"{link} T=1"}


def test_a_reader_in_memory_shows_the_levels_of_its_cables(tmp_path: Path) -> None:
    path = tmp_path / "memory.pcapng"
    with SimulatedReader.in_memory(trace=path, levels=("t1", "vpcd")) as reader:
        reader.client("serial").identify()
        reader.client("vpcd").identify()
    assert interfaces(path) == {"serial Log_SV", "serial T=1", "vpcd Log_SV", "vpcd vpcd Log_SV"}
    with pytest.raises(UnknownLevel):
        SimulatedReader.in_memory(trace=path, levels=("usb",))


def test_levels_go_into_pcapng_alone(tmp_path: Path) -> None:
    reader = f"state:{tmp_path / 'reader'}"
    for options in ((), ("--trace", tmp_path / "records")):
        result = tla("identify", "--reader", reader, "--level", "t1", *options)
        assert result.exit_code == 2
        assert "--level goes with --trace FILE.pcapng" in result.stderr
    result = tla("identify", "--reader", reader, "--level", "t1", "--trace", tmp_path / "a.pcapng")
    assert result.exit_code == 0
    assert "carries nothing of level t1" in result.stderr


@pytest.mark.parametrize("verb", [("identify", "--reader"), ("sim", "--link")])
def test_a_reader_that_cannot_be_opened_leaves_an_older_trace_as_it_is(
    tmp_path: Path, verb: tuple[str, str]
) -> None:
    path = tmp_path / "a.pcapng"
    assert tla("identify", "--reader", f"state:{tmp_path / 'reader'}", "--trace", path).exit_code == 0
    before = path.read_bytes()
    name, option = verb
    state = ("--state", tmp_path / "other") if name == "sim" else ()
    result = tla(name, option, f"serial:{tmp_path / 'none'}", *state, "--trace", path)
    assert result.exit_code == 3, result.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["flash.check", "slots.json", "cards.json"])
@pytest.mark.parametrize("verb", [("identify", "--reader"), ("visit", "--state")])
def test_a_part_of_a_reader_is_no_trace(tmp_path: Path, verb: tuple[str, str], name: str) -> None:
    home = tmp_path / "reader"
    assert tla("identify", "--reader", f"state:{home}").exit_code == 0
    (tmp_path / "a.trace").symlink_to(home / name)
    before = {file.name: file.read_bytes() for file in home.iterdir()}
    script = tmp_path / "script"
    script.write_text("wait 1\n")
    more = ("--script", script) if verb[0] == "visit" else ()
    place = f"state:{home}" if verb[1] == "--reader" else home
    for path in (home / name, tmp_path / "a.trace"):
        result = tla(verb[0], verb[1], place, *more, "--trace", path)
        assert result.exit_code == 2, result.stderr
        assert "is a part of a reader" in result.stderr
    assert {file.name for file in home.iterdir()} == before.keys()
    assert tla("identify", "--reader", f"state:{home}").exit_code == 0
