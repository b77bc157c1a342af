"""Editing the practice on its page: forms checked as one types, a new invoice, files opened and saved."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.web.browser_kit import View, looking
from tests.integration.web.practice.practice_page import PRACTICE, PracticePage
from tests.integration.web.test_accessible import OPPOSITE
from tests.integration.web.web_process import WebProcess, serving
from tla_sim.host.practice.document import practice_document, write_practice
from tla_sim.host.practice.file import load_practice, parse_practice
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.language import Language

EDITING: Final = f"{PRACTICE}#editing"
HOSTILE: Final = "<img src=x onerror=\"document.title='taken'\">"
MOST_TABS: Final = 60


def file(web: WebProcess) -> dict[str, Any]:
    told: dict[str, Any] = web.ask("GET", "/practice/file")["practice"]
    return told


def change_elsewhere(web: WebProcess) -> None:
    """Add an invoice as another page does."""
    told = web.ask("GET", "/practice/file")
    last = told["practice"]["invoices"][-1]
    added = last | {"number": told["next_numbers"][last["owner"]]}
    web.ask("POST", "/practice/invoices", {"version": told["version"], "invoice": added})


def labelled(page: PracticePage, label: str) -> Locator:
    return page.view.get_by_label(page.word(label), exact=True)


def problem(page: PracticePage) -> Locator:
    return page.view.locator(".edit-checked a")


def test_a_name_is_changed_saved_and_shown_as_it_is(browser: Browser, own_web: WebProcess) -> None:
    with looking(browser, own_web.url, path=f"{EDITING}/practitioners/1") as bench:
        page = PracticePage(bench)
        status = page.view.locator(".edit-state")
        page.button("Scan the signature…").click()
        expect(
            page.dialog.get_by_role("region", name="Digitised signature of TOUBIB PAUL")
        ).to_be_in_viewport()
        page.page.keyboard.press("Escape")
        labelled(page, "Last name").fill("GUERIT")
        labelled(page, "First name").fill(HOSTILE)
        expect(status).to_have_text("There are changes that are not saved.")
        assert file(own_web)["practitioners"][1]["last_name"] == "TOUBIB"
        page.button("Undo the last change").click()
        expect(labelled(page, "First name")).to_have_value("PAUL")
        expect(labelled(page, "Last name")).to_have_value("GUERIT")
        page.button("Undo the last change").click()
        expect(labelled(page, "Last name")).to_have_value("TOUBIB")
        expect(status).not_to_have_text("There are changes that are not saved.")
        labelled(page, "Last name").fill("GUERIT")
        labelled(page, "First name").fill(HOSTILE)
        page.view.get_by_role("link", name="Patients").click()
        page.button("Save the changes").click()
        expect(status).to_have_text("Everything is saved for as long as this server runs.")
        assert file(own_web)["practitioners"][1]["last_name"] == "GUERIT"
        cards = page.view.locator(".callout[role=status]")
        expect(cards).to_be_hidden()
        page.view.get_by_role("link", name="Employees").click()
        page.button("Add an employee").click()
        labelled(page, "National number").fill("99900000042")
        labelled(page, "Last name").fill("NOVICE")
        labelled(page, "First name").fill("LEA")
        page.button("Save the changes").click()
        expect(cards).to_contain_text("The readers that are here have no card of NOVICE LEA: add a reader")
        own_web.make_reader("later")
        later = own_web.ask("GET", "/readers/later/cards")["cards"]
        assert "NOVICE LEA" in [each["holder"] for each in later]
        page.view.get_by_role("link", name="Practitioners").click()
        expect(page.link(f"GUERIT {HOSTILE}")).to_be_visible()
        page.page.keyboard.press("i")
        expect(page.view.get_by_role("row").filter(has_text=f"GUERIT {HOSTILE}").first).to_be_visible()
        assert page.page.locator("img[onerror]").count() == 0
        assert page.page.title() != "taken"


def test_a_problem_is_shown_once_one_left_its_field_and_gone_when_it_is_mended(
    browser: Browser, own_web: WebProcess
) -> None:
    with looking(browser, own_web.url, View(), path=f"{EDITING}/patients/1") as bench:
        page = PracticePage(bench)
        key = labelled(page, "NIR key")
        right = key.input_value()
        with page.page.expect_response(re.compile("/practice/check$")):
            key.fill("1")
        expect(problem(page)).to_have_count(0)
        key.press("Tab")
        expect(key).to_have_attribute("aria-invalid", "true")
        expect(key).to_have_accessible_description("Found '1', expected a key of two digits")
        expect(problem(page)).to_have_text("Patient DESMAUX NATHALIE · NIR key")
        page.button("Save the changes").click()
        expect(key).to_be_focused()
        page.view.get_by_role("link", name="Funds").click()
        problem(page).click()
        expect(key).to_be_focused()
        key.fill(right)
        expect(problem(page)).to_have_count(0)
        expect(key).to_have_accessible_description("")


def reach(page: PracticePage, target: Locator) -> None:
    """Go to an element by Tab alone."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("(element) => element === document.activeElement"):
            return
        page.page.keyboard.press("Tab")
    expect(target).to_be_focused()


def test_a_new_invoice_is_written_by_keyboard_alone(browser: Browser, own_web: WebProcess) -> None:
    with looking(browser, own_web.url, path=PRACTICE) as bench:
        page = PracticePage(bench)
        page.ready()
        page.page.keyboard.press("i")
        expect(page.view.get_by_role("grid")).to_be_visible()
        reach(page, page.link("New invoice"))
        page.page.keyboard.press("Enter")
        number = labelled(page, "Invoice number")
        expect(number).to_have_value("190305029")
        for label, typed in (
            ("Patient (Vitale card)", "DESMAUX"),
            ("Recipient", "CPAM"),
            ("Nature of insurance", "10"),
            ("Rate (%)", "100"),
            ("Key letter", "ami"),
            ("Coefficient", "4"),
            ("Amount of the line", "12.60"),
            ("Total amount", "12.60"),
            ("Paid by the fund (AMO)", "12.00"),
        ):
            reach(page, labelled(page, label).first)
            page.page.keyboard.type(typed)
        expect(labelled(page, "Key letter")).to_have_value("AMI")
        expect(page.view.locator(".edit-meaning")).to_have_text(["Illness", ""])
        expect(page.view.locator(".edit-problem:visible")).to_have_count(0)
        page.page.keyboard.press("Tab")
        expect(page.view.locator(".edit-group > .edit-problem:visible")).to_contain_text("12.60, the total")
        page.page.keyboard.press("Shift+Tab")
        page.page.keyboard.press("ControlOrMeta+a")
        page.page.keyboard.type("12.60")
        expect(page.view.locator(".edit-problem:visible")).to_have_count(0)
        reach(page, page.button("Save the invoice"))
        page.page.keyboard.press("Enter")
        expect(page.page).to_have_url(re.compile(r"#invoices/\d+/190305029$"))
        expect(page.view).to_contain_text("DESMAUX NATHALIE")
        page.page.keyboard.press("i")
        expect(page.link("190305029")).to_be_visible()
        assert file(own_web)["invoices"][-1]["totals"] == {"total": "12.60", "fund": "12.60"}


def test_a_new_invoice_is_judged_where_somebody_was_and_as_a_whole_once_it_is_saved(
    browser: Browser, own_web: WebProcess
) -> None:
    with looking(browser, own_web.url, View(Language.FR), path=f"{EDITING}/new-invoice") as bench:
        page = PracticePage(bench)
        patient = labelled(page, "Patient (Vitale card)")
        expect(page.view.locator(".edit-missing")).to_have_text("9 champs restent à remplir")
        page.button("Add an act").click()
        page.view.get_by_role("button", name="Retirer Acte 1").click()
        expect(page.view.locator(".edit-missing")).to_have_text("9 champs restent à remplir")
        expect(page.view.locator(".edit-problem:visible")).to_have_count(0)
        patient.focus()
        patient.press("Tab")
        expect(page.view.locator(".edit-problem:visible")).to_have_text(["Choisissez un patient"])
        page.button("Save the invoice").click()
        expect(patient).to_be_focused()
        expect(page.view.locator("tla-new-invoice .edit-checked [role=status]")).to_have_text(
            "9 problèmes à corriger"
        )
        expect(problem(page)).to_have_text(
            [
                "Patient (carte Vitale)",
                "Destinataire",
                "Remboursements · Nature d'assurance",
                "Remboursements · Taux (%)",
                "Acte 1 · Lettre clé",
                "Acte 1 · Coefficient",
                "Acte 1 · Montant de la ligne",
                "Montants · Montant total",
                "Montants · Part obligatoire (AMO)",
            ]
        )
        labelled(page, "Invoice number").fill("190305028")
        labelled(page, "Invoice number").press("Tab")
        expect(problem(page)).to_have_count(9)
        patient.select_option("martin")
        expect(problem(page)).to_have_count(8)
        day = labelled(page, "Date of the invoice")
        day.fill("31/02/2019")
        day.press("Tab")
        expect(problem(page)).to_have_count(9)
        label = page.page.get_by_label("Date de la facture")
        beside = page.view.locator(".edit-field", has=label).locator("p")
        expect(beside).to_have_text("Écrivez la date sous la forme jj/mm/aaaa, comme 05/03/2019.")
        day.fill("6.3.2019")
        day.press("Tab")
        expect(problem(page)).to_have_count(8)


DECIMALS: Final = (
    ("fr", "156,20", "156.20", "156,20"),
    ("fr", "156.20", "156.20", "156,20"),
    ("fr", " 1 234,5 ", "1234.5", "1234,5"),
    ("fr", "1\u202f234,50", "1234.50", "1234,50"),
    ("fr", "1,234.50", "1.234.50", None),
    ("fr", "4", "4", "4"),
    ("fr", "", "", ""),
    ("fr", "x,y,z", "x.y,z", None),
    ("en", "156.20", "156.20", "156.20"),
    ("en", "156,20", "156.20", "156.20"),
    ("en", "1,234.50", "1234.50", "1234.50"),
    ("en", "12,345,678", "12345678", "12345678"),
    ("en", "1,23", "1.23", "1.23"),
    ("en", "-1,00", "-1.00", "-1.00"),
)


def test_amounts_are_read_and_shown_with_the_comma_or_the_point(
    browser: Browser, own_web: WebProcess
) -> None:
    with looking(browser, own_web.url, path=EDITING) as bench:
        told = bench.page.evaluate(
            """async (cases) => {
                const { readDecimal, showDecimal } = await import("/assets/js/practice/decimals.js");
                return cases.map(([language, typed]) => {
                    const read = readDecimal(typed, language);
                    return [read, showDecimal(read, language)];
                });
            }""",
            [list(case[:2]) for case in DECIMALS],
        )
        for (_, typed, kept, shown), (read, written) in zip(DECIMALS, told, strict=True):
            assert read == kept, typed
            assert shown in (None, written), typed


def drop(page: PracticePage, content: bytes) -> None:
    page.view.locator("input[type=file]").set_input_files(
        {"name": f"{HOSTILE}.json", "mimeType": "application/json", "buffer": content}
    )


def test_a_practice_file_is_opened_and_saved(browser: Browser, own_web: WebProcess) -> None:
    document = practice_document(demo_practice())
    document["name"] = HOSTILE
    with looking(browser, own_web.url, path=EDITING) as bench:
        page = PracticePage(bench)
        name = labelled(page, "Name of the practice")
        drop(page, json.dumps({**document, "funds": []}).encode())
        refusal = page.view.get_by_role("alert")
        expect(refusal).to_contain_text(f"{HOSTILE}.json is not opened")
        expect(refusal).to_contain_text(
            f"Invoice {document['invoices'][0]['number']} · Recipient Found 'cpam'"
        )
        expect(refusal).not_to_contain_text("invoices[0]")
        expect(name).not_to_have_value(HOSTILE)
        first = document["patients"][0]
        strange = {**first, "beneficiaries": [{**first["beneficiaries"][0], "last_name": "$& $'"}]}
        drop(page, json.dumps({**document, "patients": [strange, *document["patients"]]}).encode())
        expect(refusal).to_contain_text("Patient $& $' PAUL has it")
        drop(page, b'{"version": 1,\n"name" "x"}')
        expect(refusal).to_contain_text("line 2: found '\"' (column 8), expected a colon")
        drop(page, json.dumps({**document, "constructor": {}, "patients": [{"beneficiaries": 1}]}).encode())
        expect(refusal).to_contain_text("constructor A practice file has nothing of this name")
        expect(refusal).to_contain_text("Patient no. 1 of the list · Beneficiaries Found 1, expected a list")
        drop(page, json.dumps(document).encode("utf-16"))
        expect(name).to_have_value(HOSTILE)
        expect(refusal).to_have_count(0)
        for unsaved in (True, False):
            with page.page.expect_download() as download:
                page.link("Save as a practice file").click()
            assert practice_document(parse_practice(download.value.path().read_bytes())) == document
            if unsaved:
                assert file(own_web)["name"] != HOSTILE
                page.button("Save the changes").click()
                expect(page.view.locator(".edit-unsaved")).to_have_count(0)
        assert file(own_web) == document


def test_amounts_are_computed_and_the_file_is_written_if_wanted(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "practice.json"
    path.write_text(write_practice(demo_practice()), "utf-8")
    french = View(Language.FR)
    with (
        serving("--practice", path) as web,
        looking(browser, web.url, french, path=f"{EDITING}/invoices/0") as bench,
    ):
        page = PracticePage(bench)
        labelled(page, "Amount of the line").first.fill("13,60")
        expect(problem(page)).to_have_text("Facture 190305028 · Montants · Montant total")
        expect(page.view.locator(".edit-checked li")).to_contain_text("Trouvé 156,20, attendu 157,20")
        page.button("Compute the amounts").click()
        expect(problem(page)).to_have_count(0)
        expect(labelled(page, "Total amount")).to_have_value("157,20")
        labelled(page, "Write them to the file that the server was started with, too").check()
        page.button("Save the changes").click()
        expect(page.view.locator(".edit-state")).to_contain_text("practice.json")
        assert load_practice(path).invoices[0].totals.total == 15_720
        assert load_practice(tmp_path / "practice.json.bak") == demo_practice()
        page.view.get_by_role("link", name=page.word("New invoice")).first.click()
        page.button("Compute the amounts").click()
        expect(
            page.view.get_by_role("status").filter(
                has_text=page.word("Write the acts and the reimbursement first, without errors")
            )
        ).to_be_visible()
        labelled(page, "Patient (Vitale card)").select_option("martin")
        labelled(page, "Recipient").select_option("cpam")
        for label, typed in (
            ("Nature of insurance", "10"),
            ("Rate (%)", "60"),
            ("Key letter", "AMI"),
            ("Coefficient", "4,5"),
            ("Amount of the line", "14,18"),
        ):
            labelled(page, label).first.fill(typed)
        page.button("Compute the amounts").click()
        expect(labelled(page, "Paid by the insured")).to_have_value("5,67")
        labelled(page, "Bill it degraded, without the Vitale card").check()
        change_elsewhere(web)
        expect(page.view.locator(".edit-sections [aria-current=page] .edit-count")).to_have_text("11")
        page.button("Save the invoice").click()
        expect(page.view).to_contain_text("MARTIN PAUL")
        expect(page.view.locator(".summary-stands")).to_contain_text(page.word("Degraded"))
        assert len(load_practice(path).invoices) == 12


@pytest.mark.parametrize("view", OPPOSITE, ids=str)
def test_nothing_that_axe_finds(browser: Browser, own_web: WebProcess, view: View) -> None:
    with looking(browser, own_web.url, view, path=f"{EDITING}/patients") as bench:
        page = PracticePage(bench)
        expect(page.view.get_by_role("grid")).to_be_visible()
        page.sound("a list")
        page.link("MARTIN PAUL, MARTIN ZOE").click()
        labelled(page, "NIR key").fill("1")
        labelled(page, "NIR key").press("Tab")
        expect(problem(page)).to_have_count(1)
        page.sound("a form with a problem")
        page.button("Undo the changes").click()
        page.dialog.get_by_role("button", name=page.word("Undo the changes")).click()
        expect(problem(page)).to_have_count(0)
        page.view.get_by_role("link", name=page.word("New invoice")).first.click()
        page.button("Save the invoice").click()
        expect(problem(page).first).to_be_visible()
        page.sound("a new invoice")
        page.page.goto(f"{own_web.url}{EDITING}/invoices/0")
        expect(page.view.locator("details[open]")).to_have_count(1)
        page.sound("a list that is folded")
