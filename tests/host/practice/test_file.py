"""Practice files: what is accepted becomes invoices to the cent; what is not is named with its place."""

from __future__ import annotations

import copy
import json
import os
import re
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import make_practice_tree
from tla_sim.host.practice.fields import Listing, Shape
from tla_sim.host.practice.file import (
    MAX_FILE_BYTES,
    MAX_PROBLEMS,
    load_practice,
    parse_practice,
    practice_schema,
)
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Practice
from tla_sim.host.practice.nir import nir_key
from tla_sim.host.practice.part import Part
from tla_sim.host.practice.problem import PracticeFileError, Problem, UnknownOwner
from tla_sim.host.practice.structure import SECTIONS
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.invoice import Act
from tla_sim.protocol.names import compose_name, find_undrawable
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cast.people import NURSE
from tla_sim.tools.language.french import french_forms

Tree = dict[str, Any]


def written(tree: object) -> bytes:
    return json.dumps(tree, indent=1, ensure_ascii=False).encode()


def accepted(tree: object) -> Practice:
    return parse_practice(written(tree))


def problems(raw: bytes) -> tuple[Problem, ...]:
    with pytest.raises(PracticeFileError) as caught:
        parse_practice(raw, "cabinet.json")
    assert caught.value.problems
    return caught.value.problems


def parts_of_a_file() -> Iterator[type[Part]]:
    kinds = [Part]
    while kinds:
        kinds.extend(kinds.pop().__subclasses__())
        yield from kinds[-1:]


def bent(bend: Callable[[Tree], object]) -> bytes:
    tree = make_practice_tree()
    bend(tree)
    return written(tree)


# What is accepted


def test_a_file_becomes_prepared_invoices_exactly() -> None:
    nurse, doctor = prepared_invoices(accepted(make_practice_tree()))
    assert (nurse.number, nurse.owner, nurse.made_on) == ("190305028", NURSE, date(2019, 3, 5))
    assert [
        (act.code, act.coefficient, act.quantity, act.amount) for act in nurse.acts if isinstance(act, Act)
    ] == [
        ("AMI", 450, 1, 10_010),
        ("IFD", 100, 2, 5_610),
    ]
    assert nurse.totals.total == nurse.totals.fund == 15_620
    assert nurse.amo.recipient == "CPAM - DEMONSTRATION"
    assert nurse.prescription is not None
    assert nurse.prescription.prescribed_on == date(2019, 1, 1)
    assert (nurse.coverage.nature, nurse.coverage.exoneration, nurse.coverage.rate) == ("10", "5", 100)
    assert nurse.coverage.third_party_amo
    assert nurse.beneficiary_key.birth_date == "19550812"
    assert doctor.patient.first_name == "ZOÉ"
    assert doctor.beneficiary.birth_date == "20100000"
    assert (doctor.totals.insured, doctor.acts[0].rate) == (750, 70)


def test_one_owners_invoices_can_be_asked_for_and_an_unknown_one_is_named() -> None:
    practice = accepted(make_practice_tree())
    assert [each.owner for each in prepared_invoices(practice, "75100002")] == ["75100002"]
    with pytest.raises(UnknownOwner, match=NURSE):
        prepared_invoices(practice, "123456789")


def test_a_mutuelle_under_third_party_payment_becomes_the_amc_group() -> None:
    tree = make_practice_tree()
    tree["patients"][0]["beneficiaries"][0]["mutuelle"] = {"identifier": "99999997", "name": "MUTUELLE DÉMO"}
    tree["invoices"][0]["coverage"]["third_party_amc"] = True
    invoice = prepared_invoices(accepted(tree), NURSE)[0]
    assert invoice.amc is not None
    assert (invoice.amc.identifier, invoice.amc.name) == ("99999997", "MUTUELLE DÉMO")


def test_a_member_of_staff_has_a_cpe_unless_the_file_says_cpf() -> None:
    tree = make_practice_tree()
    tree["staff"].append({**tree["staff"][0], "national_id": "1", "card": "cpf"})
    assert [member.card for member in accepted(tree).staff] == ["cpe", "cpf"]
    choice = practice_schema()["$defs"]["StaffMember"]["properties"]["card"]
    assert choice["default"] == "cpe"
    assert [bool(re.search(choice["pattern"], card)) for card in ("cpe", "cpf", "cps")] == [True, True, False]


def test_the_coverage_code_is_that_of_the_invoices_date() -> None:
    tree = make_practice_tree()
    tree["patients"][0]["beneficiaries"][0]["coverage"] = [
        {"start": "2018-01-01", "end": "2018-12-31", "ald_code": "0", "situation_code": "0100"},
        {"start": "2019-01-01", "ald_code": "1", "situation_code": "0200"},
    ]
    assert prepared_invoices(accepted(tree), NURSE)[0].beneficiary.coverage_code == "10200"


def test_a_byte_order_mark_is_accepted() -> None:
    assert parse_practice(b"\xef\xbb\xbf" + written(make_practice_tree())).name == "Cabinet de démonstration"


def amount_forms(cents: int) -> st.SearchStrategy[object]:
    forms: list[object] = [f"{cents // 100}.{cents % 100:02}", cents / 100]
    if cents % 100 == 0:
        forms += [cents // 100, str(cents // 100)]
    if cents % 10 == 0:
        forms.append(f"{cents // 100}.{cents % 100 // 10}")
    return st.sampled_from(forms)


@st.composite
def practices(draw: st.DrawFn) -> tuple[Tree, list[list[int]]]:
    tree = make_practice_tree()
    letters = st.characters(max_codepoint=0x24F, categories=("L", "N", "P", "Zs")).filter(
        lambda each: not find_undrawable(each)
    )
    text = st.text(letters, min_size=1, max_size=60).filter(
        lambda each: compose_name(each).isprintable() and compose_name(each) == compose_name(each).strip()
    )
    tree["patients"][0]["beneficiaries"][0]["last_name"] = draw(text)
    tree["funds"][0]["label"] = draw(text)
    template = tree["invoices"][0]
    tree["invoices"] = []
    expected = []
    for index in range(draw(st.integers(1, 4))):
        amounts = draw(st.lists(st.integers(0, 999_999), min_size=1, max_size=60))
        total = sum(amounts)
        insured = draw(st.integers(0, total))
        invoice = copy.deepcopy(template)
        invoice["number"] = f"{index:09}"
        invoice["beneficiary"] = draw(st.integers(1, 2))
        invoice["owner"] = draw(st.sampled_from((NURSE, "75100002")))
        invoice["acts"] = [
            {
                "date": draw(st.dates(date(2019, 1, 1), date(2019, 3, 5))).isoformat(),
                "code": "AMI",
                "coefficient": draw(amount_forms(draw(st.integers(0, 99_999)))),
                "amount": draw(amount_forms(amount)),
            }
            for amount in amounts
        ]
        invoice["totals"] = {
            "total": draw(amount_forms(total)),
            "fund": draw(amount_forms(total - insured)),
            "insured": draw(amount_forms(insured)),
        }
        tree["invoices"].append(invoice)
        expected.append(amounts)
    return tree, expected


@given(practices())
def test_every_accepted_invoice_survives_its_bytes_to_the_cent(sample: tuple[Tree, list[list[int]]]) -> None:
    tree, expected = sample
    invoices = prepared_invoices(accepted(tree))
    assert [[act.amount for act in each.acts] for each in invoices] == expected
    for each in invoices:
        assert PreparedInvoice.parse(each.build()) == each


# What is refused, each with its place

CASES: list[tuple[str, Callable[[Tree], object], str, str, str]] = [
    (
        "unknown owner",
        lambda t: t["invoices"][0].update(owner="99999999"),
        "invoices[0].owner",
        "'99999999'",
        NURSE,
    ),
    (
        "unknown patient",
        lambda t: t["invoices"][0].update(patient="durand"),
        "invoices[0].patient",
        "'durand'",
        "patient",
    ),
    ("unknown fund", lambda t: t["invoices"][1].update(fund="x"), "invoices[1].fund", "'x'", "cpam"),
    (
        "unknown prescriber",
        lambda t: t["invoices"][0]["prescription"].update(prescriber="x"),
        "invoices[0].prescription.prescriber",
        "'x'",
        "toubib",
    ),
    (
        "beneficiary off the card",
        lambda t: t["invoices"][0].update(beneficiary=3),
        "invoices[0].beneficiary",
        "3",
        "1 to 2",
    ),
    (
        "bad NIR key",
        lambda t: t["patients"][0].update(nir_key="42"),
        "patients[0].nir_key",
        "'42'",
        "'47'",
    ),
    (
        "NIR with a letter",
        lambda t: t["patients"][0].update(nir="15508999A9001"),
        "patients[0].nir",
        "'15508999A9001'",
        "NIR",
    ),
    (
        "bad certified NIR key",
        lambda t: t["patients"][0]["beneficiaries"][1].update(
            certified_nir="1550899999001", certified_nir_key="00"
        ),
        "patients[0].beneficiaries[1].certified_nir_key",
        "'00'",
        "'47'",
    ),
    (
        "certified NIR without key",
        lambda t: t["patients"][0]["beneficiaries"][1].update(certified_nir="1550899999001"),
        "patients[0].beneficiaries[1].certified_nir",
        "without",
        "key",
    ),
    (
        "total unequal to its acts",
        lambda t: t["invoices"][0]["totals"].update(total="156.30", fund="156.30"),
        "invoices[0].totals.total",
        "156.30",
        "156.20",
    ),
    (
        "parts unequal to the total",
        lambda t: t["invoices"][0]["totals"].update(insured="0.01"),
        "invoices[0].totals",
        "156.21",
        "156.20",
    ),
    (
        "more to pay than the total",
        lambda t: t["invoices"][0]["totals"].update(to_pay=157),
        "invoices[0].totals.to_pay",
        "157.00",
        "156.20",
    ),
    (
        "duplicate number of one owner",
        lambda t: t["invoices"].append(copy.deepcopy(t["invoices"][0])),
        "invoices[2].number",
        "'190305028' again",
        "invoices[0]",
    ),
    (
        "duplicate billing number",
        lambda t: [
            t["practitioners"][1]["situations"][0].update(billing_number=NURSE),
            t["invoices"].pop(),
        ],
        "practitioners[1].situations[0].billing_number",
        "again",
        "practitioners[0]",
    ),
    (
        "duplicate logical number",
        lambda t: t["practitioners"][0]["situations"].append(
            {"logical_number": 1, "billing_number": "75600009", "billing_key": "9"}
        ),
        "practitioners[0].situations[1].logical_number",
        "1 again",
        "another",
    ),
    (
        "duplicate national id",
        lambda t: t["staff"][0].update(national_id="10100000001"),
        "staff[0].national_id",
        "again",
        "practitioners[0]",
    ),
    (
        "duplicate patient",
        lambda t: t["patients"].append({**copy.deepcopy(t["patients"][0]), "card_serial": "V2"}),
        "patients[1].id",
        "again",
        "patients[0]",
    ),
    (
        "duplicate card serial",
        lambda t: t["patients"].append({**copy.deepcopy(t["patients"][0]), "id": "other"}),
        "patients[1].card_serial",
        "again",
        "patients[0]",
    ),
    (
        "twins of one rank",
        lambda t: t["patients"][0]["beneficiaries"].append(
            {
                "last_name": "MARTIN",
                "first_name": "A",
                "birth_date": "1955-08-12",
                "birth_rank": "1",
                "quality": "6",
            }
        ),
        "patients[0].beneficiaries[2].birth_rank",
        "'1'",
        "rank",
    ),
    (
        "rights that end before they start",
        lambda t: t["patients"][0]["beneficiaries"][0]["rights"][0].update(end="2018-12-31"),
        "patients[0].beneficiaries[0].rights[0].end",
        "2018-12-31",
        "2019-01-01 or later",
    ),
    (
        "AMC third party without mutuelle",
        lambda t: t["invoices"][0]["coverage"].update(third_party_amc=True),
        "invoices[0].coverage.third_party_amc",
        "true",
        "mutuelle",
    ),
    (
        "replaced number without key",
        lambda t: t["practitioners"][0]["situations"][0].update(replaced_number="75600003", replaced_key=""),
        "practitioners[0].situations[0].replaced_key",
        "''",
        "both",
    ),
    (
        "amount of the wrong type",
        lambda t: t["invoices"][0]["acts"][1].update(amount=True),
        "invoices[0].acts[1].amount",
        "true",
        "156.20",
    ),
    (
        "amount with three decimals",
        lambda t: t["invoices"][0]["acts"][1].update(amount=56.101),
        "invoices[0].acts[1].amount",
        "56.101",
        "156.20",
    ),
    (
        "negative amount",
        lambda t: t["invoices"][0]["acts"][1].update(amount="-1.00"),
        "invoices[0].acts[1].amount",
        "'-1.00'",
        "none negative",
    ),
    (
        "amount with a comma",
        lambda t: t["invoices"][0]["acts"][1].update(amount="56,10"),
        "invoices[0].acts[1].amount",
        "'56,10'",
        "156.20",
    ),
    (
        "number as a number",
        lambda t: t["invoices"][0].update(number=190305028),
        "invoices[0].number",
        "190305028",
        "9 digits",
    ),
    (
        "list instead of object",
        lambda t: t["invoices"][0].update(coverage=[1, 2]),
        "invoices[0].coverage",
        "a list of 2",
        "an object",
    ),
    (
        "text instead of flag",
        lambda t: t["invoices"][0]["coverage"].update(third_party_amo="oui"),
        "invoices[0].coverage.third_party_amo",
        "'oui'",
        "true or false",
    ),
    (
        "card that nobody on the staff has",
        lambda t: t["staff"][0].update(card="cps"),
        "staff[0].card",
        "'cps'",
        "a card, 'cpe' or 'cpf'",
    ),
    (
        "card in capitals",
        lambda t: t["staff"][0].update(card="CPF"),
        "staff[0].card",
        "'CPF'",
        "a card, 'cpe' or 'cpf'",
    ),
    (
        "card that is no text",
        lambda t: t["staff"][0].update(card=["cpf"]),
        "staff[0].card",
        "a list of 1",
        "a card, 'cpe' or 'cpf'",
    ),
    (
        "card chosen for a practitioner",
        lambda t: t["practitioners"][0].update(card="cpf"),
        "practitioners[0].card",
        "an unknown key",
        "only the keys",
    ),
    (
        "date written the French way",
        lambda t: t["invoices"][0].update(date="05/03/2019"),
        "invoices[0].date",
        "'05/03/2019'",
        "YYYY-MM-DD",
    ),
    (
        "30 February",
        lambda t: t["invoices"][0].update(date="2019-02-30"),
        "invoices[0].date",
        "'2019-02-30'",
        "a day that exists: 2019-02 has 28 days",
    ),
    (
        "birth date of one digit less",
        lambda t: t["patients"][0]["beneficiaries"][1].update(birth_date="2010-1-12"),
        "patients[0].beneficiaries[1].birth_date",
        "'2010-1-12'",
        "YYYY-MM-DD",
    ),
    (
        "birth date before anybody's birth",
        lambda t: t["patients"][0]["beneficiaries"][1].update(birth_date="0000-00-00"),
        "patients[0].beneficiaries[1].birth_date",
        "'0000-00-00'",
        "YYYY-MM-DD",
    ),
    (
        "name with a control character",
        lambda t: t["patients"][0]["beneficiaries"][0].update(last_name="MAR\x1b[31mTIN"),
        "patients[0].beneficiaries[0].last_name",
        r"\x1b",
        "printable",
    ),
    (
        "name that changes direction",
        lambda t: t["practitioners"][0].update(last_name="A\u202eB"),
        "practitioners[0].last_name",
        r"\u202e",
        "printable",
    ),
    (
        "name that is half a character",
        lambda t: t["practitioners"][0].update(last_name="@@"),
        "practitioners[0].last_name",
        r"\ud800",
        "printable",
    ),
    (
        "name too long",
        lambda t: t["practitioners"][0].update(last_name="A" * 61),
        "practitioners[0].last_name",
        "AAA",
        "60",
    ),
    (
        "no acts",
        lambda t: t["invoices"][0].update(acts=[]),
        "invoices[0].acts",
        "a list of 0",
        "1 to 60",
    ),
    (
        "too many beneficiaries",
        lambda t: t["patients"][0].update(beneficiaries=[{}] * 20),
        "patients[0].beneficiaries",
        "a list of 20",
        "1 to 19",
    ),
    (
        "missing field",
        lambda t: t["invoices"][0]["acts"][0].pop("amount"),
        "invoices[0].acts[0].amount",
        "nothing",
        "an amount",
    ),
    (
        "missing section",
        lambda t: [t.pop("practitioners"), t.update(invoices=[])],
        "practitioners",
        "nothing",
        "a list",
    ),
    (
        "section of the wrong type",
        lambda t: t.update(staff={"a": 1}),
        "staff",
        "an object",
        "a list",
    ),
    (
        "unknown key",
        lambda t: t["invoices"][0].update(totaal=3),
        "invoices[0].totaal",
        "an unknown key",
        "totals",
    ),
    (
        "unknown key that is no word",
        lambda t: t["invoices"][0].update({"\x1b[2J": 3}),
        r"invoices[0]['\x1b[2J']",
        "an unknown key",
        "totals",
    ),
    ("later version", lambda t: t.update(version=2), "version", "2", "1, the version"),
    (
        "infinite amount",
        lambda t: t["invoices"][0]["totals"].update(total="Infinity"),
        "invoices[0].totals.total",
        "'Infinity'",
        "an amount",
    ),
]


@pytest.mark.parametrize(
    ("name", "bend", "place", "found", "expected"), CASES, ids=[case[0] for case in CASES]
)
def test_an_error_is_named_with_its_place_and_what_is_expected(
    name: str, bend: Callable[[Tree], object], place: str, found: str, expected: str
) -> None:
    raw = bent(bend).replace(b'"@@"', b'"\\ud800"')
    (problem,) = problems(raw)
    assert problem.place == place, name
    assert found in problem.found
    assert expected in problem.expected
    assert str(problem).isprintable()
    key = place.rpartition("." if place[-1] != "]" else "[")[2].strip("']")
    where = raw.decode().splitlines()[problem.line - 1]
    assert (key in where) is (problem.found != "nothing")


def test_all_errors_are_reported_at_once_in_the_order_of_the_file() -> None:
    def bend(tree: Tree) -> None:
        tree["practitioners"][0]["situations"][0]["may_sign_lot"] = "yes"
        tree["patients"][0]["nir_key"] = "42"
        tree["invoices"][0]["owner"] = "99999999"
        tree["invoices"][0]["totals"]["insured"] = "1.00"
        tree["invoices"][1]["acts"][0]["amount"] = None
        tree["invoices"].append(17)

    found = problems(bent(bend))
    assert [each.place for each in found] == [
        "practitioners[0].situations[0].may_sign_lot",
        "patients[0].nir_key",
        "invoices[0].owner",
        "invoices[0].totals",
        "invoices[1].acts[0].amount",
        "invoices[2]",
    ]
    assert [each.line for each in found] == sorted(each.line for each in found)


def test_an_error_in_a_practitioner_does_not_make_the_owner_unknown() -> None:
    (problem,) = problems(bent(lambda tree: tree["practitioners"][0].update(last_name=7)))
    assert problem.place == "practitioners[0].last_name"


def test_lines_are_those_of_the_file_however_it_is_laid_out() -> None:
    tree = make_practice_tree()
    tree["name"] = 'tricky \\" ] } , \n'.strip() + " x"
    tree["invoices"][1]["date"] = "never"
    (flat,) = problems(json.dumps(tree).encode())
    assert flat.line == 1
    spread = json.dumps(tree, indent=4).replace('"never"', '\n\n\t\r\n"never"')
    (problem,) = problems(spread.encode())
    assert problem.line == spread.split('"never"')[0].count("\n") + 1


TEXT_CASES: list[tuple[str, bytes, int, str, str]] = [
    ("empty", b"", 1, "the end of the text", "a JSON value"),
    ("cut short", b'{"name":\n "x"', 2, "the end of the text", "a comma"),
    ("not UTF-8", b'{\n"name": "\xe9"}', 2, "byte E9 at offset 11", "UTF-8"),
    ("not UTF-8 after a byte order mark", b"\xef\xbb\xbf\xff", 1, "byte FF at offset 3", "UTF-8"),
    ("UTF-16 cut short", '{\n"a"'.encode("utf-16")[:-1], 2, "UTF-16 that breaks off", "UTF-8"),
    ("UTF-16 with a key twice", '{"a":\n1,"a":2}'.encode("utf-16"), 1, "'a' twice", "once"),
    ("NaN", b'{"a": "NaN",\n"b": NaN}', 2, "NaN", "finite"),
    ("Infinity", b'{"a":\n\n-Infinity}', 3, "-Infinity", "finite"),
    ("a bomb of brackets", b"\n" + b"[" * 200_000, 2, "nested", "32"),
    ("a bomb of objects", b'{"a":' * 100_000, 1, "nested", "32"),
    ("a number of 5,000 digits", b'{"name":\n' + b"9" * 5_000 + b"}", 2, "digits", "smaller"),
    ("a doubled key", b'{"name": "a",\n"name": "b"}', 1, "'name' twice", "once"),
    ("a doubled key inside", b'{"name": "a",\n"staff": [{"x": 1, "x": 2}]}', 2, "'x' twice", "once"),
    ("no object", b"[]", 1, "a list of 0", "an object"),
    ("a million keys", b"{" + b",".join(b'"%d":1' % n for n in range(10**6)) + b"}", 1, "keys", "100"),
]


@pytest.mark.parametrize(
    ("name", "raw", "line", "found", "expected"), TEXT_CASES, ids=[c[0] for c in TEXT_CASES]
)
def test_what_is_no_json_of_ours_is_refused_with_its_line(
    name: str, raw: bytes, line: int, found: str, expected: str
) -> None:
    (problem,) = problems(raw)
    assert problem.line == line, name
    assert found in problem.found
    assert expected in problem.expected


def test_endless_errors_are_cut_off_and_said_to_be() -> None:
    with pytest.raises(PracticeFileError, match="or more") as caught:
        accepted({**make_practice_tree(), "invoices": [{}] * 20_000})
    assert len(caught.value.problems) == MAX_PROBLEMS
    assert not caught.value.complete
    assert len(str(caught.value)) < 10_000


def leaves_become(tree: Any, value: object) -> Any:
    """Return a file in which every value that has no parts is another one."""
    if isinstance(tree, dict):
        return {key: leaves_become(each, value) for key, each in tree.items()}
    return [leaves_become(each, value) for each in tree] if isinstance(tree, list) else value


def said_in_french(text: str) -> bool:
    """Return whether a sentence, and every sentence within it, is in the catalogue."""
    if not isinstance(text, Sentence):
        return False
    within = [each for each in text.values.values() if isinstance(each, Sentence)]
    return french_forms(text.template) != () and all(map(said_in_french, within))


def test_what_every_kind_of_value_expected_is_said_in_french() -> None:
    declared = [
        mark.expected
        for part in parts_of_a_file()
        for field in part.model_fields.values()
        for marks in (field.metadata, *map(get_args, get_args(field.annotation)))
        for mark in marks
        if isinstance(mark, Shape | Listing)
    ]
    assert len(declared) > 90
    assert [each for each in declared if not said_in_french(each)] == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "Ж",
        "...",
        -1,
        100_000,
        1.5,
        None,
        True,
        [],
        {},
        "2019-02-30",
        "1899-01-01",
        "FP",
        "FF",
        "5" * 13,
    ],
    ids=repr,
)
def test_what_a_wrong_value_expected_is_said_in_french(value: object) -> None:
    tree = {**leaves_become(make_practice_tree(), value), "stray": 1}
    wrong = problems(written(tree))
    assert len(wrong) > 20
    assert [each.expected for each in wrong if not said_in_french(each.expected)] == []


def test_what_a_missing_value_expected_is_said_in_french() -> None:
    for section in SECTIONS:
        tree = make_practice_tree()
        tree[section] = [{}]
        wrong = problems(written(tree))
        assert [each.expected for each in wrong if not said_in_french(each.expected)] == []


# Files


def test_a_file_is_loaded_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "cabinet du port.json"
    path.write_bytes(written(make_practice_tree()))
    assert load_practice(path) == accepted(make_practice_tree())


def test_100_megabytes_of_nonsense_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "nonsense.json"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    tracemalloc.start()
    try:
        with pytest.raises(PracticeFileError, match=f"at most {MAX_FILE_BYTES // 1024 // 1024} MiB"):
            load_practice(path)
        assert tracemalloc.get_traced_memory()[1] < MAX_FILE_BYTES
    finally:
        tracemalloc.stop()


def test_only_a_regular_readable_file_is_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(PracticeFileError, match="a regular file"):
            load_practice(path)
    with pytest.raises(PracticeFileError, match="no such file"):
        load_practice(tmp_path / "absent.json")
    with pytest.raises(PracticeFileError, match="null"):
        load_practice("a\0b")


def test_nir_keys_of_the_mainland_and_of_corsica() -> None:
    assert nir_key("2550814168025") == "38"  # the example that public descriptions of the NIR give
    assert nir_key("285052A999001") == f"{97 - (2850520999001 - 1_000_000) % 97:02}"
    assert nir_key("285052B999001") == f"{97 - (2850520999001 - 2_000_000) % 97:02}"


def test_health_data_stays_out_of_reprs() -> None:
    practice = accepted(make_practice_tree())
    assert "MARTIN" not in repr(practice) + str(practice.patients[0]) + repr(practice.patients)


def test_the_schema_describes_every_part() -> None:
    schema = practice_schema()
    assert set(schema["properties"]) == set(Practice.model_fields)
    assert schema["properties"]["invoices"]["maxItems"] == 20_000
    assert schema["$defs"]["Totals"]["additionalProperties"] is False
    json.dumps(schema)
