"""The second document followed on the page by a secretary with a CPE, in both of its ways."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.web.browser_kit import View, looking
from tests.integration.web.hands import Hands, Keyboard, Mouse
from tests.integration.web.practice.invoices_page import (
    AT,
    DESMAUX_CARD,
    MARTIN_CARD,
    NUMBER,
    NURSE_CARD,
    SECRETARY_CARD,
    InvoicesPage,
    insert,
    plug,
)
from tests.integration.web.practice.practice_page import PRACTICE, PracticePage
from tests.integration.web.test_accessible import OPPOSITE
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.language import Language

REFUSED = "the server responded with a status of 4"
FRENCH = View(Language.FR)
PARTIAL = (
    f"La facture {NUMBER} est partiellement sécurisée, signée avec : Vitale, ACCUEIL4242 ANNE."
    " Elle attend la signature finale de PIQURE2969 MAYA."
)


def question(invoices: InvoicesPage) -> Locator:
    return invoices.page.page.get_by_role("dialog", name=invoices.page.word("Partially secured mode"))


def by_its_owner(web: WebProcess) -> None:
    """Have the nurse sign, just before transmission."""
    insert(web, NURSE_CARD)
    web.ask("POST", "/surgery/sign", {"reader": "reader-1", "code": CODE})


@pytest.mark.parametrize("by_keys", [False, True], ids=["mouse", "keyboard"])
def test_bill_then_answer_yes(browser: Browser, own_web: WebProcess, by_keys: bool) -> None:
    view = View(Language.FR, "light", 390 if by_keys else 1280)
    with looking(browser, own_web.url, view, path=PRACTICE, allowed=REFUSED) as bench:
        invoices = InvoicesPage(PracticePage(bench))
        page = invoices.page.page
        hands: Hands = Keyboard(page) if by_keys else Mouse()
        invoices.page.insert(SECRETARY_CARD, hands)
        hands.use(invoices.page.button("Plug the cable in"))
        invoices.page.insert(MARTIN_CARD, hands)
        home = page.get_by_role("button", name="Facturer", exact=True)
        expect(home).not_to_have_attribute("aria-disabled", "true")
        hands.use(home)
        invoices.choose()
        button = invoices.act("Facturer")
        expect(button).not_to_have_attribute("aria-disabled", "true")
        if by_keys:
            page.keyboard.press("Control+Enter")
        else:
            button.click()
        expect(invoices.page.dialog).to_contain_text("ACCUEIL4242 ANNE")
        invoices.type_code()
        expect(question(invoices)).to_contain_text(
            "Dans le lecteur se trouve la CPE de ACCUEIL4242 ANNE, et non la CPS de PIQURE2969 MAYA"
        )
        if by_keys:
            page.keyboard.press("Enter")
        else:
            question(invoices).get_by_role("button", name="Oui").click()
        expect(invoices.told).to_contain_text(PARTIAL)
        expect(invoices.stands).to_contain_text("Partiellement sécurisée, à signer par PIQURE2969 MAYA")
        expect(button).to_have_accessible_description(
            "Elle est déjà partiellement sécurisée et attend la signature finale de son titulaire"
        )
        expect(invoices.page.view.get_by_text("Elle est déjà partiellement sécurisée")).to_have_count(1)
        expect(invoices.page.view.get_by_role("group", name="Facturation en dégradé")).to_be_visible()
        by_its_owner(own_web)
        expect(invoices.stands).to_contain_text("Prête à transmettre")
        expect(invoices.told).to_be_empty()


def test_bill_then_answer_no(browser: Browser, own_web: WebProcess) -> None:
    plug(own_web)
    insert(own_web, SECRETARY_CARD, MARTIN_CARD)
    with looking(browser, own_web.url, FRENCH, path=PRACTICE, allowed=REFUSED) as bench:
        invoices = InvoicesPage(PracticePage(bench))
        invoices.open()
        for answer in ("Non", "Escape"):
            invoices.act("Facturer").click()
            invoices.type_code()
            expect(question(invoices)).to_be_visible()
            if answer == "Non":
                question(invoices).get_by_role("button", name=answer).click()
            else:
                invoices.page.page.keyboard.press(answer)
            expect(invoices.told).to_contain_text("Rien n'a été fait")
            expect(invoices.told).to_have_class(re.compile("summary-nothing"))
            expect(invoices.stands).to_contain_text("Préparée, à facturer ou à charger")
        # While the page itself looks at the reader, nobody else is told what is in its slots.
        told = (own_web.ask("GET", "/practice/home?reader=reader-1")["reader"]["ps"] for _ in range(200))
        assert next(card for card in told if card is not None)["tries_left"] == 3


@pytest.mark.parametrize("by_keys", [False, True], ids=["mouse", "keyboard"])
def test_choose_the_mode_then_bill_without_a_question_and_with_one_after_the_second_way(
    browser: Browser, own_web: WebProcess, by_keys: bool
) -> None:
    plug(own_web)
    insert(own_web, SECRETARY_CARD, MARTIN_CARD)
    with looking(browser, own_web.url, FRENCH, path=PRACTICE, allowed=REFUSED) as bench:
        invoices = InvoicesPage(PracticePage(bench))
        page = invoices.page.page
        invoices.page.ready()
        mode = page.get_by_role("menuitem", name="Mode partiellement sécurisé")
        if by_keys:
            page.keyboard.press("m")
            page.keyboard.press("Escape")
            expect(mode).to_be_hidden()
            expect(invoices.page.button("Billing")).to_be_focused()
            page.keyboard.press("m")
            page.keyboard.press("ArrowDown")
            expect(mode).to_be_focused()
            page.keyboard.press("Enter")
        else:
            invoices.page.button("Billing").click()
            mode.click()
        expect(invoices.page.button("End it")).to_be_visible()
        invoices.choose()
        invoices.act("Facturer").click()
        invoices.type_code()
        expect(invoices.told).to_contain_text(PARTIAL)
        expect(question(invoices)).to_have_count(0)
        invoices.page.link("Home").click()
        expect(invoices.page.button("End it")).to_be_visible()
        insert(own_web, DESMAUX_CARD)
        if by_keys:
            page.keyboard.press("m")
            page.get_by_role("menuitem", name="Facturer", exact=True).press("Enter")
        else:
            page.get_by_role("button", name="Facturer", exact=True).click()
        expect(invoices.page.button("End it")).to_have_count(0)
        invoices.choose("190220006")
        invoices.act("Facturer").click()
        invoices.type_code()
        expect(question(invoices)).to_be_visible()


def test_another_patients_vitale_is_warned_of_and_changed_where_it_is_refused(
    browser: Browser, own_web: WebProcess, practice_of_own: PracticePage
) -> None:
    plug(own_web)
    insert(own_web, NURSE_CARD, DESMAUX_CARD)
    seen_elsewhere = InvoicesPage(practice_of_own)
    seen_elsewhere.open()
    with looking(browser, own_web.url, FRENCH, path=PRACTICE, allowed=REFUSED) as bench:
        invoices = InvoicesPage(PracticePage(bench))
        invoices.open()
        expect(invoices.act("Facturer")).to_have_accessible_description(
            "La carte Vitale du lecteur est celle de DESMAUX NATHALIE ; vérifiez que MARTIN PAUL y figure."
        )
        invoices.page.sound("another patient's Vitale")
        invoices.act("Facturer").click()
        vitale = invoices.page.dialog.get_by_role("button", name="Autre carte… Fente Vitale")
        expect(vitale).to_be_hidden()
        invoices.type_code()
        expect(invoices.page.dialog.get_by_role("alert")).not_to_be_empty()
        vitale.click()
        invoices.page.page.locator(f"[data-card={MARTIN_CARD}]").click()
        expect(invoices.page.dialog).to_contain_text("Vitale de MARTIN PAUL")
        invoices.page.code.focus()
        invoices.type_code()
        expect(invoices.act("Facturer")).to_have_attribute("aria-disabled", "true")
        expect(invoices.stands).to_contain_text("Prête à transmettre")
        expect(seen_elsewhere.stands).to_contain_text("Ready to be sent")
        expect(seen_elsewhere.act("Facturer")).to_have_attribute("aria-disabled", "true")


@pytest.mark.parametrize("view", OPPOSITE, ids=str)
def test_the_invoices_are_accessible(browser: Browser, own_web: WebProcess, view: View) -> None:
    with looking(browser, own_web.url, view, path=PRACTICE, allowed=REFUSED) as bench:
        invoices = InvoicesPage(PracticePage(bench))
        page = invoices.page
        page.page.get_by_role("link", name=page.word("Invoices")).first.click()
        expect(invoices.row(NUMBER)).to_be_visible()
        page.sound("the list")
        page.button("Billing").click()
        page.sound("the menu of billing")
        page.page.get_by_role("menuitem", name=page.word("Partially secured mode")).click()
        page.sound("the partially secured mode")
        page.button("End it").click()
        expect(page.view).to_be_focused()
        invoices.open()
        page.sound("a summary without a reader that answers")
        plug(own_web)
        insert(own_web, SECRETARY_CARD, MARTIN_CARD)
        expect(invoices.act("Facturer")).not_to_have_attribute("aria-disabled", "true")
        invoices.act("Facturer").click()
        invoices.type_code()
        expect(question(invoices)).to_be_visible()
        page.sound("the question")
        question(invoices).get_by_role("button", name=page.word("No")).click()
        own_web.ask("DELETE", f"{AT}/slots/vitale")
        expect(invoices.act("Facturer")).to_have_attribute("aria-disabled", "true")
