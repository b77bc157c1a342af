"""Supporting documents on the practice's page: dropped, looked at, refused, detached; paper and signature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.web.browser_kit import View, looking
from tests.integration.web.practice.pieces_page import (
    INVOICE,
    NUMBER,
    OWNER,
    SAME_PRESCRIPTION,
    PiecesPage,
    bill_degraded,
)
from tests.integration.web.practice.practice_page import PRACTICE, PracticePage
from tests.integration.web.test_accessible import OPPOSITE
from tests.integration.web.web_process import WebProcess
from tests.scans import page as scanned
from tests.scans import scan_pdf, signature_png
from tla_sim.tools.cast.people import MAYA
from tla_sim.tools.web.guard import MAX_UPLOAD

AT = f"{PRACTICE}#invoices/{OWNER}/{NUMBER}"
REFUSED = "the server responded with a status of 4"
HOSTILE = "<img src=x onerror=\"document.title='taken'\">.pdf"
SIGNATURE = {"name": f"{MAYA.last_name} {MAYA.first_name}"}
TWO_PAGES = scan_pdf(scanned(), scanned())
WITH_AN_EMPTY_PAGE = scan_pdf(scanned(), scanned(ink=False))


def attached(web: WebProcess, invoice: str = INVOICE) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = web.ask("GET", f"/practice/pieces?invoice={invoice}")["pieces"]
    return pieces


def test_a_dropped_prescription_is_shown_downloaded_and_detached(
    browser: Browser, own_web: WebProcess
) -> None:
    with looking(browser, own_web.url, path=AT) as bench:
        pieces = PiecesPage(PracticePage(bench))
        page = pieces.page
        expect(page.button("Documents…")).to_have_accessible_description(
            "Documents are attached once it is billed or loaded."
        )
        bill_degraded(own_web, NUMBER, *SAME_PRESCRIPTION)
        expect(page.button("Documents…")).to_have_accessible_description("")
        pieces.open()
        part = pieces.part("The prescription")
        expect(part).to_contain_text("to be sent on paper")
        part.get_by_role("checkbox", name=SAME_PRESCRIPTION[0]).check()
        pieces.drop(part, HOSTILE, TWO_PAGES)
        expect(part.get_by_role("status")).to_have_text(f"{HOSTILE} is attached to 2 invoices.")
        expect(part).to_contain_text("travels in digital form")
        expect(part.locator(".pieces-name")).to_have_text(HOSTILE)
        (piece,) = attached(own_web)
        assert attached(own_web, f"{OWNER}:{SAME_PRESCRIPTION[0]}") == [piece]
        assert attached(own_web, f"{OWNER}:{SAME_PRESCRIPTION[1]}") == []
        with page.page.expect_download() as download:
            part.get_by_role("link", name="Open").click()
        assert download.value.path().read_bytes() == TWO_PAGES
        assert download.value.url == f"{own_web.url}/v1/practice/pieces/{piece['digest']}"
        part.get_by_role("button", name="Show its pages").click()
        picture = page.page.get_by_role("img", name=f"Page 1 of {HOSTILE}")
        expect(picture).to_have_js_property("naturalHeight", 1_600)
        page.page.keyboard.press("ArrowRight")
        expect(page.page.get_by_role("img", name=f"Page 2 of {HOSTILE}")).to_be_visible()
        expect(pieces.act("Next page")).to_have_attribute("aria-disabled", "true")
        pieces.close()
        assert page.page.locator("img[onerror]").count() == 0
        part.get_by_role("button", name="Detach…").click()
        pieces.act("Detach").click()
        expect(part).to_contain_text("to be sent on paper")
        assert attached(own_web) == []
        assert page.page.title() != "taken"


def test_what_is_no_document_is_refused_and_empty_pages_are_asked_about(
    browser: Browser, own_web: WebProcess, tmp_path: Path
) -> None:
    bill_degraded(own_web, NUMBER)
    with looking(browser, own_web.url, path=AT, allowed=REFUSED) as bench:
        pieces = PiecesPage(PracticePage(bench))
        pieces.open()
        refusal = pieces.page.dialog.get_by_role("alert")
        pieces.drop(pieces.part("The prescription"), "<b>notes.pdf", b"<html>")
        expect(refusal).to_contain_text("<b>notes.pdf is neither PDF nor JPEG nor PNG")
        large = tmp_path / "large.pdf"
        large.write_bytes(b"%PDF-" + bytes(MAX_UPLOAD))
        with pieces.page.page.expect_file_chooser() as chooser:
            pieces.act("Attach another document…").press("Enter")
        chooser.value.set_files(large)
        expect(refusal).to_contain_text("large.pdf is too large for a scan")
        assert attached(own_web) == []
        for answer, count in (("Cancel", 0), ("Leave the empty pages out", 1)):
            pieces.drop(pieces.part("The prescription"), "recto.pdf", WITH_AN_EMPTY_PAGE)
            expect(pieces.page.dialog.last).to_contain_text("Page 2 of recto.pdf is blank")
            pieces.act(answer).click()
            expect(pieces.part("The prescription").locator(".pieces-piece")).to_have_count(count)
        expect(pieces.part("The prescription")).to_contain_text("Left out as empty: page 2")
        expect(refusal).to_have_count(0)
        pieces.page.page.evaluate("location.hash = 'home'")
        expect(pieces.page.dialog).to_have_count(0)


def test_the_sheet_goes_on_paper_and_is_printed_or_carries_the_signature(
    browser: Browser, own_web: WebProcess, tmp_path: Path
) -> None:
    bill_degraded(own_web, NUMBER)
    with looking(browser, own_web.url, path=AT, allowed=REFUSED) as bench:
        pieces = PiecesPage(PracticePage(bench))
        page = pieces.page.page
        page.evaluate("window.print = () => { window.printed = (window.printed ?? 0) + 1; }")
        pieces.open()
        sheet, signature = (
            pieces.part("Care sheet"),
            pieces.part("Digitised signature of {name}", **SIGNATURE),
        )
        paper = sheet.get_by_role("checkbox")
        expect(sheet).to_contain_text("to be sent on paper")
        expect(paper).to_have_accessible_description("PIQURE2969 MAYA has no digitised signature")
        pieces.act("Print the care sheet").click()
        page.wait_for_function("window.printed === 1")
        page.emulate_media(media="print")
        expect(page.get_by_role("img", name=f"Care sheet of invoice {NUMBER}")).to_be_visible()
        expect(page.locator("tla-practice")).to_be_hidden()
        page.emulate_media(media="screen")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        expect(page.locator(".sheet-printed")).to_have_count(0)
        pieces.drop(signature, "signature.png", b"nothing")
        expect(signature.get_by_role("alert")).to_contain_text("signature.png is neither JPEG nor PNG")
        file = tmp_path / "signature.png"
        file.write_bytes(signature_png())
        with page.expect_file_chooser() as chooser:
            pieces.act("Scan the signature…").press("Enter")
        chooser.value.set_files(file)
        expect(signature.get_by_role("img")).to_be_visible()
        expect(sheet).to_contain_text("travels in digital form")
        paper.check()
        expect(sheet).to_contain_text("to be sent on paper")
        paper.uncheck()
        expect(sheet).to_contain_text("travels in digital form")
        signature.get_by_role("checkbox").uncheck()
        expect(sheet).to_contain_text("to be sent on paper")
        expect(paper).to_have_accessible_description(
            "The digitised signature of PIQURE2969 MAYA is switched off"
        )
        told = own_web.ask("GET", f"/practice/signatures/{OWNER}")
        assert told == {"registered": True, "switched_on": False}


@pytest.mark.parametrize("view", OPPOSITE, ids=str)
def test_the_dialog_is_accessible(browser: Browser, own_web: WebProcess, view: View) -> None:
    bill_degraded(own_web, NUMBER, *SAME_PRESCRIPTION)
    with looking(browser, own_web.url, view, path=AT, allowed=REFUSED) as bench:
        pieces = PiecesPage(PracticePage(bench))
        page = pieces.page
        expect(page.button("Documents…")).to_be_visible()
        page.sound("the summary")
        pieces.open()
        pieces.drop(pieces.part("The prescription"), "ordonnance.pdf", TWO_PAGES)
        expect(page.dialog.locator(".pieces-piece")).to_have_count(1)
        page.sound("a document attached")
        pieces.drop(pieces.part("The prescription"), "notes.pdf", b"<html>")
        expect(page.dialog.get_by_role("alert")).to_be_visible()
        page.sound("a document refused")
        pieces.act("Show its pages").click()
        expect(page.page.locator(".pages-picture")).to_be_visible()
        page.sound("its pages")
        pieces.close()
        pieces.drop(pieces.part("The prescription"), "recto.pdf", WITH_AN_EMPTY_PAGE)
        expect(pieces.act("Leave the empty pages out")).to_be_visible()
        page.sound("the question")
