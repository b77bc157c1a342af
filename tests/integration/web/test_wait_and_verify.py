"""Waiting on the page, in the reader's time, and verifying a code porteur that the page keeps nowhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.web.bench_page import BenchPage
from tests.integration.web.browser_kit import View, violations
from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.language import Language

AT = "/readers/reader-1"
CODE = "1234"
_KEPT = """() => [
  document.documentElement.outerHTML, ...Object.values(localStorage), ...Object.values(sessionStorage),
  ...[...document.querySelectorAll("input")].map((each) => each.value),
]"""
NURSE, PATIENT = "cps-piqure2969-maya", "vitale-martin-paul"


def begin_wait(bench: BenchPage, condition: str, sought: str, seconds: int) -> None:
    bench.tab("Rules").click()
    waits = bench.page.locator("tla-waits")
    waits.get_by_role("combobox", name=bench.word("Until")).select_option(condition)
    name = "Name, or instruction in hexadecimal" if condition == "exchange" else "Text or pattern"
    waits.get_by_label(bench.word(name)).fill(sought)
    waits.get_by_label(bench.word("At most, in seconds of the reader's time")).fill(str(seconds))
    waits.get_by_role("button", name=bench.word("Wait"), exact=True).click()


@pytest.mark.parametrize("language", Language)
def test_a_wait_ends_with_its_screen_while_another_tab_is_looked_at(
    web: WebProcess, look: LookAt, language: Language
) -> None:
    bench = look(View(language))
    begin_wait(bench, "text", "martin paul", 86_400)
    result = bench.page.locator("tla-waits [role=status]")
    expect(result).to_contain_text("martin paul")
    bench.tab("Time").click()
    web.ask("PUT", f"{AT}/slots/vitale", {"card": PATIENT})
    bench.tab("Rules").click()
    expect(result).to_contain_text(bench.word("it came"))
    expect(result).to_contain_text("MARTIN PAUL")
    expect(bench.button("Wait")).to_be_visible()


def test_a_wait_for_a_text_to_go_is_over_at_once_where_it_is_not_shown(look: LookAt) -> None:
    bench = look()
    begin_wait(bench, "no_text", "MARTIN", 10)
    expect(bench.page.locator("tla-waits [role=status]")).to_contain_text("it came")


def test_a_wait_for_an_exchange_tells_it_in_the_language_of_the_page(web: WebProcess, look: LookAt) -> None:
    web.ask("PUT", f"{AT}/cable", {"plugged": True})
    bench = look()
    bench.tab("Rules").click()
    expect(bench.page.locator("tla-waits datalist option[value=identify]")).to_have_count(1)
    begin_wait(bench, "exchange", "80", 86_400)
    result = bench.page.locator("tla-waits [role=status]")
    expect(result).to_contain_text("waiting")
    bench.button("Stop waiting").click()
    expect(result).to_contain_text("You stopped waiting.")
    begin_wait(bench, "exchange", "", 86_400)
    expect(result).to_contain_text("any command")
    web.ask("POST", f"{AT}/apdu", {"device": "log_sv", "command": "80FF000000"})
    refusal = web.ask("GET", f"{AT}/trace/1")["meaning"]
    expect(result).to_contain_text(refusal)
    bench.page.get_by_role("button", name="Français").click()
    expect(result).not_to_contain_text(refusal)
    expect(result).to_contain_text("Échange 1")


def test_a_wait_in_vain_says_so_and_is_no_failure(web: WebProcess, look: LookAt) -> None:
    web.ask("PATCH", f"{AT}/clock", {"paused": True})
    bench = look(allowed="status of 409")
    begin_wait(bench, "regexp", "NEVER +SHOWN", 7)
    expect(bench.page.locator("tla-waits [role=status]")).to_contain_text("did not come within 7 s")
    expect(bench.page.get_by_role("alert")).to_have_count(0)


def test_what_cannot_be_waited_for_is_refused_with_the_reason(look: LookAt) -> None:
    bench = look(allowed="status of 400")
    begin_wait(bench, "exchange", "no such command", 7)
    expect(bench.page.get_by_role("alert")).to_contain_text("no such command")


@pytest.mark.parametrize("view", [View(), View(Language.FR, "dark", 390)], ids=str)
def test_a_code_is_verified_and_kept_nowhere(web: WebProcess, look: LookAt, view: View) -> None:
    web.ask("PUT", f"{AT}/cable", {"plugged": True})
    web.ask("PUT", f"{AT}/slots/ps", {"card": NURSE})
    bench = look(view, allowed="status of 409")
    bench.tab("Trace").click()
    bench.page.get_by_text(bench.word("Verify a code porteur…")).click()
    field = bench.page.get_by_label(bench.word("Code of the PS card"))
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == ("password", "off")
    field.fill("9753")
    with bench.page.expect_response("**/verify"):
        bench.button("Verify").click()
    expect(bench.page.get_by_role("alert")).to_be_visible()
    expect(field).to_have_value("")
    field.fill(CODE)
    with bench.page.expect_request("**/verify") as sent:
        field.press("Enter")
    assert sent.value.post_data_json == {"code": CODE}
    expect(bench.page.locator("tla-verify [role=status]")).to_contain_text("9000")
    expect(bench.page.get_by_role("alert")).to_have_count(0)
    expect(field).to_have_value("")
    kept = bench.page.evaluate(_KEPT)
    assert not [text for text in kept if CODE in text or "9753" in text]
    assert violations(bench.page) == []
    # The session of the page's commands is verified now.
    certified = web.ask("POST", f"{AT}/apdu", {"device": "log_sv", "command": "8020000000"})
    assert certified["word"] == "9000"
