"""axe-core finds nothing on any view, and no view is wider than its window."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.web.bench_page import BenchPage
from tests.integration.web.browser_kit import View, violations
from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.language import Language

PAIRED = (
    View(Language.FR, "light", 1280),
    View(Language.EN, "dark", 1280),
    View(Language.EN, "light", 390),
    View(Language.FR, "dark", 390),
)
"""Each pair of language, theme and width occurs."""
OPPOSITE = (PAIRED[0], View(Language.EN, "dark", 390))
"""Each language, theme and width occurs."""
LIGHT_AND_WIDE_DARK_AND_NARROW = (PAIRED[0], PAIRED[3])
DARK_AND_WIDE_LIGHT_AND_NARROW = (PAIRED[1], PAIRED[2])

_OUT_OF_REACH = """() => {
  const beside = document.querySelector("#beside"), panel = beside.querySelector("[role=tabpanel]");
  return getComputedStyle(beside).position === "sticky" && panel !== null
    && panel.getBoundingClientRect().bottom > beside.getBoundingClientRect().bottom + 1;
}"""
_REFUSED = "the server responded with a status of 4"


@pytest.mark.parametrize("view", LIGHT_AND_WIDE_DARK_AND_NARROW, ids=str)
def test_a_new_bench_is_accessible(look: LookAt, view: View) -> None:
    bench = look(view)
    bench.reader("reader-1").shows("TLA 1.40")
    for tab in bench.tabs:
        tab.click()
        _sound(bench, tab.inner_text())


@pytest.mark.parametrize("view", PAIRED, ids=str)
def test_a_bench_at_work_is_accessible(web: WebProcess, look: LookAt, view: View) -> None:
    _work(web)
    bench = look(view, allowed=_REFUSED)
    bench.reader("reader-1").holds("vitale", "MARTIN PAUL")
    for tab in bench.tabs:
        tab.click()
        _sound(bench, tab.inner_text())
    bench.tab("Trace").click()
    bench.page.locator("tr[data-number]").first.click()
    expect(bench.page.get_by_role("region", name=bench.word("The chosen exchange"))).to_be_visible()
    _sound(bench, "an exchange, opened")
    bench.button("Side by side").click()
    bench.reader("reader-2").shows("TLA 1.40")
    _sound(bench, "two readers")


@pytest.mark.parametrize("view", DARK_AND_WIDE_LIGHT_AND_NARROW, ids=str)
def test_menus_dialogs_and_messages_are_accessible(web: WebProcess, look: LookAt, view: View) -> None:
    bench = look(view, allowed=_REFUSED)
    reader = bench.reader("reader-1")
    reader.menu_of("cps-piqure2969-maya").click()
    _sound(bench, "the menu of a card")
    bench.page.keyboard.press("Escape")
    for button in ("New reader…", "Open the case…"):
        bench.button(button).click()
        expect(bench.page.get_by_role("dialog")).to_be_visible()
        _sound(bench, button)
        bench.button("Cancel").click()
    reader.switch("Power").click()
    expect(reader.switch("Power")).not_to_be_checked()
    _sound(bench, "a reader that is off")
    bench.tab("Surgery").click()
    bench.button("Load").press("Enter")
    expect(bench.page.locator(".surgery-why-told")).to_be_visible()
    _sound(bench, "a button that cannot work")
    _be_refused(web, bench)
    _sound(bench, "a refusal")
    web.ask("DELETE", "/readers/reader-1")
    expect(reader.root).to_have_count(0)
    _sound(bench, "no reader")


def _be_refused(web: WebProcess, bench: BenchPage) -> None:
    """Load everyone's invoices into a reader that takes one owner's."""
    web.make_reader("old-reader", seed=2, profile="1.31")
    web.ask("PUT", "/readers/old-reader/cable", {"plugged": True})
    bench.button("old-reader").click()
    with bench.page.expect_response("**/v1/surgery/load"):
        bench.button("Load").click()
    expect(bench.page.get_by_role("alert")).to_be_visible()
    web.ask("DELETE", "/readers/old-reader")


def _work(web: WebProcess) -> None:
    """Do what leaves something to see in every panel."""
    at = "/readers/reader-1"
    web.ask("PUT", f"{at}/cable", {"plugged": True})
    for command in ("8010000000", "8014000000", "80FF000000"):
        web.ask("POST", f"{at}/apdu", {"device": "log_sv", "command": command})
    web.ask("POST", f"{at}/links", {"link": "tcp:0"})
    web.ask("POST", f"{at}/snapshots", {"name": "on the cable"})
    web.ask("POST", f"{at}/rules", {"text": "CODE PORTEUR", "keys": ["ANN"]})
    web.ask("POST", f"{at}/faults", {"plan": "ps.pull@3"})
    web.ask("PUT", f"{at}/cable", {"plugged": False})
    web.ask("PUT", f"{at}/slots/vitale", {"card": "vitale-martin-paul"})
    web.make_reader("reader-2")


def _sound(bench: BenchPage, what: str) -> None:
    """Fail on what axe finds, on a page wider than the window, and on a panel that ends out of reach."""
    found = violations(bench.page)
    wide, window = bench.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    if wide > window:
        found.append(f"{wide} px wide in a window of {window} px")
    if bench.page.evaluate(_OUT_OF_REACH):
        found.append("the panel is longer than the column that goes along with the page")
    assert not found, f"{what}:\n" + "\n".join(found)
