"""tla push: whose invoices go in, when others' are proposed, and nothing touched by a wrong file."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.cli.command_line import ROOT, command
from tests.tools.cli.surgery import Surgery, open_surgery
from tests.tools.simulator.kept_kit import make_reader, practice_tree
from tla_sim.host.ledger.ledger import LedgerState
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.version import Version
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.tools.cast.people import DOCTOR, NURSE

OLD = replace(
    TLA_1_40,
    name="1.31",
    version=Version(1, 31),
    capabilities=frozenset(TLA_1_40.capabilities - {Capability.MULTI_OWNER}),
)


@pytest.fixture
def old_surgery(tmp_path: Path) -> Iterator[Surgery]:
    """A reader that takes one owner's invoices at a time."""
    with open_surgery(tmp_path, OLD) as surgery:
        yield surgery


def owners_on(surgery: Surgery) -> list[str]:
    return sorted({each["owner"] for each in surgery.json("list")})


def test_without_an_owner_everyones_invoices_go_in(surgery: Surgery) -> None:
    result = surgery.tla("push", surgery.practice)
    assert result.exit_code == 0
    assert "2 invoices loaded into the reader" in result.stdout
    assert owners_on(surgery) == sorted([NURSE, DOCTOR])


def test_pushing_twice_sends_nothing_again(surgery: Surgery) -> None:
    first = surgery.json("push", surgery.practice)
    second = surgery.json("push", surgery.practice)
    assert [(each["loaded"], each["already"]) for each in first] == [(1, 0), (1, 0)]
    assert [(each["loaded"], each["already"], each["bytes_sent"]) for each in second] == [(0, 1, 0)] * 2
    assert len(surgery.json("list")) == 2


def test_what_the_reader_gave_back_into_another_ledger_is_refused_by_number(surgery: Surgery) -> None:
    surgery.play_to_pull()
    surgery.ledger_file = surgery.directory / "new.sqlite"
    result = surgery.tla("push", surgery.practice)
    assert result.exit_code == 1
    assert "gave invoice 190305028 of" in result.stderr
    assert "Use the ledger that holds what was pulled" in result.stderr
    assert "loaded into the reader" not in result.stdout
    assert owners_on(surgery) == []
    assert {each.state for each in surgery.documents().values()} == {LedgerState.PREPARED}


@pytest.mark.parametrize(("others", "loaded"), [("yes", [DOCTOR, NURSE]), ("no", [NURSE]), ("ask", [NURSE])])
def test_others_invoices_for_the_same_patients_go_in_when_wanted(
    surgery: Surgery, others: str, loaded: list[str]
) -> None:
    result = surgery.tla("push", surgery.practice, "--owner", NURSE, "--others", others)
    assert result.exit_code == 0
    assert owners_on(surgery) == sorted(loaded)
    assert ("TOUBIB PAUL also prepared" in result.stderr) is (others == "ask")


def test_others_without_a_common_patient_are_not_proposed(surgery: Surgery) -> None:
    tree = practice_tree()
    tree["invoices"][1]["beneficiary"] = 2
    surgery.write_practice(tree)
    result = surgery.tla("push", surgery.practice, "--owner", NURSE)
    assert result.exit_code == 0
    assert not result.stderr


@pytest.mark.parametrize(("answer", "loaded"), [("y", 2), ("", 2), ("n", 1)])
def test_on_a_terminal_the_others_are_asked_for(tmp_path: Path, answer: str, loaded: int) -> None:
    home = make_reader(tmp_path / "reader")
    file = tmp_path / "practice.json"
    file.write_text(json.dumps(practice_tree()))
    master, slave = pty.openpty()
    arguments = ("push", file, "--reader", f"state:{home}", "--ledger", tmp_path / "l", "--owner", NURSE)
    with subprocess.Popen(
        command(*arguments, "--json"),
        cwd=ROOT,
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(slave)
        os.write(master, f"{answer}\n".encode())
        stdout, stderr = process.communicate(timeout=60)
        os.close(master)
    assert process.returncode == 0, stderr
    assert "Load them too?" in stderr
    assert len(json.loads(stdout)) == loaded


def test_an_unknown_owner_is_wrong_usage_and_the_known_ones_are_named(surgery: Surgery) -> None:
    result = surgery.tla("push", surgery.practice, "--owner", "123")
    assert result.exit_code == 2
    assert NURSE in result.stderr
    assert owners_on(surgery) == []


def test_an_old_reader_takes_the_chosen_owners_only_and_is_named_with_its_version(
    old_surgery: Surgery,
) -> None:
    result = old_surgery.tla("push", old_surgery.practice, "--owner", DOCTOR, "--others", "yes")
    assert result.exit_code == 0
    assert "version 1.31" in result.stderr
    assert "PIQURE2969 MAYA" in result.stderr
    assert owners_on(old_surgery) == [DOCTOR]


def test_an_old_reader_needs_a_choice(old_surgery: Surgery) -> None:
    result = old_surgery.tla("push", old_surgery.practice)
    assert result.exit_code == 2
    assert f"--owner {NURSE} (PIQURE2969 MAYA)" in result.stderr
    result = old_surgery.tla("push", old_surgery.practice, "--owner", NURSE, "--owner", DOCTOR)
    assert result.exit_code == 1
    assert Status.NOT_MULTI_OWNER.en in result.stderr
    assert owners_on(old_surgery) == []


def test_a_wrong_practice_file_touches_neither_reader_nor_ledger(surgery: Surgery) -> None:
    tree = practice_tree()
    tree["invoices"][1]["owner"] = "999"
    surgery.write_practice(tree)
    result = surgery.tla("push", surgery.practice)
    assert result.exit_code == 2
    assert "invoices[1].owner" in result.stderr
    assert not surgery.ledger_file.exists()
    assert owners_on(surgery) == []


def test_a_changed_invoice_is_refused_while_the_other_is_on_board(surgery: Surgery) -> None:
    surgery.push()
    tree = practice_tree()
    tree["invoices"][0]["date"] = "2019-03-06"
    surgery.write_practice(tree)
    result = surgery.tla("push", surgery.practice, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == []
    assert "other content" in json.loads(result.stderr)["error"]


@pytest.mark.parametrize("content", [b"not a ledger" * 100, b"SQLite format 3\x00" + bytes(4000)])
def test_another_file_is_no_ledger_and_stays_as_it_is(surgery: Surgery, content: bytes) -> None:
    surgery.ledger_file.write_bytes(content)
    result = surgery.tla("push", surgery.practice)
    assert result.exit_code == 2
    assert surgery.ledger_file.read_bytes() == content
    assert owners_on(surgery) == []


def test_what_was_certified_is_not_loaded_again(surgery: Surgery) -> None:
    surgery.play_to_pull()
    found = surgery.json("push", surgery.practice)
    assert [(each["loaded"], each["finished"]) for each in found] == [(0, 1), (0, 1)]


def test_degraded_invoices_alone_are_said_to_be_signed_at_the_desk(surgery: Surgery) -> None:
    tree = practice_tree()
    tree["invoices"] = [each for each in tree["invoices"] if each["owner"] == NURSE]
    surgery.write_practice(tree)
    (number,) = [each["number"] for each in tree["invoices"]]
    surgery.json("invoice", "degrade", number, "--practice", surgery.practice)
    result = surgery.tla("push", surgery.practice)
    assert result.exit_code == 2
    assert "has no invoice" not in result.stderr
    assert "Every invoice of the practice file is degraded, to be signed at the desk" in result.stderr
    assert f"tla certify --invoice {number}" in result.stderr
    assert owners_on(surgery) == []
    result = surgery.tla("push", surgery.practice, "--owner", NURSE)
    assert result.exit_code == 0
    assert "1 degraded invoice not loaded: to be signed at the desk" in result.stderr
    surgery.json("certify", "--invoice", number)
    result = surgery.tla("push", surgery.practice)
    assert "degraded, and signed at the desk already" in result.stderr
    assert "degraded" not in surgery.tla("push", surgery.practice, "--owner", NURSE).stderr


def test_beside_others_degraded_invoices_for_the_desk_are_counted(surgery: Surgery) -> None:
    surgery.json("invoice", "degrade", "190305028", "--owner", NURSE, "--practice", surgery.practice)
    result = surgery.tla("push", surgery.practice)
    assert result.exit_code == 0
    assert owners_on(surgery) == [DOCTOR]
    result = surgery.tla("push", surgery.practice, "--owner", NURSE, "--others", "no")
    assert "1 degraded invoice not loaded" in result.stderr


def test_a_practice_without_invoices_is_said_to_have_none(surgery: Surgery) -> None:
    tree = practice_tree()
    tree["invoices"] = []
    surgery.write_practice(tree)
    result = surgery.tla("push", surgery.practice)
    assert result.exit_code == 2
    assert "The practice file has no invoice" in result.stderr
