"""What the surgery says and does around the reader's keys, on the way through a round."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.web.bench_page import BenchPage, ReaderOnPage
from tests.integration.web.browser_kit import VIEWS, View, looking
from tests.integration.web.hands import Keyboard
from tests.integration.web.web_process import WebProcess, serving
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.language import Language

NURSE = "cps-piqure2969-maya"
MARTIN = "vitale-martin-paul"
WRONG = "9999"
BLOCKED = {
    "Load": "No cable is plugged into the reader. Plug it in.",
    "Bring back": "Nothing is on reader-1. Load it first.",
    "Sign": "Nothing waits for a final signature. It takes what another's card certified.",
    "Transmit": "Nothing is ready to send. Bring back and sign first.",
}
"""What cannot be done on a new bench, and why."""


@pytest.fixture
def loaded(browser: Browser) -> Iterator[tuple[WebProcess, BenchPage]]:
    """A bench of its own, whose reader has the practice's invoices and is on its visit."""
    with serving() as web, looking(browser, web.url, allowed="status of 4") as bench:
        web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
        web.ask("POST", "/surgery/load", {"reader": "reader-1"})
        web.ask("PUT", "/readers/reader-1/cable", {"plugged": False})
        bench.tab("Surgery").click()
        yield web, bench


def test_a_card_inserted_by_the_menu_leaves_the_keyboard_to_the_reader(
    loaded: tuple[WebProcess, BenchPage],
) -> None:
    _, bench = loaded
    reader = bench.reader("reader-1")
    hands = Keyboard(bench.page)
    hands.insert(reader, NURSE, "ps")
    reader.holds("ps", "PIQURE2969 MAYA")
    expect(reader.device).to_be_focused()
    hands.insert(reader, MARTIN, "vitale")
    reader.shows("VAL=SIGNER")
    expect(reader.device).to_be_focused()
    bench.page.keyboard.press("Enter")
    reader.shows("CODE PORTEUR")
    reader.holds("vitale", "MARTIN")


def test_once_a_patient_is_done_the_guide_leads_to_the_next_or_back(
    loaded: tuple[WebProcess, BenchPage],
) -> None:
    web, bench = loaded
    reader = bench.reader("reader-1")
    _certify(web, reader)
    done = "All invoices of this patient are certified."
    web.ask("POST", "/readers/reader-1/keys", {"keys": ["VAL"]})
    reader.shows("0 A CERTIFIER")
    expect(bench.page.locator(".surgery-next")).to_contain_text(done)
    web.ask("POST", "/readers/reader-1/keys", {"keys": ["VAL"]})
    reader.shows("RIEN A CERTIFIER")
    expect(bench.page.locator(".surgery-next")).to_contain_text(done)
    bench.button("Plug the cable in").click()
    expect(reader.switch("Cable")).to_be_checked()
    expect(reader.device).to_be_focused()


def test_the_guide_counts_who_is_left_and_says_who_was_refused(
    loaded: tuple[WebProcess, BenchPage],
) -> None:
    web, bench = loaded
    reader = bench.reader("reader-1")
    guide = bench.page.locator(".surgery-next")
    web.ask("PUT", "/readers/reader-1/slots/ps", {"card": NURSE})
    expect(guide).to_contain_text(
        "10 invoices are to be certified. Insert the Vitale card of a patient: MARTIN"
    )
    expect(guide.get_by_role("button")).to_have_count(0)
    for patient, left in (("MARTIN", "5 invoices are"), ("DESMAUX", "1 invoice is")):
        web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": patient})
        web.ask("POST", "/readers/reader-1/keys", {"keys": ["VAL", "1234", "VAL"]})
        expect(guide).to_contain_text("Certified.")
        web.ask("DELETE", "/readers/reader-1/slots/vitale")
        expect(guide).to_contain_text(f"{left} to be certified.")
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": "LANTIER"})
    web.ask("POST", "/readers/reader-1/keys", {"keys": ["VAL", "1234", "VAL"]})
    reader.shows("1 REFUSEE")
    expect(guide).to_contain_text("The reader refused 1 invoice, which stays on it")


def test_on_a_second_visit_the_guide_looks_at_the_patient(loaded: tuple[WebProcess, BenchPage]) -> None:
    web, bench = loaded
    _certify(web, bench.reader("reader-1"))
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
    web.ask("POST", "/surgery/unload", {"reader": "reader-1", "code": "1234"})
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": False})
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": "DESMAUX"})
    web.ask("POST", "/readers/reader-1/keys", {"keys": ["VAL"]})
    expect(bench.page.locator(".surgery-next")).to_contain_text("Type the code porteur on the reader's keys")


def test_a_wrong_code_is_told_with_the_tries_that_are_left(loaded: tuple[WebProcess, BenchPage]) -> None:
    web, bench = loaded
    reader = bench.reader("reader-1")
    _certify(web, reader)
    bench.button("Plug the cable in").click()
    expect(reader.switch("Cable")).to_be_checked()
    with bench.page.expect_response("**/v1/surgery/unload"), bench.page.expect_response("**/v1/surgery"):
        bench.button("Bring back").click()
        reader.shows("CODE PORTEUR")
        expect(reader.device).to_be_focused()
        bench.page.keyboard.type(WRONG)
        bench.page.keyboard.press("Enter")
    alert = bench.page.get_by_role("alert")
    expect(alert).to_contain_text("2")
    refusal = alert.inner_text()
    reader.switch("Cable").click()
    expect(reader.switch("Cable")).not_to_be_checked()
    expect(alert).to_have_text(refusal, use_inner_text=True)


def test_the_guide_says_that_readers_of_one_serial_number_do_not_work(
    loaded: tuple[WebProcess, BenchPage],
) -> None:
    web, bench = loaded
    web.make_reader("reader-2", seed=1)
    bench.button("reader-2").click()
    expect(bench.page.locator(".surgery-next")).to_contain_text("have one serial number")
    expect(bench.button("Bring back")).to_have_accessible_description(re.compile("have one serial number"))


def test_the_guide_speaks_of_the_reader_that_is_chosen(loaded: tuple[WebProcess, BenchPage]) -> None:
    web, bench = loaded
    web.make_reader("reader-2", seed=2)
    bench.button("reader-2").click()
    guide = bench.page.locator(".surgery-next")
    expect(guide).to_contain_text("Nothing is on reader-2; the 10 invoices are on reader-1. Go on there.")
    expect(bench.page.locator(".surgery-patients")).to_have_text("")
    expect(bench.button("Load")).to_have_accessible_description(re.compile("The invoices are on reader-1"))
    expect(bench.button("Bring back")).to_have_accessible_description(re.compile("Nothing is on reader-2"))
    bench.button("Show reader-1").click()
    expect(bench.reader("reader-1").device).to_be_focused()
    expect(guide).to_contain_text("Insert the visiting practitioner's card")


def test_what_is_left_is_loaded_into_the_second_reader(browser: Browser) -> None:
    with serving() as web, looking(browser, web.url) as bench:
        web.make_reader("reader-2", seed=2)
        for name in ("reader-1", "reader-2"):
            web.ask("PUT", f"/readers/{name}/cable", {"plugged": True})
        owners = [each["owner"] for each in web.ask("GET", "/surgery")["owners"]]
        web.ask("POST", "/surgery/load", {"reader": "reader-1", "owners": owners[:1]})
        bench.tab("Surgery").click()
        bench.button("reader-2").click()
        bench.button("Load").click()
        expect(bench.page.get_by_text("5 invoices were loaded", exact=True)).to_be_visible()
        expect(bench.page.locator(".surgery-next")).to_contain_text("Unplug the cable")


def test_nobody_ticked_is_not_everybody(browser: Browser) -> None:
    with serving() as web, looking(browser, web.url) as bench:
        web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
        bench.tab("Surgery").click()
        load, boxes = bench.button("Load"), bench.page.get_by_role("group", name="Whose invoices")
        expect(load).not_to_have_attribute("aria-disabled", "true")
        for box in boxes.get_by_role("checkbox").all():
            box.uncheck()
        expect(load).to_have_accessible_description("Tick whose invoices to load.")
        load.press("Enter")
        assert web.ask("GET", "/surgery/readers/reader-1")["loaded"] == 0
        boxes.get_by_role("checkbox").last.check()
        load.click()
        expect(bench.page.locator(".surgery-next")).to_contain_text("Unplug the cable")


def test_a_button_that_cannot_work_says_why_and_sends_nothing(browser: Browser) -> None:
    with serving() as web, looking(browser, web.url) as bench:
        bench.tab("Surgery").click()
        sent: list[str] = []
        bench.page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
        said = bench.page.get_by_role("tabpanel").get_by_role("status")
        for name, why in BLOCKED.items():
            button = bench.button(name)
            expect(button).to_have_attribute("aria-disabled", "true")
            expect(button).to_have_accessible_description(why)
            expect(bench.page.get_by_role("tabpanel").get_by_text(why, exact=True).first).to_be_visible()
            button.focus()
            bench.page.keyboard.press("Enter")
            expect(said.filter(has_text=why)).to_have_count(1)
        assert [each for each in sent if each.startswith("POST")] == []
        bench.reader("reader-1").switch("Cable").click()
        expect(bench.button("Load")).not_to_have_attribute("aria-disabled", "true")
        expect(bench.button("Load")).to_have_accessible_description("")


def test_a_phone_shows_what_to_do_next_above_the_reader(browser: Browser) -> None:
    with serving() as web, looking(browser, web.url, View(Language.FR, "light", 390)) as bench:
        reader, page = bench.reader("reader-1"), bench.page
        told = reader.root.locator(".guide-strip-text")
        expect(told).to_contain_text(bench.word("Plug the cable in."))
        expect(told).to_have_attribute("aria-hidden", "true")
        above, below = told.bounding_box(), reader.device.bounding_box()
        assert above is not None
        assert below is not None
        assert above["y"] + above["height"] <= below["y"]
        reader.key("VAL").scroll_into_view_if_needed()
        expect(told).to_be_in_viewport()
        bench.button("To the steps").click()
        guide = page.locator(".surgery-next")
        expect(guide).to_be_focused()
        expect(guide).to_be_in_viewport()
        bench.tab("Trace").click()
        expect(told).not_to_be_visible()


def test_readers_side_by_side_have_the_guide_above_the_one_that_is_chosen(
    loaded: tuple[WebProcess, BenchPage],
) -> None:
    web, bench = loaded
    web.make_reader("reader-2", seed=2)
    first, second = (bench.reader(name).root.locator(".guide-strip-text") for name in web.readers)
    expect(first).not_to_be_visible()
    bench.button("Side by side").click()
    expect(first).to_contain_text("Insert the visiting practitioner's card")
    expect(first).to_be_visible()
    bench.button("reader-2").click()
    expect(second).to_contain_text("Nothing is on reader-2")
    expect(second).to_be_visible()
    expect(first).not_to_be_visible()


@pytest.mark.parametrize("view", [each for each in VIEWS if each.theme == "light"], ids=str)
def test_no_table_of_the_practice_is_cut(
    loaded: tuple[WebProcess, BenchPage], browser: Browser, view: View
) -> None:
    web, _ = loaded
    with looking(browser, web.url, view) as bench:
        bench.page.get_by_text(bench.word("Every invoice"), exact=True).first.click()
        for table in bench.page.locator(".surgery-table").all():
            expect(table).to_be_visible()
            cut = table.evaluate(
                """table => [...table.querySelectorAll("tbody :is(th, td)")].filter((cell) => {
                  if (cell.getClientRects().length === 0) return false;
                  const { left, right } = cell.getBoundingClientRect();
                  const panel = table.closest(".surgery").getBoundingClientRect();
                  return cell.scrollWidth > cell.clientWidth || left < panel.left
                    || right > panel.right + 0.5;
                }).map((cell) => cell.textContent)"""
            )
            assert cut == []
        expect(bench.page.get_by_role("cell").last).to_be_visible()


def _certify(web: WebProcess, reader: ReaderOnPage) -> None:
    """Certify all of one patient's invoices."""
    web.ask("PUT", "/readers/reader-1/slots/ps", {"card": NURSE})
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": MARTIN})
    for keys in (["VAL"], [*CODE, "VAL"]):
        web.ask("POST", "/readers/reader-1/keys", {"keys": keys})
    reader.shows("5 FACTURES SIGNEES")
