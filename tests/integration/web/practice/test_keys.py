"""One key leads to each view, unless it is somebody else's or the keys are switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.integration.web.browser_kit import View
from tests.integration.web.practice.practice_page import BOTH, LookAtPractice
from tla_sim.tools.language import Language

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
