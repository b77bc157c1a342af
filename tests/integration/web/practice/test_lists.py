"""The five lists on the practice's page: squares, filters, sums, sorting, files dropped on cells, keys."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.web.browser_kit import View, looking
from tests.integration.web.practice.invoices_page import MARTIN_CARD, NURSE_CARD, insert, plug
from tests.integration.web.practice.lists_page import ListsPage
from tests.integration.web.practice.pieces_page import NUMBER, OWNER, SAME_PRESCRIPTION
from tests.integration.web.practice.practice_page import PRACTICE, PracticePage
from tests.integration.web.test_accessible import OPPOSITE
from tests.integration.web.web_process import WebProcess, serving
from tests.scans import page as scanned
from tests.scans import scan_pdf
from tla_sim.tools import cast
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.language import Language

REFUSED = "the server responded with a status of 4"
SECOND, THIRD = SAME_PRESCRIPTION
HOSTILE = "<img src=x onerror=\"document.title='taken'\">"


def bill(web: WebProcess, *numbers: str, degraded: bool = True) -> None:
    """Bill invoices of the nurse's at the desk."""
    plug(web)
    insert(web, NURSE_CARD, *([] if degraded else [MARTIN_CARD]))
    for number in numbers:
        at = f"/practice/invoices/{OWNER}/{number}"
        web.ask("PUT", f"{at}/choices", {"degraded": degraded})
        web.ask("POST", f"{at}/bill", {"reader": "reader-1", "code": CODE})


@contextmanager
def lists(
    browser: Browser, web: WebProcess, view: View | None = None, at: str = "#lists/3"
) -> Iterator[ListsPage]:
    with looking(browser, web.url, view, path=f"{PRACTICE}{at}", allowed=REFUSED) as bench:
        yield ListsPage(PracticePage(bench))


def numbers(page: ListsPage) -> list[str]:
    return [row[0] for row in page.rows]


def test_filters_sorting_and_sums_are_those_of_the_csv(browser: Browser, own_web: WebProcess) -> None:
    bill(own_web, NUMBER, SECOND, THIRD)
    with lists(browser, own_web) as page:
        expect(page.foot).to_have_text("3 documents, €827.40")
        assert numbers(page)[0] == NUMBER, "the newest first"
        page.grid.get_by_role("columnheader", name="Total").get_by_role("button").click()
        expect(page.row(THIRD)).to_have_attribute("data-place", "0")
        expect(page.field("Up to")).to_have_attribute("placeholder", "dd/mm/yyyy")
        page.field("Up to").fill("31/02/2019")
        page.field("Up to").press("Enter")
        expect(page.field("Up to")).to_have_accessible_description(
            "Write the day as dd/mm/yyyy, such as 05/03/2019."
        )
        expect(page.foot).to_have_text("3 documents, €827.40")
        page.page.sound("no day")
        page.field("Up to").fill("   28/02/2019 ")
        expect(page.foot).to_have_text("2 documents, €671.20")
        with page.page.page.expect_download() as saved:
            page.page.link("Download (CSV)").click()
        told = list(csv.reader(StringIO(saved.value.path().read_text("utf-8-sig"))))
        assert saved.value.suggested_filename.endswith(".csv")
        assert told[0] == page.heads
        assert [row[0] for row in told if row[0].isdigit()] == [THIRD, SECOND] == numbers(page)
        page.field("Patient's name").fill("nobody")
        expect(page.page.view).to_contain_text("Nothing in this list passes the filters.")
        page.page.button("Without filters").click()
        expect(page.foot).to_have_text("3 documents, €827.40")


def test_a_file_dropped_on_a_cell_makes_its_square_green(browser: Browser, own_web: WebProcess) -> None:
    bill(own_web, NUMBER, SECOND)
    with lists(browser, own_web) as page:
        page.drop(NUMBER, "prescription", "notes.txt", b"nothing of the kind")
        expect(page.page.page.get_by_role("alert")).to_contain_text("notes.txt")
        expect(square(page, NUMBER)).to_have_class("square square-red")
        with lists(browser, own_web, View(Language.FR)) as other:
            page.drop(NUMBER, "prescription", f"{HOSTILE}.pdf", scan_pdf(scanned()))
            expect(square(page, NUMBER)).to_have_class("square square-green")
            expect(page.page.page.get_by_role("alert")).to_have_count(0)
            told = f"{HOSTILE}.pdf is attached to invoice {NUMBER} as its prescription."
            expect(page.page.view.get_by_text(told)).to_be_visible()
            expect(square(other, NUMBER)).to_have_class("square square-green")
        expect(square(page, SECOND)).to_have_class("square square-red")
        hint = "Drop a PDF, JPEG or PNG here, or press Enter"
        expect(page.cell(SECOND, "sheet")).to_have_attribute("title", hint)
        assert page.page.page.title() != "taken"
        page.grid.focus()
        page.page.page.keyboard.press("ArrowDown")
        page.page.page.keyboard.press("Enter")
        expect(page.page.dialog).to_contain_text(f"{HOSTILE}.pdf")
        page.page.page.keyboard.press("Escape")
        page.drop(SECOND, "sheet", "notes.txt", b"nothing of the kind")
        expect(page.page.page.get_by_role("alert")).to_contain_text("notes.txt")
        page.grid.focus()
        page.page.page.keyboard.press("ArrowDown")
        page.page.page.keyboard.press("Enter")
        page.page.dialog.locator("input[type=file]").first.set_input_files(
            {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": scan_pdf(scanned())}
        )
        expect(page.page.dialog).to_contain_text("scan.pdf is attached.")
        expect(page.page.page.locator(".notice:not([hidden])")).to_have_count(0)


def test_keys_lead_to_each_list_and_along_the_tabs(browser: Browser, own_web: WebProcess) -> None:
    with lists(browser, own_web, View(Language.FR), at="") as page:
        page.page.ready()
        page.open("3. FSEs to send", "3")
        page.open("Rejected, to rectify", "r")
        page.tab("Rejected, to rectify").focus()
        page.page.page.keyboard.press("ArrowRight")
        expect(page.tab("Transmitted")).to_be_focused()
        expect(page.grid).to_have_accessible_name("Transmis")
        page.open("2. DREs to secure", "2")
        page.page.page.keyboard.press("a")
        page.page.page.keyboard.press("l")
        expect(page.tab("2. DREs to secure")).to_have_attribute("aria-selected", "true")
        for name in ("2", "4", "5", "rejected", "sent"):
            page.page.page.locator(f"[data-list='{name}']").click()
            expect(page.page.view.locator("[download]")).to_have_attribute("href", re.compile(f"{name}.csv"))
            raw = own_web.api.get(f"/v1/practice/lists/{name}.csv?language=fr").content
            assert next(csv.reader(StringIO(raw.decode("utf-8-sig")), delimiter=";")) == page.heads


def test_a_file_of_lots_and_what_was_rejected_lead_to_where_they_are_worked_on(
    browser: Browser, own_web: WebProcess
) -> None:
    bill(own_web, NUMBER)
    own_web.ask("POST", "/practice/lots", {"reader": "reader-1", "code": CODE})
    with lists(browser, own_web, at="#lists/5") as page:
        expect(page.foot).to_have_text("1 file, €156.20")
        (row,) = page.rows
        assert row[1:5] == ["FSE", "CPAM - DEMONSTRATION", "1", "1"]
        page.grid.focus()
        page.page.page.keyboard.press("ArrowDown")
        page.page.page.keyboard.press("Enter")
        expect(page.page.page).to_have_url(f"{own_web.url}{PRACTICE}#files/{row[0]}")


def test_names_of_a_practice_file_stay_texts_in_the_lists(browser: Browser, tmp_path: Path) -> None:
    told = json.loads(files(cast).joinpath("practice.json").read_text("utf-8"))
    told["funds"][0]["label"] = told["patients"][0]["beneficiaries"][0]["last_name"] = HOSTILE
    file = tmp_path / "practice.json"
    file.write_text(json.dumps(told), "utf-8")
    with serving("--practice", file) as web:
        bill(web, NUMBER)
        with lists(browser, web) as page:
            expect(page.row(NUMBER)).to_contain_text(HOSTILE)
            assert page.page.page.title() != "taken"
            assert page.page.page.locator("img[onerror]").count() == 0


@pytest.mark.parametrize("view", OPPOSITE, ids=str)
def test_the_lists_are_accessible(browser: Browser, own_web: WebProcess, view: View) -> None:
    bill(own_web, NUMBER, SECOND)
    with lists(browser, own_web, view) as page:
        expect(page.row(NUMBER)).to_be_visible()
        page.page.sound("documents")
        page.tab("1. FSEs to secure").click()
        expect(page.page.view).to_contain_text(page.page.word("Nothing is in this list."))
        page.page.sound("an empty list")
        own_web.ask("POST", "/practice/lots", {"reader": "reader-1", "code": CODE})
        page.tab("5. Files to send").click()
        expect(page.grid.locator("tbody tr[data-place]")).to_have_count(1)
        page.page.sound("files")


def square(page: ListsPage, number: str) -> Locator:
    return page.cell(number, "prescription").locator(".square")
