"""identify, diagnostics, list, clock, erase: what they say of a reader, and how they fail without one."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla, tla_process
from tests.tools.cli.surgery import Surgery
from tests.tools.simulator.kept_kit import make_reader
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.trace import decode, read_trace
from tla_sim.tools.cast.people import CODE, DOCTOR, NURSE, PAUL

READER_VERBS = ("identify", "diagnostics", "list", "clock")


def test_identify_names_reader_version_and_abilities(surgery: Surgery) -> None:
    result = surgery.tla("identify")
    assert result.exit_code == 0
    assert "1.40" in result.stdout
    assert "several owners at a time" in result.stdout
    found = surgery.json("identify")
    assert found["version"] == "1.40"
    assert found["serial_number"] == surgery.bench.reader.app.serial_number
    assert "partial_certification" in found["capabilities"]
    assert found["components"][0]["name"] == "Log_SV"


def test_diagnostics_tell_slots_and_memory(surgery: Surgery) -> None:
    surgery.push()
    result = surgery.tla("diagnostics")
    assert result.exit_code == 0
    assert "2 of at most" in result.stdout
    found = surgery.json("diagnostics")
    assert (found["ps_card"], found["vitale_card"], found["invoices"], found["owners"]) == (True, False, 2, 2)


def test_list_is_what_is_on_board_of_all_or_of_one_owner(surgery: Surgery) -> None:
    surgery.push()
    found = surgery.json("list")
    assert {(each["owner"], each["state"]) for each in found} == {(NURSE, "LOADED"), (DOCTOR, "LOADED")}
    assert [each["owner"] for each in surgery.json("list", "--owner", DOCTOR)] == [DOCTOR]
    assert "2 documents on the reader" in surgery.tla("list").stdout


def test_clock_is_shown_and_set(surgery: Surgery) -> None:
    assert surgery.json("clock")["text"] == "2019-03-05 08:00:00"
    found = surgery.json("clock", "--set", "2019-03-06T07:30")
    assert (found["text"], found["before"]) == ("2019-03-06 07:30:00", 1_551_772_800_000)
    assert abs(surgery.json("clock", "--set", "now")["moment"] - surgery.json("clock")["moment"]) < 60_000
    shown = surgery.tla("clock").stdout
    assert "this machine" in shown
    assert "-0.0 s" not in shown


@pytest.mark.parametrize("moment", ["tomorrow", "2019-13-01", "1969-12-31T23:59", "9999999999"])
def test_a_date_that_is_none_leaves_the_clock_alone(surgery: Surgery, moment: str) -> None:
    result = surgery.tla("clock", "--set", moment)
    assert result.exit_code == 2
    assert surgery.json("clock")["text"] == "2019-03-05 08:00:00"


def test_erase_takes_a_code_and_empties_one_owner(surgery: Surgery) -> None:
    surgery.push()
    assert surgery.tla("erase", "--owner", NURSE, code="9999").exit_code == 1
    assert len(surgery.json("list")) == 2
    found = surgery.json("erase", "--owner", NURSE)
    assert found == {"owner": NURSE, "erased": 1}
    assert [each["owner"] for each in surgery.json("list")] == [DOCTOR]
    assert surgery.documents()[NURSE].state.name == "PREPARED"
    assert surgery.documents()[DOCTOR].state.name == "LOADED"


def test_erase_of_what_was_certified_takes_the_owners_card(surgery: Surgery) -> None:
    surgery.push()
    surgery.visit()
    result = surgery.tla("erase", "--owner", DOCTOR)
    assert result.exit_code == 1
    assert Status.NOT_ACKNOWLEDGED.en in result.stderr
    surgery.bench.insert_ps(PAUL)
    assert surgery.tla("erase", "--owner", DOCTOR).exit_code == 0


def test_erase_without_a_ledger_begins_none(surgery: Surgery) -> None:
    assert surgery.tla("erase", "--owner", NURSE).exit_code == 0
    assert not surgery.ledger_file.exists()


@pytest.mark.parametrize("verb", READER_VERBS)
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("telepathy:now", 2),
        ("nonsense", 2),
        ("socket://nowhere", 2),
        ("serial:/dev/null?speed=1", 2),
        ("state:", 2),
        ("memory:nobody", 3),
        ("serial:/dev/does-not-exist", 3),
        ("socket://127.0.0.1:1", 3),
    ],
)
def test_a_wrong_url_is_wrong_usage_and_an_absent_reader_a_failed_link(
    verb: str, url: str, code: int
) -> None:
    result = tla(verb, "--reader", url)
    assert result.exit_code == code
    assert len(result.stderr.splitlines()) == 1
    assert not result.stdout
    assert ("(SSV 800C)" in result.stderr) is (code == 3)


def test_a_reader_held_by_another_host_is_a_failed_link_with_its_ssv_code(surgery: Surgery) -> None:
    other = surgery.bench.client()
    other.verify_code(CODE)
    result = surgery.tla("identify")
    assert result.exit_code == 3
    assert "held by another application" in result.stderr
    assert "(SSV 0004)" in result.stderr


def test_a_locked_state_directory_is_a_held_reader(tmp_path: Path) -> None:
    from tla_sim.tools.simulator.kept_reader import KeptReader

    home = make_reader(tmp_path / "reader")
    with KeptReader.open(home):
        done = tla_process("identify", "--reader", f"state:{home}")
    assert done.returncode == 3
    assert "(SSV 0004)" in done.stderr
    assert tla_process("identify", "--reader", f"state:{home}").returncode == 0


@pytest.mark.parametrize(
    ("file", "content"), [("state.json", b'{"format": 99}'), ("device.key", b"short"), ("flash.bin", b"")]
)
def test_a_state_directory_that_cannot_be_used_is_wrong_input(
    tmp_path: Path, file: str, content: bytes
) -> None:
    home = make_reader(tmp_path / "reader")
    (home / file).write_bytes(content)
    result = tla("identify", "--reader", f"state:{home}")
    assert result.exit_code == 2
    assert not result.stdout
    assert (home / file).read_bytes() == content


def test_a_flash_of_other_bytes_is_wrong_input(tmp_path: Path) -> None:
    home = make_reader(tmp_path / "reader")
    size = (home / "flash.bin").stat().st_size
    (home / "flash.bin").write_bytes(b"\x5a" * size)
    result = tla("identify", "--reader", f"state:{home}")
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_without_reader_and_ledger_the_users_data_directory_has_them(tmp_path: Path) -> None:
    done = tla_process("identify", "--json", XDG_DATA_HOME=str(tmp_path / "a b"), TLA_READER="")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["version"] == "1.40"
    assert (tmp_path / "a b" / "tla-sim" / "reader" / "flash.bin").exists()


def test_a_trace_is_for_its_owner_only_and_has_the_session_without_the_code(
    surgery: Surgery, tmp_path: Path
) -> None:
    file = tmp_path / "session.trace"
    assert surgery.tla("erase", "--owner", NURSE, "--trace", file).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open("rb") as stream:
        names = [decode(record).name for record in read_trace(stream)]
    assert names == ["read_ps_card", "verify_code", "read_ps_card", "identify", "erase"]
    assert CODE.encode() not in file.read_bytes()
    assert tla("trace", "decode", file).exit_code == 0


def test_a_trace_replaces_an_older_one_and_no_other_file(surgery: Surgery, tmp_path: Path) -> None:
    file = tmp_path / "x.trace"
    for _ in range(2):
        assert surgery.tla("identify", "--trace", file).exit_code == 0
    with file.open("rb") as stream:
        assert len(list(read_trace(stream))) == 2
    result = surgery.tla("identify", "--trace", surgery.practice)
    assert result.exit_code == 2
    assert json.loads(surgery.practice.read_text())["version"] == 1


def test_a_refusal_has_its_ssv_code(surgery: Surgery) -> None:
    from tla_sim.reader_fw.board.slots import Slot

    surgery.bench.reader.remove(Slot.PS)
    result = surgery.tla("erase", "--owner", NURSE)
    assert result.exit_code == 1
    assert result.stderr.strip() == f"{StatusError(Status.PS_CARD_ABSENT)} (SSV F001)"
