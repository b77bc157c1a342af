"""The home view: who is at the reader and what waits, kept fresh, and a card tried by its code."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.web.browser_kit import View
from tests.integration.web.practice.practice_page import BOTH, LookAtPractice, PracticePage
from tests.integration.web.test_accessible import OPPOSITE
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.cast.people import CODE, WRONG_CODE
from tla_sim.tools.language import Language

NURSE = "cps-piqure2969-maya"
MARTIN = "vitale-martin-paul"
REFUSED = "the server responded with a status of 4"
AT = "/readers/reader-1"


def plug(web: WebProcess, plugged: bool = True) -> None:
    web.ask("PUT", f"{AT}/cable", {"plugged": plugged})


def insert(web: WebProcess, *cards: str) -> None:
    for card in cards:
        slot = "vitale" if card.startswith("vitale") else "ps"
        web.ask("PUT", f"{AT}/slots/{slot}", {"card": card})


@pytest.mark.parametrize("language", list(Language))
def test_what_happens_at_the_reader_is_seen_as_it_happens(
    web: WebProcess, practice: LookAtPractice, language: Language
) -> None:
    page = practice(View(language))
    who, reader = page.card("Who is at the reader"), page.card("The reader")
    page.button("Plug the cable in").click()
    expect(reader).to_contain_text("1.40")
    expect(reader).to_contain_text(page.word("several at a time"))
    expect(who).to_contain_text(page.word("No card is in the PS slot."))
    insert(web, NURSE)
    expect(who).to_contain_text("PIQURE2969 MAYA")
    expect(who).to_contain_text(page.word("full signature of the owner's invoices"))
    insert(web, "cpe-accueil4242-anne")
    expect(who).to_contain_text(page.word("partial certification; the owner signs later"))
    insert(web, MARTIN)
    expect(who).to_contain_text("MARTIN PAUL")
    expect(who).to_contain_text(page.word("Its rights are read once the code of the PS card is given."))
    web.ask("DELETE", f"{AT}/slots/vitale")
    expect(who).to_contain_text(page.word("No card is in the Vitale slot."))
    web.ask("PUT", f"{AT}/power", {"on": False})
    page.button("Switch on").click()
    expect(reader).to_contain_text("1.40")


def test_what_waits_changes_with_the_work_of_another(
    own_web: WebProcess, practice_of_own: PracticePage
) -> None:
    page = practice_of_own
    expect(page.waits("Invoices to bill or load")).to_have_text("10")
    plug(own_web)
    own_web.ask("POST", "/surgery/load", {"reader": "reader-1"})
    expect(page.waits("Invoices to bill or load")).to_have_text("0")
    expect(page.waits("1. FSEs to secure")).to_have_text("10")


def test_a_code_is_asked_for_in_a_dialog_and_kept_nowhere(web: WebProcess, practice: LookAtPractice) -> None:
    plug(web)
    insert(web, NURSE, MARTIN)
    page = practice(allowed=REFUSED)
    expect(page.button("Bill")).to_have_accessible_description("Invoices of MARTIN PAUL")
    page.button("Check its code…").click()
    expect(page.code).to_be_focused()
    expect(page.code).to_have_attribute("autocomplete", "off")
    expect(page.dialog).to_contain_text("PIQURE2969 MAYA")
    page.page.keyboard.type("12")
    page.page.keyboard.press("Enter")
    expect(page.dialog.get_by_role("alert")).to_contain_text(page.word("A code porteur is 4 to 8 digits"))
    page.page.keyboard.type(WRONG_CODE)
    page.page.keyboard.press("Enter")
    expect(page.dialog.get_by_role("alert")).to_contain_text("(2 tries left)")
    expect(page.dialog).to_contain_text("CPS card · 2 tries left")
    expect(page.code).to_have_value("")
    expect(page.code).to_be_focused()
    page.sound("a refusal in the dialog")
    page.page.keyboard.type(CODE)
    page.page.keyboard.press("Enter")
    expect(page.dialog).to_have_count(0)
    who = page.card("Who is at the reader")
    expect(who).to_contain_text("code checked")
    expect(who).to_contain_text("MARTIN PAUL")
    expect(page.button("Check again…")).to_be_focused()
    expect(page.button("Bill")).to_have_accessible_description("Invoices of MARTIN")
    page.button("Scan the signature…").click()
    expect(page.dialog).to_contain_text("Digitised signature of PIQURE2969 MAYA")
    page.page.keyboard.press("Escape")
    expect(page.button("Scan the signature…")).to_be_focused()
    kept = page.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    for secret in (WRONG_CODE, CODE):
        assert secret not in page.page.content() + kept
    page.button("Bill").click()
    expect(page.view.get_by_label("Patient")).to_have_value("MARTIN")
    expect(page.view.get_by_role("status").first).to_contain_text("5 invoices")
    page.link("Home").click()
    insert(web, NURSE)
    web.ask("DELETE", f"{AT}/slots/vitale")
    expect(who).not_to_contain_text("code checked")
    expect(page.button("Bill")).to_have_accessible_description("Choose or write the invoice, then bill it.")
    web.ask("DELETE", f"{AT}/slots/ps")
    expect(page.button("Bill")).to_have_accessible_description("Insert a CPS or a CPE to bill.")
    page.button("Bill").press("Enter")
    expect(page.link("Home")).to_have_attribute("aria-current", "page")


def test_a_code_is_typed_on_the_readers_keys_instead(web: WebProcess, practice: LookAtPractice) -> None:
    plug(web)
    insert(web, NURSE)
    page = practice(View(Language.FR, "light", 390), allowed=REFUSED)
    page.button("Check its code…").click()
    page.button("Type it on the reader's keys instead").click()
    screen = page.dialog.get_by_role("status", name=page.word("Screen"), exact=True)
    expect(screen).to_contain_text("CODE PORTEUR")
    page.sound("the reader's keys in the dialog")
    page.page.keyboard.type(CODE)
    page.page.keyboard.press("Enter")
    expect(page.dialog).to_have_count(0)
    expect(page.card("Who is at the reader")).to_contain_text(page.word("code checked"))
    page.button("Check again…").click()
    page.button("Type it on the reader's keys instead").click()
    expect(screen).to_contain_text("CODE PORTEUR")
    page.button("Cancel").click()
    expect(page.dialog).to_have_count(0)
    expect(page.card("Work under way")).to_be_hidden()
    assert web.lines("reader-1")[0] == "ATTENTE ORDRE"


@pytest.mark.parametrize("view", OPPOSITE, ids=str)
def test_the_page_is_accessible_alone_and_beside_the_reader(
    web: WebProcess, practice: LookAtPractice, view: View
) -> None:
    page = practice(view)
    page.ready()
    page.sound("a reader that does not answer")
    plug(web)
    insert(web, NURSE, MARTIN)
    expect(page.card("Who is at the reader")).to_contain_text("PIQURE2969 MAYA")
    page.sound("cards in both slots")
    page.link("Both").click()
    reader = page.bench.reader("reader-1")
    if view.width == 390:
        page.page.get_by_text(f"{page.word('The reader')} reader-1", exact=True).click()
    else:
        for seen in (reader.slot("ps"), reader.slot("vitale"), reader.menu_of("cps-toubib-paul")):
            expect(seen).to_be_in_viewport(ratio=1)
    reader.shows("ATTENTE ORDRE")
    page.sound("the reader beside the practice")
    page.link("Practice").click()
    expect(page.bench.reader("reader-1").root).to_have_count(0)
    page.page.goto(f"{page.page.url.partition('#')[0]}#lists")
    page.page.reload()
    expect(page.page.locator(".bar-count").filter(visible=True).first).to_be_visible()
    expect(page.link("Lists")).to_be_in_viewport(ratio=1)


def test_both_is_an_address_and_leads_to_the_bench_and_back(
    web: WebProcess, practice: LookAtPractice
) -> None:
    web.make_reader("reader-2")
    page = practice(path=BOTH)
    page.bench.reader("reader-1").shows("TLA 1.40")
    page.page.get_by_role("combobox", name="Reader", exact=True).select_option("reader-2")
    page.bench.reader("reader-2").shows("TLA 1.40")
    page.link("Bench").click()
    page.bench.reader("reader-2").shows("TLA 1.40")
    expect(page.link("Bench")).to_have_attribute("aria-current", "page")
    page.page.go_back()
    page.bench.reader("reader-2").shows("TLA 1.40")
    expect(page.link("Both")).to_have_attribute("aria-current", "page")


def test_without_a_reader_the_practice_says_so(web: WebProcess, practice: LookAtPractice) -> None:
    page = practice(allowed=REFUSED)
    page.ready()
    web.ask("DELETE", AT)
    expect(page.card("The reader")).to_contain_text("There is no reader on the bench.")
    page.sound("no reader")
    page.link("Loading").click()
    expect(page.view.get_by_role("heading", name="Unloading")).to_be_visible()
    expect(page.button("Take the reader in hand…")).to_be_hidden()


def test_a_reader_that_goes_in_mid_work_is_told_and_another_taken(
    web: WebProcess, practice: LookAtPractice
) -> None:
    web.make_reader("reader-2", 2)
    plug(web)
    insert(web, NURSE)
    page = practice(allowed=REFUSED)
    page.button("Check its code…").click()
    page.button("Type it on the reader's keys instead").click()
    expect(page.dialog.get_by_role("status", name="Screen", exact=True)).to_contain_text("CODE PORTEUR")
    web.ask("DELETE", AT)
    expect(page.dialog).to_have_count(0)
    gone = page.page.get_by_role("alert").filter(has_text="Reader reader-1 was taken off the bench")
    expect(gone).to_contain_text("The page goes on with reader-2")
    expect(page.card("The reader")).to_contain_text("reader-2")
    page.sound("a reader that is gone")
    web.make_reader("reader-3", 3)
    for name in ("reader-3", "reader-2"):
        page.page.get_by_role("combobox", name="Reader", exact=True).select_option(name)
        expect(gone).to_have_count(0)
        expect(page.card("The reader")).to_contain_text(name)
    page.link("Loading").click()
    page.button("Plug the cable in").first.click()
    expect(page.view).to_contain_text("Reader reader-2, version 1.40")
    page.page.get_by_role("combobox", name="Reader", exact=True).select_option("reader-3")
    expect(page.button("Plug the cable in").first).to_be_visible()
    for name in ("reader-2", "reader-3"):
        web.ask("DELETE", f"/readers/{name}")
    expect(page.view).to_contain_text("There is no reader on the bench.")
    expect(page.button("Take the reader in hand…")).to_be_hidden()


def test_the_reader_in_hand_is_whole(practice: LookAtPractice) -> None:
    """Its menus, its cable and the way out are in sight as it opens, and × stays so."""
    page = practice()
    page.button("Take the reader in hand…").click()
    expect(page.dialog.get_by_role("switch", name="Cable")).to_be_in_viewport(ratio=1)
    for menu in (
        page.dialog.get_by_role("button", name="More for"),
        page.dialog.get_by_role("button", name="LANTIER ROSE"),
    ):
        menu.press("Enter")
        for item in page.page.get_by_role("menuitem").all():
            expect(item).to_be_in_viewport(ratio=1)
        page.page.keyboard.press("Escape")
        expect(menu).to_be_focused()
    page.page.set_viewport_size({"width": 390, "height": 700})
    page.dialog.get_by_role("switch", name="Cable").scroll_into_view_if_needed()
    expect(page.button("Close")).to_be_in_viewport(ratio=1)
