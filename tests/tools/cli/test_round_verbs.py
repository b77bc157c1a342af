"""pull, sign, ledger, transmit: the way of an invoice from the reader to the outbox, and what stops it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.cli.surgery import Surgery
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import DOCTOR, LEA, NURSE, PAUL, SECRETARY

NUMBER = "190305028"


class TestPull:
    def test_partial_and_complete_come_out_and_leave_the_reader(self, surgery: Surgery) -> None:
        surgery.push()
        surgery.visit()
        found = surgery.json("pull")
        assert (found["partial"], found["complete"], found["waiting"], found["left"]) == (1, 1, 0, [])
        assert surgery.json("list") == []
        assert {owner: line.state.name for owner, line in surgery.documents().items()} == {
            NURSE: "COMPLETE",
            DOCTOR: "PARTIAL",
        }

    def test_a_second_pull_finds_nothing(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        result = surgery.tla("pull")
        assert result.exit_code == 0
        assert "received                0 B" in result.stdout

    def test_a_wrong_code_leaves_everything_where_it_is(self, surgery: Surgery) -> None:
        surgery.push()
        surgery.visit()
        result = surgery.tla("pull", code="9999")
        assert result.exit_code == 1
        assert "2 tries left" in result.stderr
        assert "(SSV F003)" in result.stderr
        assert len(surgery.json("list")) == 2

    def test_a_blocked_card_is_not_asked_for_its_code(self, surgery: Surgery) -> None:
        for _ in range(3):
            surgery.tla("pull", code="9999")
        result = surgery.tla("pull", code=None)
        assert result.exit_code == 1
        assert Status.CODE_BLOCKED.en in result.stderr

    def test_what_another_card_certified_stays_and_is_named(self, surgery: Surgery) -> None:
        surgery.push()
        surgery.visit()
        surgery.bench.insert_ps(PAUL)
        result = surgery.tla("pull", "--json")
        assert result.exit_code == 1
        found = json.loads(result.stdout)
        assert (found["partial"], found["complete"]) == (1, 0)
        assert found["left"] == [
            {
                "owner": NURSE,
                "number": NUMBER,
                "reason": Status.NOT_OWNER.en,
                "action": Status.NOT_OWNER.en_action,
            }
        ]
        assert "Stayed on the reader" in surgery.tla("pull").stdout


class TestSign:
    def test_the_owners_card_signs_what_is_his(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        surgery.bench.insert_ps(PAUL)
        result = surgery.tla("sign")
        assert result.exit_code == 0
        assert "Final signature of TOUBIB PAUL given to 1 invoice." in result.stdout
        assert surgery.documents()[DOCTOR].state.name == "FINAL"
        assert surgery.json("sign") == {"signed": 0, "elsewhere": 0, "refused": []}

    def test_a_cpe_never_signs_finally(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        surgery.bench.reader.remove(Slot.PS)
        surgery.bench.insert_ps(SECRETARY, cpe=True)
        result = surgery.tla("sign")
        assert result.exit_code == 1
        assert "never gives final signatures" in result.stderr

    def test_a_colleague_signs_nothing_and_is_told_whose_it_is(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        surgery.bench.insert_ps(LEA)
        result = surgery.tla("sign", "--invoice", NUMBER)
        assert result.exit_code == 1
        assert DOCTOR in result.stderr
        result = surgery.tla("sign")
        assert result.exit_code == 0
        assert "1 other invoice still waits for its owner's card" in result.stderr
        assert surgery.documents()[DOCTOR].state.name == "PARTIAL"

    def test_of_two_owners_with_the_same_number_each_signs_the_own_one(self, surgery: Surgery) -> None:
        surgery.push()
        surgery.visit(LEA)
        surgery.tla("pull")
        surgery.bench.insert_ps(PAUL)
        assert surgery.json("sign", "--invoice", NUMBER) == {"signed": 1, "elsewhere": 1, "refused": []}
        assert {owner: line.state.name for owner, line in surgery.documents().items()} == {
            NURSE: "PARTIAL",
            DOCTOR: "FINAL",
        }

    def test_an_invoice_that_does_not_wait_is_refused(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        result = surgery.tla("sign", "--invoice", "1")
        assert result.exit_code == 1
        assert "Invoice 1 " in result.stderr


class TestLedger:
    def test_every_document_has_state_time_and_signers(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        result = tla("ledger", surgery.ledger_file)
        assert result.exit_code == 0
        for expected in ("1 PARTIAL, 1 COMPLETE", "156,20", "MARTIN PAUL", "Vitale, PIQURE2969 MAYA"):
            assert expected in result.stdout
        found = json.loads(tla("ledger", surgery.ledger_file, "--json").stdout)
        assert {each["owner"]: each["state"] for each in found} == {NURSE: "COMPLETE", DOCTOR: "PARTIAL"}
        assert found[0]["signers"][0]["role"] == "VITALE"

    def test_the_history_of_an_invoice_is_step_by_step(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        found = json.loads(tla("ledger", surgery.ledger_file, "--history", NUMBER, "--json").stdout)
        steps = [(each["owner"], each["state"]) for each in found]
        assert steps == [(DOCTOR, "LOADED"), (DOCTOR, "PARTIAL"), (NURSE, "LOADED"), (NURSE, "COMPLETE")]
        result = tla("ledger", surgery.ledger_file, "--history", NUMBER)
        assert result.exit_code == 0
        assert surgery.bench.reader.app.serial_number in result.stdout

    def test_a_lost_readers_documents_can_be_released(self, surgery: Surgery) -> None:
        surgery.push()
        serial = surgery.bench.reader.app.serial_number
        found = json.loads(tla("ledger", surgery.ledger_file, "--release", serial, "--json").stdout)
        assert found == {"reader": serial, "released": 2}
        assert {line.state.name for line in surgery.documents().values()} == {"PREPARED"}

    @pytest.mark.parametrize(
        "arguments", [("--history", "404"), ("--history", "1", "--release", "TLA00000001")]
    )
    def test_wrong_questions_are_wrong_usage(self, surgery: Surgery, arguments: tuple[str, ...]) -> None:
        surgery.push()
        result = tla("ledger", surgery.ledger_file, *arguments)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1

    def test_a_ledger_that_is_not_there_is_not_made(self, surgery: Surgery) -> None:
        none = surgery.directory / "none.sqlite"
        before = sorted(surgery.directory.iterdir())
        for verb in (
            ("ledger", none),
            ("sign", "--ledger", none),
            ("transmit", "--ledger", none, "--out", "x"),
        ):
            result = surgery.tla(*verb)
            assert result.exit_code == 2
            assert f"There is no ledger {none}." in result.stderr
        assert sorted(surgery.directory.iterdir()) == before


class TestTransmit:
    def test_only_what_has_all_its_signatures_leaves(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        result = surgery.tla("transmit", "--out", surgery.out)
        assert result.exit_code == 0
        assert "1 document written for transmission" in result.stdout
        assert "TITULAIRE signature: CPS of TOUBIB PAUL" in result.stdout
        assert [path.name for path in surgery.out.iterdir()] == [f"{NURSE}-{NUMBER}-fse.fse"]
        assert tla("fse", "verify", surgery.out / f"{NURSE}-{NUMBER}-fse.fse").exit_code == 0

    def test_the_rest_leaves_once_it_is_signed_and_nothing_leaves_twice(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        surgery.tla("transmit", "--out", surgery.out)
        surgery.bench.insert_ps(PAUL)
        surgery.tla("sign")
        times = {path: path.stat().st_mtime_ns for path in surgery.out.iterdir()}
        found = surgery.json("transmit", "--out", surgery.out)
        assert [each["owner"] for each in found["sent"]] == [DOCTOR]
        assert Path(found["sent"][0]["file"]).exists()
        assert (
            surgery.tla("transmit", "--out", surgery.out).stdout == "0 documents written for transmission\n"
        )
        again = surgery.json("transmit", "--out", surgery.out)
        assert (again["sent"], again["withheld"], again["bytes_written"]) == ([], [], 0)
        assert {path: path.stat().st_mtime_ns for path in times} == times
        assert {line.state.name for line in surgery.documents().values()} == {"TRANSMITTED"}

    def test_loaded_invoices_lack_the_vitale_too(self, surgery: Surgery) -> None:
        surgery.push()
        found = surgery.json("transmit", "--out", surgery.out)
        assert found["sent"] == []
        assert found["withheld"][0]["lacks"] == ["VITALE", "TITULAIRE"]
        assert found["withheld"][0]["cards"] == ["Vitale of MARTIN PAUL", "CPS of TOUBIB PAUL"]

    def test_files_are_for_their_owner_only(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        surgery.tla("transmit", "--out", surgery.out)
        assert stat.S_IMODE(surgery.out.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in surgery.out.iterdir()} == {0o600}

    def test_another_file_of_the_same_name_is_not_overwritten(self, surgery: Surgery) -> None:
        surgery.play_to_pull()
        surgery.out.mkdir()
        file = surgery.out / f"{NURSE}-{NUMBER}-fse.fse"
        file.write_text("mine")
        result = surgery.tla("transmit", "--out", surgery.out)
        assert result.exit_code == 2
        assert file.read_text() == "mine"
        assert surgery.documents()[NURSE].state.name == "COMPLETE"

    @pytest.mark.parametrize("out", ["practice.json", "practice.json/out"])
    def test_a_file_is_no_outbox(self, surgery: Surgery, out: str) -> None:
        surgery.play_to_pull()
        result = surgery.tla("transmit", "--out", surgery.directory / out)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert surgery.documents()[NURSE].state.name == "COMPLETE"
