"""Faults from a menu, and the session so far as text, on the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.integration.web.browser_kit import View
from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.faults.kinds import KINDS
from tla_sim.tools.language import Language
from tla_sim.tools.language.french import to_french

WRITTEN = {"Visit script": "insert vitale", "HTTP calls": "curl", "pytest test": "def test_"}
"""What a session is written as, and what is in it then."""


def test_a_fault_is_chosen_strikes_and_is_told(web: WebProcess, look: LookAt) -> None:
    bench = look(View(Language.FR))
    page = bench.page
    page.locator("[data-panel=faults]").click()
    page.get_by_label(bench.word("Kind of fault")).select_option("ps.pull")
    page.get_by_label(bench.word("Skip this many first")).fill("1")
    bench.button("Inject").click()
    to_come, struck = page.locator("tla-faults .faults").all()
    expect(to_come).to_contain_text("ps.pull@1")
    cards = web.ask("GET", "/readers/reader-1/cards")["cards"]
    ps_card = next(card["name"] for card in cards if card["kind"] == "cps")
    web.ask("PUT", "/readers/reader-1/slots/ps", {"card": ps_card})
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
    for _ in range(2):
        web.ask("POST", "/readers/reader-1/apdu", {"device": "ps", "command": "FE14000000"})
        web.ask("POST", "/readers/reader-1/apdu", {"device": "ps", "command": "00A4000C023F00"})
    expect(struck).to_contain_text("ps.pull@1")
    expect(to_come).to_contain_text(bench.word("No fault pending."))


def test_faults_to_come_are_taken_back(web: WebProcess, look: LookAt) -> None:
    bench = look()
    page = bench.page
    bench.tab("Faults").click()
    page.locator('[data-plan="flash.cut@0"]').click()
    to_come = page.locator("tla-faults .faults").first
    expect(to_come).to_contain_text("flash.cut")
    bench.button("Take all back").click()
    expect(to_come).to_contain_text("No fault pending.")
    assert web.ask("GET", "/readers/reader-1/faults")["pending"] == []


@pytest.mark.parametrize("language", Language)
def test_a_value_is_chosen_by_what_it_means(web: WebProcess, look: LookAt, language: Language) -> None:
    bench = look(View(language))
    page = bench.page
    bench.tab("Faults").click()
    page.get_by_label(bench.word("Kind of fault")).select_option("flash.cut")
    value = page.get_by_role("combobox", name=bench.word("Value"), exact=True)
    expect(value).to_have_value("nothing")
    half = KINDS["flash.cut"].choices["half-bits"]
    meant = str(half) if language is Language.EN else to_french(half)
    value.select_option(label=meant)
    bench.button("Inject").click()
    expect(page.locator("tla-faults .faults").first).to_contain_text(meant)
    (pending,) = web.ask("GET", "/readers/reader-1/faults")["pending"]
    assert re.fullmatch(r"flash\.cut@\d+:half-bits", pending)
    page.get_by_label(bench.word("Kind of fault")).select_option("ps.pull")
    expect(value).to_have_count(0)


def test_a_value_that_no_fault_takes_is_refused_with_the_reason(look: LookAt) -> None:
    bench = look(allowed="400")
    page = bench.page
    bench.tab("Faults").click()
    page.get_by_label("Kind of fault").select_option("ps.wrong")
    page.get_by_label("Value").fill("sideways")
    bench.button("Inject").click()
    expect(page.get_by_role("alert")).to_contain_text("sideways")


def test_the_session_is_told_as_text_to_paste(web: WebProcess, look: LookAt) -> None:
    bench = look()
    bench.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cards = web.ask("GET", "/readers/reader-1/cards")["cards"]
    vitale = next(card["name"] for card in cards if card["kind"] == "vitale")
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": vitale})
    bench.tab("Session").click()
    text = bench.page.get_by_role("region", name="The session as text")
    for written, has in WRITTEN.items():
        bench.page.get_by_label(written).check()
        expect(text).to_contain_text(has)
        bench.button("Copy").click()
        expect(bench.page.get_by_text("Copied.")).to_be_visible()
        assert bench.page.evaluate("navigator.clipboard.readText()") == text.inner_text()
    start = bench.page.get_by_role("link", name="Download its start")
    expect(start).to_have_count(0)
    web.ask("POST", "/readers/reader-1/snapshots", {"name": "there"})
    web.ask("POST", "/readers/reader-1/snapshots/there/restore", {})
    expect(start).to_be_visible()
    with bench.page.expect_download() as download:
        start.click()
    assert download.value.suggested_filename in text.inner_text()
