"""What the surgery says and does around the reader's keys, on the way through a round."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.web.bench_page import BenchPage, ReaderOnPage
from tests.integration.web.browser_kit import looking
from tests.integration.web.hands import Keyboard
from tests.integration.web.web_process import WebProcess, serving
from tla_sim.tools.cast.people import CODE

NURSE = "cps-piqure2969-maya"
MARTIN = "vitale-martin-paul"
WRONG = "9999"


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
    expect(bench.page.get_by_text(done)).to_be_visible()
    web.ask("POST", "/readers/reader-1/keys", {"keys": ["VAL"]})
    reader.shows("RIEN A CERTIFIER")
    expect(bench.page.get_by_text(done)).to_be_visible()
    bench.button("Plug the cable in").click()
    expect(reader.switch("Cable")).to_be_checked()
    expect(reader.device).to_be_focused()


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


def _certify(web: WebProcess, reader: ReaderOnPage) -> None:
    """Certify all of one patient's invoices."""
    web.ask("PUT", "/readers/reader-1/slots/ps", {"card": NURSE})
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": MARTIN})
    for keys in (["VAL"], [*CODE, "VAL"]):
        web.ask("POST", "/readers/reader-1/keys", {"keys": keys})
    reader.shows("5 FACTURES SIGNEES")
