"""One key leads to each view, unless it is somebody else's or the keys are switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.integration.web.browser_kit import View
from tests.integration.web.practice.practice_page import BOTH, LookAtPractice
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.language import Language

REFUSED = "the server responded with a status of 4"
HOME = re.compile(r"#home$")


@pytest.mark.parametrize(("language", "key"), [(Language.EN, "h"), (Language.FR, "a")])
def test_a_key_leads_to_its_view(practice: LookAtPractice, language: Language, key: str) -> None:
    page = practice(View(language))
    page.ready()
    expect(page.link("Home")).to_have_attribute("aria-keyshortcuts", key.upper())
    page.page.keyboard.press(key)
    expect(page.page).to_have_url(HOME)
    expect(page.link("Home")).to_have_attribute("aria-current", "page")
    expect(page.page).to_have_title(re.compile(rf"^{page.word('Home')} · CABINET - DEMONSTRATION"))
    page.page.keyboard.press("m")
    expect(page.page.get_by_role("menuitem", name=page.word("Bill"), exact=True)).to_be_focused()
    page.page.keyboard.press(key)
    page.page.keyboard.press("End")
    page.page.keyboard.press("Enter")
    expect(page.page).to_have_url(re.compile(r"#editing/new-invoice$"))


def test_the_keys_are_told_and_can_be_switched_off(practice: LookAtPractice) -> None:
    page = practice()
    page.ready()
    page.page.keyboard.press("?")
    expect(page.dialog).to_contain_text("Home")
    page.sound("the keys")
    page.dialog.get_by_role("checkbox", name="One key leads to each view").uncheck()
    page.button("Close").click()
    page.page.keyboard.press("h")
    page.button("Keys").click()
    page.dialog.get_by_role("checkbox", name="One key leads to each view").check()
    page.page.keyboard.press("h")
    assert HOME.search(page.page.url) is None, "neither when switched off nor in a dialog"
    page.button("Close").click()
    page.page.keyboard.press("h")
    expect(page.page).to_have_url(HOME)


def test_what_is_typed_at_the_reader_goes_to_the_reader(practice: LookAtPractice) -> None:
    page = practice(path=BOTH)
    reader = page.bench.reader("reader-1")
    reader.shows("TLA 1.40")
    reader.device.focus()
    page.page.keyboard.press("h")
    with page.page.expect_response("**/keys"):
        page.page.keyboard.press("5")
    assert HOME.search(page.page.url) is None


def test_tab_begins_with_the_way_past_the_bar(practice: LookAtPractice) -> None:
    page = practice()
    page.ready()
    page.page.keyboard.press("Tab")
    expect(page.link("Skip to the view")).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(page.view).to_be_focused()
    page.page.keyboard.press("Tab")
    expect(page.button("Bill")).to_be_focused()


def test_the_focus_is_never_lost_by_what_is_done(web: WebProcess, practice: LookAtPractice) -> None:
    """Whatever is drawn anew or taken away hands the focus on."""
    page = practice(allowed=REFUSED)
    keys = page.page.keyboard

    def use(control: Locator) -> None:
        control.focus()
        keys.press("Enter")

    def holds(control: Locator) -> None:
        expect(control).to_be_focused()

    use(page.button("Plug the cable in"))
    holds(page.button("Take the reader in hand…"))
    insertion = page.view.get_by_role("button", name="Insert a card… PS slot")
    use(insertion)
    keys.press("Enter")
    holds(page.view.get_by_role("button", name="Another card… PS slot"))
    use(page.view.get_by_role("button", name="Remove PS slot"))
    holds(insertion)
    page.insert("cps-piqure2969-maya")
    use(page.button("Check its code…"))
    keys.type(CODE)
    keys.press("Enter")
    holds(page.button("Check again…"))
    use(page.button("Take the reader in hand…"))
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": False})
    use(page.button("Close"))
    holds(page.button("Take the reader in hand…"))
    keys.press("i")
    expect(page.view.get_by_role("link", name="190305028")).to_be_visible()
    holds(page.view)
    keys.press("ArrowDown")
    holds(page.view.get_by_role("grid"))
    keys.press("Enter")
    holds(page.view.get_by_role("heading", level=2))
    expect(page.view.get_by_role("heading", level=2)).to_contain_text("Billing of the prescription")
    page.button("Print the summary").focus()
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
    use(page.link("All invoices"))
    holds(page.view.get_by_role("grid"))
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": False})
    keys.press("o")
    use(page.button("Plug the cable in").first)
    holds(page.button("Load"))
    page.page.mouse.click(640, 790)
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": False})
    expect(page.button("Plug the cable in").first).to_be_visible()
    assert page.page.evaluate("document.activeElement.localName") in ("body", "main"), "left on purpose"
