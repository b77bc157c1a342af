"""What the bench refuses is told in place, and stays until something else is done there."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.integration.web.browser_kit import View
from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.language import Language


def test_a_load_that_is_refused_says_so_until_the_next_one_goes_through(
    web: WebProcess, look: LookAt
) -> None:
    web.make_reader("old-reader", seed=2, profile="1.31")
    web.ask("PUT", "/readers/old-reader/cable", {"plugged": True})
    bench = look(allowed="status of 4")
    bench.tab("Surgery").click()
    bench.button("old-reader").click()
    reader = bench.reader("old-reader")
    with bench.page.expect_response("**/v1/surgery/load"), bench.page.expect_response("**/v1/surgery"):
        bench.button("Load").click()
    alert = bench.page.get_by_role("alert")
    expect(alert).to_contain_text("one owner's invoices at a time")
    refusal = alert.inner_text()
    for _ in range(2):
        reader.switch("Cable").click()
    expect(reader.switch("Cable")).to_be_checked()
    expect(alert).to_have_text(refusal, use_inner_text=True)
    for owner in ("TOUBIB PAUL", "MASSEUR3107 LUC"):
        bench.page.get_by_role("checkbox", name=owner).uncheck()
    with bench.page.expect_response("**/v1/surgery/load"):
        bench.button("Load").click()
    expect(alert).to_have_count(0)


def test_a_refusal_follows_the_language_of_the_page(look: LookAt) -> None:
    bench = look(allowed="status of 409")
    bench.tab("Trace").click()
    bench.page.get_by_text("Send a command…").click()
    bench.page.get_by_label("Command APDU, in hexadecimal").fill("80 10 00 00 00")
    with bench.page.expect_response("**/apdu") as answered:
        bench.button("Send").click()
    told = answered.value.json()["translations"]
    alert = bench.page.get_by_role("alert")
    for button, language in (("", "en"), ("Français", "fr"), ("English", "en")):
        if button:
            bench.page.get_by_role("button", name=button, exact=True).click()
        expect(alert).to_contain_text(told[language]["detail"])
        expect(alert).to_contain_text(told[language]["action"])


def test_what_kept_a_rule_from_acting_follows_the_language_of_the_page(web: WebProcess, look: LookAt) -> None:
    bench = look(View(Language.FR))
    bench.tab("Rules").click()
    web.ask("POST", "/readers/reader-1/rules", {"text": "MARTIN", "insert": {"ps": "MARTIN"}})
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": "MARTIN"})
    told = bench.page.locator("tla-rules [role=log]")
    expect(told.locator("strong")).to_contain_text("est dans")
    bench.page.get_by_role("button", name="English", exact=True).click()
    expect(told.locator("strong")).not_to_contain_text("est dans")
    expect(told.locator("strong")).to_contain_text("is in")
    expect(told).to_contain_text("Rule 1 acted on screen")
