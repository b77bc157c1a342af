"""tla certify: the secretary certifies at the desk, once, and only what is the patient's."""

from __future__ import annotations

import pytest

from tests.samples import make_practice_tree
from tests.tools.cli.surgery import Surgery
from tla_sim.protocol.commands.status import Status
from tla_sim.tools.cast.people import DOCTOR, NURSE, PAUL, SECRETARY

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
