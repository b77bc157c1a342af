"""tla check: the made-up park in one command, its report, its exit code; and what it never does."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.cli.surgery import READER, Surgery, open_surgery
from tests.tools.simulator.kept_kit import make_reader
from tla_sim.host.park.park_file import read_park
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.tools.capture.reading import ReadExchange, Unread, read_file
from tla_sim.tools.demo.park import DOZEN, ServedPark, make_members

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, object]], Path]:
    """The made-up park, checked once: what JSON says, and the directory of the reports."""
    home = tmp_path_factory.mktemp("reports")
    files = ("--report", home / "park.html", "--report", home / "park.csv")
    result = tla("check", "--made-up", *files, "--json")
    assert result.exit_code == 1
    return json.loads(result.stdout), home


def test_the_made_up_park_has_one_of_everything(reports: tuple[list[dict[str, object]], Path]) -> None:
    found, _ = reports
    assert len(found) == len(DOZEN) == 12
    verdicts = [each["verdict"] for each in found]
    expected = {
        "up_to_date",
        "single_owner_only",
        "must_be_updated",
        "cannot_be_updated",
        "clock_wrong",
        "checksum_wrong",
        "unreachable",
    }
    assert frozenset(verdicts) == expected
    assert verdicts.count("unreachable") == 2


def test_its_reports_name_every_reader(reports: tuple[list[dict[str, object]], Path]) -> None:
    found, home = reports
    page = (home / "park.html").read_text("utf-8")
    rows = list(csv.reader((home / "park.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) == 13
    for each in found:
        assert str(each["reader"]) in page
    for code in ("SSV 0400", "SSV 0004"):
        assert code in page


def test_a_reader_in_order_ends_with_0(tmp_path: Path) -> None:
    with open_surgery(tmp_path) as surgery:
        assert surgery.tla("clock", "--set", "now").exit_code == 0
        surgery.port.reset()
        result = tla("check", "--reader", READER)
        assert result.exit_code == 0, result.output
        assert "1 reader: up to date 1" in result.stdout


def test_a_wrong_clock_is_told_with_the_command_that_sets_it(surgery: Surgery) -> None:
    result = surgery.tla("check", "--reader", READER)
    assert result.exit_code == 1
    assert "tla clock --set now" in result.stdout


def test_looking_at_a_directory_never_makes_a_reader(tmp_path: Path) -> None:
    result = tla("check", "--reader", f"state:{tmp_path / 'none'}")
    assert result.exit_code == 1
    assert "There is no reader in" in result.stdout
    assert not (tmp_path / "none").exists()


def test_nothing_of_a_state_directory_is_changed(tmp_path: Path) -> None:
    home = tmp_path / "reader"
    make_reader(home)

    def contents() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in home.iterdir() if file.name != "lock"}

    before = contents()
    result = tla("check", "--reader", f"state:{home}", "--json")
    (found,) = json.loads(result.stdout)
    assert found["identification"]["version"] == "1.40"
    assert contents() == before
    boots = found["identification"]["boots"]
    again = json.loads(tla("check", "--reader", f"state:{home}", "--json").stdout)
    assert again[0]["identification"]["boots"] == boots, "what it did in the meantime was forgotten"


def test_a_park_file_lists_readers(tmp_path: Path) -> None:
    make_reader(tmp_path / "reader")
    listed = tmp_path / "park.txt"
    listed.write_text(f"# ours\n\nstate:{tmp_path / 'reader'}\nnonsense\nsocket://127.0.0.1:1\n")
    result = tla("check", "--park", listed, "--json")
    found = {each["reader"]: each["verdict"] for each in json.loads(result.stdout)}
    assert list(found.values()) == ["clock_wrong", "unreachable", "unreachable"]


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_a_park_file_is_read_as_its_editor_saved_it(tmp_path: Path, codec: str) -> None:
    listed = tmp_path / "park.txt"
    lines = ("# Cabinet Été\r", "state:cabinet é\r", "socket://host:1", "")
    listed.write_bytes("\n".join(lines).encode(codec))
    assert read_park(listed) == ["state:cabinet é", "socket://host:1"]


def test_notepads_unicode_names_the_reader_and_no_garbage() -> None:
    result = tla("check", "--park", CASES / "park-utf16.txt", "--json")
    assert [each["reader"] for each in json.loads(result.stdout)] == ["state:readerz"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            "state:été\n".encode("cp850"),
            "byte 82 at offset 6, which is neither UTF-8 nor surely Windows-1252",
        ),
        ("state:été\n".encode("mac_roman"), "neither UTF-8 nor surely Windows-1252"),
        ("state:reader".encode("utf-16")[:-1], "UTF-16 that breaks off"),
        (b"state:\0reader", "byte 00 at offset 6"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a JPEG image"),
        (b"PK\x03\x04" + bytes(30), "a ZIP archive or an office document"),
    ],
)
def test_a_park_file_that_is_not_text_is_one_sentence(tmp_path: Path, raw: bytes, said: str) -> None:
    listed = tmp_path / "park.txt"
    listed.write_bytes(raw)
    result = tla("check", "--park", listed)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_park_file_without_a_reader_checks_nothing_else(tmp_path: Path) -> None:
    listed = tmp_path / "park.txt"
    listed.write_bytes(b"\xef\xbb\xbf# ours\r\n")
    result = tla("check", "--park", listed)
    assert result.exit_code == 2
    assert "lists no reader" in result.stderr


def test_a_report_of_another_kind_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    result = tla("check", "--reader", READER, "--report", tmp_path / "report.pdf")
    assert result.exit_code == 2
    assert ".html or .csv" in result.stderr


def test_a_report_that_has_no_place_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    result = tla("check", "--reader", READER, "--report", tmp_path / "none" / "report.html")
    assert result.exit_code == 2
    assert f"There is no directory {tmp_path / 'none'}" in result.stderr


def test_a_served_park_has_so_many_silent_readers() -> None:
    members = make_members(20)
    assert sum(member.silent for member in members) == 2
    with ServedPark(members[:3]) as park:
        assert len(park.urls) == 3
        assert tla("identify", "--reader", park.urls[0]).exit_code == 0


def exchanges_of(path: Path, unread: Unread | None = None) -> list[ReadExchange]:
    with path.open("rb") as stream:
        return [each for each in read_file(stream, unread) if isinstance(each, ReadExchange)]


def test_a_checked_park_is_traced_with_each_reader_on_an_interface_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "park.pcapng"
    result = tla("check", "--made-up", "--trace", path, "--level", "t1", "--json")
    blocks, first = Unread(), dict[str, ReadExchange]()
    for each in exchanges_of(path, blocks):
        first.setdefault(each.link.partition("?")[0], each)
    found = {str(each["reader"]): each["identification"] for each in json.loads(result.stdout)}
    assert first.keys() == found.keys()
    for reader, identification in found.items():
        assert first[reader].command[1] == Ins.IDENTIFY
        assert identification is None or first[reader].response.endswith(b"\x90\x00"), reader
    assert not all(each.response for each in first.values()), "one says nothing"
    assert blocks.packets, "the serial lines have blocks"


def test_a_copy_of_a_state_directory_is_traced_too(tmp_path: Path) -> None:
    make_reader(tmp_path / "reader")
    for name in ("a.pcapng", "a.trace"):
        path = tmp_path / name
        tla("check", "--reader", f"state:{tmp_path / 'reader'}", "--trace", path)
        assert exchanges_of(path)[0].command[1] == Ins.IDENTIFY, name


def test_records_do_not_tell_readers_apart(tmp_path: Path) -> None:
    readers = ("--reader", f"state:{tmp_path / 'a'}", "--reader", f"state:{tmp_path / 'b'}")
    result = tla("check", *readers, "--trace", tmp_path / "a.trace")
    assert result.exit_code == 2
    assert "Only a .pcapng file tells several readers apart" in result.stderr
    assert not (tmp_path / "a.trace").exists()


def test_a_check_that_reaches_nobody_leaves_an_older_trace_as_it_is(tmp_path: Path) -> None:
    make_reader(tmp_path / "reader")
    path = tmp_path / "a.pcapng"
    tla("check", "--reader", f"state:{tmp_path / 'reader'}", "--trace", path)
    before = path.read_bytes()
    assert tla("check", "--reader", f"serial:{tmp_path / 'none'}", "--trace", path).exit_code == 1
    assert path.read_bytes() == before
    assert tla("check", "--reader", f"state:{tmp_path / 'reader'}", "--trace", path).exit_code == 1
    assert path.read_bytes() != before


def test_a_level_that_no_reader_carries_is_told_once(tmp_path: Path) -> None:
    levels = ("--level", "t1", "--level", "ccid")
    result = tla("check", "--made-up", *levels, "--trace", tmp_path / "a.pcapng", "--json")
    assert result.stderr == "No reader that was reached carries anything of level ccid\n"


def test_the_trace_and_the_report_are_two_files(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    files = ("--trace", tmp_path / "link.csv", "--report", tmp_path / "a.csv")
    result = tla("check", "--reader", f"state:{tmp_path / 'reader'}", *files)
    assert result.exit_code == 2
    assert "The trace and the report are the same file" in result.stderr
