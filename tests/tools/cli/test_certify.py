"""tla certify: the secretary certifies at the desk, once, and only what is the patient's."""

from __future__ import annotations

import pytest

from tests.samples import make_practice_tree
from tests.tools.cli.surgery import Surgery
from tests.tools.simulator.kept_kit import practice_tree
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cards.file import load_image
from tla_sim.tools.cast.people import DOCTOR, MAYA, NURSE, PAUL, SECRETARY

NUMBER = "190305028"


@pytest.fixture
def desk(surgery: Surgery) -> Surgery:
    """A CPE and PAUL MARTIN's Vitale are in the slots."""
    surgery.bench.insert_ps(SECRETARY, cpe=True)
    surgery.bench.insert_vitale()
    return surgery


def test_a_cpe_certifies_partially_from_the_practice_file(desk: Surgery) -> None:
    result = desk.tla("certify", "--invoice", NUMBER, "--practice", desk.practice, "--owner", DOCTOR)
    assert result.exit_code == 0
    assert "of 25,00 € is PARTIAL, signed by Vitale and ACCUEIL ANNE." in result.stdout
    assert "tla sign" in result.stderr
    assert desk.documents()[DOCTOR].state.name == "PARTIAL"
    assert desk.json("list") == []
    desk.bench.insert_ps(PAUL)
    assert desk.tla("sign").exit_code == 0
    assert desk.documents()[DOCTOR].state.name == "FINAL"


def insert_trainee(surgery: Surgery) -> None:
    """Put in the CPF of NOÉ STAGE, as `tla cards issue` makes it from the practice file."""
    tree = practice_tree()
    tree["staff"].append({"national_id": "4", "last_name": "STAGE", "first_name": "NOÉ", "card": "cpf"})
    surgery.write_practice(tree)
    cards = surgery.directory / "cards"
    issued = surgery.json("cards", "issue", surgery.practice, "--out", cards, "--pooled")["cards"]
    (file,) = (each["file"] for each in issued if each["card"] == "CPF")
    surgery.bench.insert_chip(Slot.PS, load_image(file))


def test_a_cpf_certifies_partially_and_the_owner_signs_finally(desk: Surgery) -> None:
    insert_trainee(desk)
    found = desk.json("certify", "--invoice", NUMBER, "--practice", desk.practice, "--owner", DOCTOR)
    assert (found["state"], found["signers"]) == ("PARTIAL", ["Vitale", "STAGE NOÉ"])
    result = desk.tla("sign")
    assert result.exit_code == 1
    assert "The card of STAGE NOÉ is a CPF, which never gives final signatures" in result.stderr
    assert desk.documents()[DOCTOR].state.name == "PARTIAL"
    desk.bench.insert_ps(PAUL)
    assert desk.tla("sign").exit_code == 0
    assert desk.documents()[DOCTOR].state.name == "FINAL"


def test_a_visit_with_a_cpf_comes_back_for_the_owners_signatures(surgery: Surgery) -> None:
    surgery.push()
    surgery.bench.unplug()
    insert_trainee(surgery)
    surgery.bench.insert_vitale()
    surgery.bench.press("VAL")
    surgery.bench.type_code()
    surgery.bench.reader.remove(Slot.VITALE)
    surgery.port = surgery.bench.reader.attach("surgery")
    assert surgery.tla("pull").exit_code == 0
    assert {line.state.name for line in surgery.documents().values()} == {"PARTIAL"}
    for owner, person in ((DOCTOR, PAUL), (NURSE, MAYA)):
        surgery.bench.insert_ps(person)
        assert surgery.json("sign")["signed"] == 1
        assert surgery.documents()[owner].state.name == "FINAL"


def test_an_invoice_that_was_pushed_is_taken_from_the_ledger(desk: Surgery) -> None:
    desk.push()
    found = desk.json("certify", "--invoice", NUMBER, "--owner", NURSE)
    assert found == {
        "owner": NURSE,
        "number": NUMBER,
        "state": "PARTIAL",
        "mode": "SECURED",
        "kinds": ["FSE"],
        "signers": ["Vitale", "ACCUEIL ANNE"],
    }
    assert [each["owner"] for each in desk.json("list")] == [DOCTOR]


def test_the_owners_own_card_completes_it(desk: Surgery) -> None:
    desk.bench.insert_ps(PAUL)
    arguments = ("--practice", desk.practice, "--owner", DOCTOR)
    assert desk.json("certify", "--invoice", NUMBER, *arguments)["state"] == "COMPLETE"


def test_a_number_that_two_owners_use_needs_the_owner(desk: Surgery) -> None:
    result = desk.tla("certify", "--invoice", NUMBER, "--practice", desk.practice)
    assert result.exit_code == 2
    assert f"--owner {NURSE} (PIQURE2969)" in result.stderr


def test_it_is_never_certified_twice(desk: Surgery) -> None:
    arguments = ("certify", "--invoice", NUMBER, "--practice", desk.practice, "--owner", DOCTOR)
    assert desk.tla(*arguments).exit_code == 0
    counter = desk.json("diagnostics")["signature_counter"]
    result = desk.tla(*arguments)
    assert result.exit_code == 1
    assert "PARTIAL in the ledger already" in result.stderr
    assert desk.json("diagnostics")["signature_counter"] == counter


def test_another_patients_vitale_is_refused(desk: Surgery) -> None:
    tree = make_practice_tree()
    desk.write_practice(tree)
    result = desk.tla("certify", "--invoice", NUMBER, "--practice", desk.practice, "--owner", DOCTOR)
    assert result.exit_code == 1
    assert Status.BENEFICIARY_MISMATCH.en in result.stderr
    assert desk.documents()[DOCTOR].state.name == "PREPARED"


@pytest.mark.parametrize("source", ["ledger", "practice"])
def test_an_unknown_number_is_wrong_usage(desk: Surgery, source: str) -> None:
    more = ("--practice", desk.practice) if source == "practice" else ()
    result = desk.tla("certify", "--invoice", "404", *more)
    assert result.exit_code == 2
    assert "no invoice 404" in result.stderr
