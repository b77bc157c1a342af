"""Editing the practice over HTTP: checked as a file is, taken for this server, refused where it must be."""

from __future__ import annotations

import copy
import json
import re
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tools.web.bench_kit import TestClient, new_client
from tests.tools.web.surgery.bench_kit import NURSE
from tla_sim.host.documents import documents_of
from tla_sim.host.practice.document import practice_document, write_practice
from tla_sim.host.practice.file import MAX_FILE_BYTES, PracticeFileError, load_practice, parse_practice
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.language.summary_words import ENGLISH
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.surgery.work import Action

ROOT: Final = "/v1/practice"
BYTES: Final = {"Content-Type": "application/octet-stream"}
NUMBER: Final = "190305028"
DOCUMENT: Final = practice_document(demo_practice())
WRONG: Final[tuple[Any, ...]] = (
    "",
    "x",
    -1,
    1.5,
    None,
    [],
    {},
    "2019-02-30",
    "999999999",
    True,
    "<img src=x>",
)


def file(client: TestClient) -> Any:
    return client.get(f"{ROOT}/file").json()


def check(client: TestClient, document: Any, **headers: str) -> Any:
    answer = client.post(f"{ROOT}/check", content=json.dumps(document), headers={**BYTES, **headers})
    return answer.json()["problems"]


def put(client: TestClient, version: str, document: Any, **more: Any) -> httpx.Response:
    content = json.dumps(document).encode()
    answer: httpx.Response = client.put(
        f"{ROOT}/file", params={"version": version, **more}, content=content, headers=BYTES
    )
    return answer


def places(node: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return where the values of a document are."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [*([at] if at else []), *(each for key, value in items for each in places(value, (*at, key)))]


PLACES: Final = places(DOCUMENT)


def spoilt(at: tuple[str | int, ...], value: object) -> Any:
    """Return the practice's document with another value at a place; without it, for `...`."""
    document = copy.deepcopy(DOCUMENT)
    node: Any = document
    for step in at[:-1]:
        node = node[step]
    if value is ...:
        del node[at[-1]]
    else:
        node[at[-1]] = value
    return document


def test_a_practice_is_written_as_the_file_that_it_is_read_from() -> None:
    practice = demo_practice()
    assert parse_practice(write_practice(practice).encode()) == practice
    assert DOCUMENT["invoices"][0]["totals"] == {"total": "156.20", "fund": "156.20"}


def test_a_practice_too_long_to_be_read_with_its_blanks_is_written_without_them() -> None:
    practice = demo_practice()
    first = practice.invoices[0]
    many = tuple(first.model_copy(update={"number": f"{at:09}"}) for at in range(7_000))
    raw = write_practice(practice.model_copy(update={"invoices": many})).encode()
    assert len(raw) <= MAX_FILE_BYTES
    assert b"\n" not in raw


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.sampled_from(PLACES), value=st.sampled_from((*WRONG, ...)))
def test_the_check_finds_what_loading_the_file_finds(
    client: TestClient, at: tuple[str | int, ...], value: object
) -> None:
    document = spoilt(at, value)
    try:
        parse_practice(json.dumps(document).encode(), today=date.today())
        expected = []
    except PracticeFileError as error:
        expected = [(each.place, each.line, str(each)) for each in error.problems]
    found = check(client, document)
    assert [(each["place"], each["line"], each["sentence"]) for each in found] == expected


def test_a_problem_is_told_in_the_language_asked_for(client: TestClient) -> None:
    (found,) = check(client, spoilt(("name",), ...))
    assert (found["place"], found["told"][:9]) == ("name", "Expected:")
    (french,) = check(client, spoilt(("name",), ...), **{"Accept-Language": "fr"})
    assert french["told"].startswith("Attendu")
    wrong = spoilt(("invoices", 0, "totals", "fund"), "1.00")
    assert "parts that add up to 1.00" in check(client, wrong)[0]["told"]
    assert "des parts dont la somme fait 1,00" in check(client, wrong, **{"Accept-Language": "fr"})[0]["told"]
    assert french["sentence"] != found["sentence"]
    assert client.post(f"{ROOT}/check", content=b"{", headers=BYTES).json()["problems"][0]["place"] == ""


def test_a_problem_says_which_other_place_it_names(client: TestClient) -> None:
    twin = DOCUMENT["invoices"][0]
    (found,) = check(client, {**DOCUMENT, "invoices": [*DOCUMENT["invoices"], twin]})
    assert found["named"] == ["invoices[0]"]
    assert found["named"][0] in found["told"]
    (found,) = check(client, spoilt(("patients", 1, "id"), "martin"))[:1]
    assert found["named"] == ["patients[0]"]
    (found,) = check(client, spoilt(("name",), "patients[0]" * 9))
    assert found["named"] == []


def test_the_forms_propose_codes_that_a_file_takes_with_their_words_in_both_languages(
    client: TestClient,
) -> None:
    told = file(client)
    codes = told["codes"]
    assert codes["InvoiceCoverage.exoneration"]["codes"][2] == {
        "code": "5",
        "words": {"en": "Insured person or beneficiary exempt", "fr": "Assuré ou bénéficiaire exonéré"},
    }
    for name, listed in codes.items():
        part, field = name.split(".")
        pattern = told["json_schema"]["$defs"][part]["properties"][field]["pattern"]
        for each in listed["codes"]:
            assert re.search(pattern, each["code"]), name
            assert each["words"]["fr"] in ENGLISH


def test_an_edited_practice_is_taken_shown_and_saved(client: TestClient) -> None:
    before = file(client)
    assert before["practice"] == DOCUMENT
    document = spoilt(("practitioners", 1, "last_name"), "GUERIT")
    version = put(client, before["version"], document).json()["version"]
    assert file(client)["version"] == version != before["version"]
    owners = client.get(f"{ROOT}/invoices").json()["owners"]
    assert "GUERIT PAUL" in [each["name"] for each in owners]
    saved = client.get(f"{ROOT}/practice.json")
    assert saved.headers["content-disposition"] == 'attachment; filename="practice.json"'
    assert practice_document(parse_practice(saved.content)) == document


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(client: TestClient) -> None:
    version = file(client)["version"]
    assert put(client, version, spoilt(("name",), "CABINET A")).status_code == 200
    refused = put(client, version, spoilt(("name",), "CABINET B"))
    assert (refused.status_code, refused.json()["code"]) == (409, "practice-changed")
    assert "undo your changes" in refused.json()["action"]
    assert file(client)["practice"]["name"] == "CABINET A"


def test_a_flawed_practice_is_refused_in_the_words_of_the_file(client: TestClient) -> None:
    version = file(client)["version"]
    refused = put(client, version, spoilt(("patients", 0, "nir_key"), "11"))
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("patients[0].nir_key: found '11', expected '37'")
    assert file(client)["version"] == version


def test_nothing_is_taken_while_work_is_under_way(client: TestClient, bench: Bench) -> None:
    version = file(client)["version"]
    with bench.surgery.work.begin("reader-1", Action.LOAD, lambda _: None):
        refused = put(client, version, spoilt(("name",), "CABINET A"))
    assert (refused.status_code, refused.json()["code"]) == (409, "surgery-busy")
    assert put(client, version, spoilt(("name",), "CABINET A")).status_code == 200


def test_an_invoice_that_is_on_a_reader_cannot_be_edited(client: TestClient, bench: Bench) -> None:
    (invoice,) = (each for each in bench.surgery.prepared if each.number == NUMBER)
    with bench.surgery.open_ledger() as ledger:
        ledger.record_loaded(documents_of(invoice), "9900000001")
    before = file(client)
    at = next(i for i, each in enumerate(DOCUMENT["invoices"]) if each["number"] == NUMBER)
    refused = put(client, before["version"], spoilt(("invoices", at, "coverage", "care_path"), "U"))
    assert (refused.status_code, refused.json()["code"]) == (409, "content-differs")
    assert NUMBER in refused.json()["detail"]
    assert file(client)["version"] == before["version"]
    assert put(client, before["version"], spoilt(("name",), "CABINET A")).status_code == 200


@pytest.fixture
def new(client: TestClient) -> dict[str, Any]:
    """A new invoice of the nurse's, like her first, with the number that is proposed."""
    first = next(each for each in DOCUMENT["invoices"] if each["owner"] == NURSE)
    return {**copy.deepcopy(first), "number": file(client)["next_numbers"][NURSE]}


def test_a_new_invoice_appears_in_the_list_and_can_be_marked(client: TestClient, new: dict[str, Any]) -> None:
    version = file(client)["version"]
    told = client.post(f"{ROOT}/invoices", json={"version": version, "invoice": new})
    assert told.status_code == 200, told.text
    after = file(client)
    assert after["version"] == told.json()["version"]
    assert after["next_numbers"][NURSE] == str(int(new["number"]) + 1)
    lines = client.get(f"{ROOT}/invoices", params={"owner": NURSE}).json()["lines"]
    assert new["number"] in [each["number"] for each in lines]
    one = f"{ROOT}/invoices/{NURSE}/{new['number']}"
    assert client.put(f"{one}/choices", json={"degraded": True}).json()["mode"] == "degraded"
    assert client.get(f"{one}/sheet.pdf").status_code == 200


def test_a_flawed_new_invoice_is_refused_and_not_added(client: TestClient, new: dict[str, Any]) -> None:
    before = file(client)
    new["acts"][0]["amount"] = "1.00"
    refused = client.post(f"{ROOT}/invoices", json={"version": before["version"], "invoice": new})
    assert (refused.status_code, refused.json()["code"]) == (400, "practice-flawed")
    assert "the sum of its acts" in refused.json()["detail"]
    assert file(client)["version"] == before["version"]


def test_the_number_proposed_is_free_in_the_ledger_too(client: TestClient, bench: Bench) -> None:
    proposed = file(client)["next_numbers"]
    assert all(
        int(proposed[owner]) > int(each["number"])
        for owner in proposed
        for each in DOCUMENT["invoices"]
        if each["owner"] == owner
    )
    document = copy.deepcopy(DOCUMENT)
    first = next(each for each in document["invoices"] if each["owner"] == NURSE)
    document["invoices"].append({**first, "number": proposed[NURSE]})
    held = parse_practice(json.dumps(document).encode())
    version = file(client)["version"]
    assert put(client, version, document).status_code == 200
    invoice = bench.surgery.prepared[-1]
    assert held.invoices[-1].number == invoice.number == proposed[NURSE]
    with bench.surgery.open_ledger() as ledger:
        ledger.record_loaded(documents_of(invoice), "9900000001")
    assert put(client, file(client)["version"], DOCUMENT).status_code == 200
    assert file(client)["next_numbers"][NURSE] == str(int(proposed[NURSE]) + 1)


def test_an_invoice_is_shared_out_by_its_acts_and_its_coverage(
    client: TestClient, new: dict[str, Any]
) -> None:
    def totals(**coverage: Any) -> Any:
        new["coverage"] = {"nature": "10", **coverage}
        return client.post(f"{ROOT}/invoices/totals", json={"invoice": new}).json()["totals"]

    day = new["acts"][0]["date"]
    new["acts"] = [
        {"date": day, "code": "AMI", "coefficient": 4.5, "amount": "14.18"},
        {"date": day, "code": "IFA", "coefficient": 1, "amount": "2.50", "rate": 100},
    ]
    assert totals(rate=60, third_party_amo=True) == {
        "total": "16.68",
        "fund": "11.01",
        "insured": "5.67",
        "to_pay": "5.67",
    }
    assert totals(rate=60, third_party_amo=True, third_party_amc=True)["complementary"] == "5.67"
    assert totals(rate=100) == {"total": "16.68", "fund": "16.68", "to_pay": "16.68"}
    assert totals(rate=101) is None
    new["acts"] = []
    assert totals(rate=100) is None


def test_totals_that_are_computed_are_those_that_the_file_takes(client: TestClient) -> None:
    for each in DOCUMENT["invoices"]:
        told = client.post(f"{ROOT}/invoices/totals", json={"invoice": each}).json()["totals"]
        document = copy.deepcopy(DOCUMENT)
        document["invoices"] = [{**each, "totals": told}]
        assert check(client, document) == []


def test_the_file_is_written_if_that_is_wanted_and_what_it_had_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "practice.json"
    path.write_text(write_practice(demo_practice()), "utf-8")
    path.chmod(0o640)
    bench = Bench(load_practice(path), practice_file=path)
    changed = {**DOCUMENT, "name": "CABINET A"}
    try:
        with new_client(bench) as client:
            before = file(client)
            assert before["file"] == "practice.json"
            assert put(client, before["version"], changed).json()["written"] is None
            assert load_practice(path) == demo_practice()
            taken = put(client, file(client)["version"], {**changed, "name": "CABINET B"}, write=True)
            assert taken.json()["written"] == "practice.json"
            assert load_practice(path).name == "CABINET B"
            assert path.stat().st_mode & 0o777 == 0o640
            assert load_practice(tmp_path / "practice.json.bak") == demo_practice()
            path.write_text(write_practice(demo_practice()), "utf-8")
            refused = put(client, file(client)["version"], changed, write=True)
            assert (refused.status_code, refused.json()["code"]) == (409, "practice-not-written")
            assert file(client)["practice"]["name"] == "CABINET B"
            assert load_practice(path) == demo_practice()
    finally:
        bench.close()


def test_what_is_kept_of_the_file_never_takes_the_place_of_anything(tmp_path: Path) -> None:
    path, mine, linked = (tmp_path / each for each in ("practice.json", "practice.json.bak", "elsewhere"))
    path.write_text(write_practice(demo_practice()), "utf-8")
    mine.write_text("mine")
    (tmp_path / "practice.json.bak.1").symlink_to(linked)
    bench = Bench(load_practice(path), practice_file=path)
    try:
        with new_client(bench) as client:
            for name in ("CABINET A", "CABINET B"):
                put(client, file(client)["version"], {**DOCUMENT, "name": name}, write=True)
                assert load_practice(path).name == name
    finally:
        bench.close()
    assert (mine.read_text(), linked.exists()) == ("mine", False)
    assert load_practice(tmp_path / "practice.json.bak.2") == demo_practice()
    assert not (tmp_path / "practice.json.bak.3").exists(), "what it had at first is kept, once"


def test_without_a_file_of_its_own_nothing_is_written(client: TestClient) -> None:
    before = file(client)
    assert before["file"] is None
    refused = put(client, before["version"], {**DOCUMENT, "name": "CABINET A"}, write=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "practice-not-written")
    assert file(client) == before
