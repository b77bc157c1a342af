"""People as they are: birth dates of no calendar, numbers still being waited for, names as they are written.

Each file of `tests/cases` is what somebody handed in; what is right about it is said here.
"""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

import tla_sim
from tla_sim.host.desk.care_sheet import care_sheet
from tla_sim.host.desk.lists import DeskList, desk_lines
from tla_sim.host.ledger.conditions import Sort
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState
from tla_sim.host.practice.file import parse_practice
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Practice
from tla_sim.host.practice.nir import nir_key
from tla_sim.host.practice.problem import PracticeFileError, Problem
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.reader_fw.board.display import fold
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.tools.cards.issue import card_orders
from tla_sim.tools.cards.view import view_card
from tla_sim.tools.cast.cards import Cast

CASES = Path(__file__).parents[2] / "cases"
Tree = dict[str, Any]


def case(name: str) -> Tree:
    tree: Tree = json.loads((CASES / name).read_text("utf-8"))
    return tree


def read(tree: Tree) -> Practice:
    return parse_practice(json.dumps(tree).encode(), "practice.json")


def problems(tree: Tree) -> list[Problem]:
    try:
        read(tree)
    except PracticeFileError as error:
        return list(error.problems)
    return []


def billed(tree: Tree) -> Tree:
    """The practice with an invoice for each of its patients."""
    template = case("practice-names.json")["invoices"][0]
    tree["invoices"] = []
    for index, patient in enumerate(tree["patients"]):
        invoice = copy.deepcopy(template)
        invoice |= {"number": f"{190_305_100 + index}", "patient": patient["id"]}
        tree["invoices"].append(invoice)
    return tree


def words(invoice: PreparedInvoice) -> str:
    with pypdfium2.PdfDocument(care_sheet(invoice)) as document:
        return str(document[0].get_textpage().get_text_bounded())


# Birth dates

BIRTHS = (
    "1942-20-01",
    "1942-30-00",
    "1945-31-15",
    "1944-42-00",
    "1945-50-01",
    "1945-99-31",
    "1955-02-30",
    "1955-06-31",
    "1900-02-29",
    "2010-00-00",
    "2010-00-15",
    "1955-13-01",
    "1955-08-32",
    "1955-20-00",
    "1899-99-99",
)


def test_the_reported_file_with_one_lunar_birth_date_is_taken() -> None:
    (patient,) = read(case("min-lunar.json")).patients
    assert patient.beneficiaries[0].birth_date.iso == "1942-20-01"


def test_a_birth_date_is_refused_for_how_it_is_written_alone() -> None:
    found = problems(case("practice-lunar-births.json"))
    written = {"0000-00-00", "19550812", "12/08/1955"}
    assert {each.found.strip("'") for each in found if "YYYY-MM-DD" in each.expected} == written
    assert all("birth_date" in each.place for each in found)


@pytest.mark.parametrize("born", BIRTHS)
def test_a_birth_date_goes_round_unchanged(born: str, tmp_path: Path) -> None:
    tree = case("min-lunar.json")
    tree["patients"][0]["beneficiaries"][0]["birth_date"] = born
    practice = read(billed(tree))
    digits, french = born.replace("-", ""), "/".join(reversed(born.split("-")))
    (invoice,) = prepared_invoices(practice)
    assert invoice.beneficiary.birth_date == digits
    assert f"{french} rang" in " ".join(words(invoice).split())
    card = Cast(practice, SeededEntropy(0)).vitale(practice.patients[0])
    assert view_card(card.image).parts[0]["born"] == born
    with (
        tla_sim.SimulatedReader.in_memory(practice, seed=1) as reader,
        Ledger.open(tmp_path / "ledger.db") as ledger,
    ):
        tla_sim.push(reader.client("serial"), ledger, practice)
        reader.unplug()
        reader.insert_ps("PIQURE2969")
        reader.insert_vitale("MARTIN")
        reader.press("VAL", "1", "2", "3", "4", "VAL")
        client = reader.client("serial")
        client.verify_code("1234")
        tla_sim.pull(client, ledger)
        (line,) = ledger.documents()
        assert line.state is LedgerState.COMPLETE
        fse = Fse.parse(ledger.fse(line.id))
    assert fse.invoice.beneficiary.birth_date == digits


def test_two_people_of_one_lunar_day_need_two_ranks() -> None:
    tree = case("min-lunar.json")
    people = tree["patients"][0]["beneficiaries"]
    people.append({**people[0], "first_name": "ANNE"})
    (found,) = problems(tree)
    assert found.place.endswith("beneficiaries[1].birth_rank")
    people[1]["birth_rank"] = "2"
    assert not problems(tree)


# Numbers


@pytest.mark.parametrize(
    "nir",
    [
        "1850575116001",
        "2850575116002",
        "3850599351001",
        "4850599351001",
        "7850599351001",
        "8850599351001",
        "7175100000042",
        "5175100000042",
        "6275100000042",
        "1942099351002",
        "2949999352006",
        "191032A004120",
        "291032B033007",
        "2600720033001",
        "1850597101006",
        "1850598735006",
        "1850599100006",
    ],
)
@pytest.mark.parametrize("regime", ["01", "02"])
def test_a_number_is_taken_in_every_scheme(nir: str, regime: str) -> None:
    tree = case("min-lunar.json")
    tree["patients"][0] |= {"nir": nir, "nir_key": nir_key(nir), "regime": regime}
    (invoice,) = prepared_invoices(read(billed(tree)))
    assert invoice.beneficiary.nir == nir


def test_the_reported_file_of_numbers_has_three_that_are_none() -> None:
    found = problems(case("practice-nirs.json"))
    assert [(each.place, each.found) for each in found] == [
        ("patients[6].nir", "'5850599351001'"),
        ("patients[7].nir", "'6850599351001'"),
        ("patients[24].nir", "'5555551234567'"),
    ]
    assert "passing migrant" in found[0].expected
    assert "agricultural scheme" in found[2].expected


def test_a_provisional_number_of_the_agricultural_scheme_is_taken_with_that_scheme_alone() -> None:
    tree = case("min-msa-provisional.json")
    practice = read(billed(tree))
    assert practice.patients[0].nir == "5555551234567"
    assert Cast(practice, SeededEntropy(0)).vitale(practice.patients[0])
    tree["patients"][0]["regime"] = "01"
    (found,) = problems(tree)
    assert (found.place, found.found) == ("patients[0].nir", "'5555551234567'")
    assert "'02' with it, not '01'" in found.expected


def test_so_is_one_of_a_beneficiary() -> None:
    tree = case("min-lunar.json")
    who = tree["patients"][0]["beneficiaries"][0]
    who |= {"certified_nir": "5555550000001", "certified_nir_key": nir_key("5555550000001")}
    (found,) = problems(tree)
    assert found.place == "patients[0].beneficiaries[0].certified_nir"
    tree["patients"][0]["regime"] = "02"
    assert not problems(tree)


@pytest.mark.parametrize("nir", ["1850575116001", "5555551234567", "5175100000042", "191032A004120"])
def test_a_wrong_key_is_told_with_the_right_one(nir: str) -> None:
    tree = case("min-msa-provisional.json")
    right = nir_key(nir)
    wrong = f"{int(right) % 97 + 1:02}"
    tree["patients"][0] |= {"nir": nir, "nir_key": wrong}
    (found,) = problems(tree)
    assert found.place == "patients[0].nir_key"
    assert f"'{right}'" in found.expected


@pytest.mark.parametrize(
    "nir", ["0850575116001", "9850575116001", "5355551234567", "185052C116001", "18505751160"]
)
def test_what_is_no_number_is_told_so(nir: str) -> None:
    tree = case("min-msa-provisional.json")
    tree["patients"][0]["nir"] = nir
    (found,) = problems(tree)
    assert (found.place, found.found) == ("patients[0].nir", f"'{nir}'")


# Names


def shown_names() -> Tree:
    """The reported file without its one name in another script."""
    tree = case("practice-names.json")
    tree["patients"] = [each for each in tree["patients"] if each["id"] != "p7"]
    tree["invoices"] = [each for each in tree["invoices"] if each["patient"] != "p7"]
    return tree


def test_a_name_in_another_script_is_told_when_the_file_is_checked() -> None:
    last, first = problems(case("practice-names.json"))
    assert last.place == "patients[7].beneficiaries[0].last_name"
    assert last.expected == "Latin letters: no reader or care sheet can show И, в, а, н, о"
    assert first.place == "patients[7].beneficiaries[0].first_name"
    assert first.found == "'Пётр'"


def test_every_other_name_is_on_sheet_screen_and_card() -> None:
    practice = read(shown_names())
    sheets = [" ".join(words(each).split()) for each in prepared_invoices(practice)]
    assert not any("?" in each for each in sheets)
    for name in ("D\u2019ALMEIDA Chloë", "CŒUR Noël", "N\u2019GUYỄN Thị", "RENÉE Félix", "ANNE-MARIE X"):
        assert any(f"Nom et prénom {name} " in each for each in sheets), name
    for patient in practice.patients:
        assert "?" not in fold(patient.beneficiaries[0].last_name)
    files = [each.file for each in card_orders(practice)]
    assert {
        "vitale-coeur-noel.card",
        "vitale-renee-felix.card",
        "vitale-n-guyen-thi.card",
        "vitale-anne-marie-x.card",
    } <= {*files}


@pytest.mark.parametrize(
    "name", ["CŒUR", "ŒŒŒŒŒŒŒŒŒŒ", "N\u2019GUYỄN", "RENE\u0301E", "D\u2019ALMEIDA", "D'ALMEIDA", "ẞ" * 12]
)
def test_a_name_leaves_the_amount_whole_on_the_screen(name: str, tmp_path: Path) -> None:
    tree = shown_names()
    tree["patients"][0]["beneficiaries"][0]["last_name"] = "D'ALMEIDA"
    tree["patients"][6]["beneficiaries"][0]["last_name"] = name
    practice = read(tree)
    with tla_sim.SimulatedReader.in_memory(practice, seed=1) as reader:
        with Ledger.open(tmp_path / "ledger.db") as ledger:
            tla_sim.push(reader.client("serial"), ledger, practice)
        reader.unplug()
        reader.insert_vitale(name)
        assert reader.screen[0].startswith(fold(name)[:20])
        reader.press("DOWN")
        assert reader.screen[2].endswith(" 12,60")
        assert "?" not in "".join(reader.screen)


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("coeur", "CŒUR Noël"),
        ("CŒUR", "CŒUR Noël"),
        ("n'guyen", "N\u2019GUYỄN Thị"),
        ("nguyen", "N\u2019GUYỄN Thị"),
        ("rene", "RENÉE Félix"),
        ("RENE\u0301E FE\u0301LIX", "RENÉE Félix"),
        ("anne\u2011marie x", "ANNE-MARIE X"),
        ("anne marie x", "ANNE-MARIE X"),
        ("goff dupre", "LE GOFF-DUPRÉ Anne-Marie"),
        ("chloe", "D\u2019ALMEIDA Chloë"),
        ("d almeida zoe", "D'ALMEIDA Zoé"),
    ],
)
def test_lists_find_a_name_however_it_is_written(sought: str, found: str, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        for invoice in prepared_invoices(read(shown_names())):
            tla_sim.bill_degraded(ledger, invoice, tla_sim.Rights.ADR)
        lines = desk_lines(ledger, DeskList.FSE_TO_SECURE, DocumentFilter(patient=sought))
        assert [each.patient for each in lines] == [found]


@pytest.mark.parametrize(
    "name", ["\u0301", "A\u202eB", "A\u200bB", "MARTIN 😀", "王", "Ωμέγα", "A\u20d0", "A\tB"]
)
@pytest.mark.parametrize("who", ["patients", "practitioners", "funds"])
def test_what_no_output_can_show_is_told_with_its_place(name: str, who: str) -> None:
    tree = case("min-lunar.json")
    holder, key = tree[who][0], "label" if who == "funds" else "last_name"
    if who == "patients":
        holder = holder["beneficiaries"][0]
    holder[key] = name
    (found,) = problems(tree)
    assert found.place.startswith(f"{who}[0]")
    assert found.place.endswith(key)


def test_a_ledger_from_before_is_read_listed_and_printed(tmp_path: Path) -> None:
    """It holds decomposed accents, U+2011, œ, Cyrillic and a birth date without month and day."""
    path = tmp_path / "ledger.db"
    shutil.copy(CASES / "ledger-before-composed-names.db", path)
    with Ledger.open(path) as ledger:
        ledger.check()
        found = {
            sought: [each.number for each in ledger.documents(DocumentFilter(patient=sought))]
            for sought in ("coeur", "renee", "anne-marie")
        }
        assert found == {"coeur": ["190305103"], "renee": ["190305105"], "anne-marie": ["190305106"]}
        (renee,) = ledger.documents(DocumentFilter(patient="renee"))
        invoice = Fse.parse(ledger.fse(renee.id)).invoice
        assert invoice.beneficiary.birth_date.french == "00/00/2010"
        text = " ".join(words(invoice).split())
        assert "RENÉE Félix" in text
        assert "?" not in text
        (anne,) = ledger.documents(DocumentFilter(patient="anne-marie"))
        assert "ANNE-MARIE X" in words(PreparedInvoice.parse(ledger.invoice(anne.id)))


def test_lists_sort_names_however_they_are_written(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        for invoice in prepared_invoices(read(shown_names())):
            tla_sim.bill_degraded(ledger, invoice, tla_sim.Rights.PRACTICE)
        lines = desk_lines(ledger, DeskList.FSE_TO_SECURE, sort=Sort.PATIENT)
    assert [line.patient.split()[0] for line in lines] == [
        "=CMD()",
        "ANNE-MARIE",
        "CŒUR",
        "D\u2019ALMEIDA",
        "D'ALMEIDA",
        "DE",
        "LE",
        "N\u2019GUYỄN",
        "RENÉE",
        "W" * 60,
    ]
