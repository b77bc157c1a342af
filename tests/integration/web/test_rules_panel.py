"""Rules made on the page: everything that the API's rules can do."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.web.browser_kit import View
from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.language import Language

NURSE, PATIENT = "cps-piqure2969-maya", "vitale-martin-paul"


@pytest.mark.parametrize("language", Language)
def test_a_rule_puts_a_card_into_each_slot(look: LookAt, language: Language) -> None:
    bench = look(View(language))
    bench.tab("Rules").click()
    rules = bench.page.locator("tla-rules")
    rules.get_by_label(bench.word("Text or pattern")).fill("TLA 1.40")
    rules.get_by_role("combobox", name=bench.word("Put into the PS slot")).select_option(NURSE)
    rules.get_by_role("combobox", name=bench.word("Put into the Vitale slot")).select_option(PATIENT)
    bench.button("Add the rule").click()
    reader = bench.reader("reader-1")
    reader.holds("ps", "PIQURE2969 MAYA")
    reader.holds("vitale", "MARTIN PAUL")
    expect(rules.get_by_role("listitem")).to_have_text(bench.word("No rule yet."))


def test_a_rule_takes_both_cards_out_and_is_told_in_words(web: WebProcess, look: LookAt) -> None:
    web.ask("PUT", "/readers/reader-1/slots/ps", {"card": NURSE})
    bench = look()
    bench.tab("Rules").click()
    rules = bench.page.locator("tla-rules")
    rules.get_by_label("Text or pattern").fill("martin")
    rules.get_by_role("combobox", name="Take the card out of").select_option(label="both slots")
    rules.get_by_label("Once only").uncheck()
    bench.button("Add the rule").click()
    expect(rules.get_by_role("listitem")).to_contain_text("the screen shows martin")
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": PATIENT})
    expect(rules.get_by_role("log")).to_contain_text("Rule 1 acted on screen")
    slots = web.ask("GET", "/readers/reader-1")["slots"]
    assert slots == {"ps": None, "vitale": None}
