"""A tray that is not loaded yet, or that others change, while somebody chooses a card from it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.integration.web.conftest import LookAt
from tests.integration.web.practice.practice_page import PRACTICE, PracticePage
from tests.integration.web.web_process import WebProcess

NURSE, EMPLOYEE = "cps-piqure2969-maya", "cpe-accueil4242-anne"
NURSE_NAME = "PIQURE2969 MAYA"
TRAY = "**/readers/reader-1/cards"


class Hold:
    """Requests for the tray that are answered only once they are let go."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] | None = []
        page.route(TRAY, self._take)
        page.reload()

    def _take(self, route: Route) -> None:
        if self._held is None:
            route.continue_()
        else:
            self._held.append(route)

    def let_go(self) -> None:
        held, self._held = self._held, None
        assert held, "nobody asked for the tray"
        for route in held:
            route.continue_()


def insertion(practice: PracticePage) -> Locator:
    return practice.view.get_by_role("button", name="Insert a card… PS slot", exact=True)


def test_the_dialog_offers_the_cards_once_they_are_there(web: WebProcess, look: LookAt) -> None:
    practice = PracticePage(look(path=PRACTICE))
    hold = Hold(practice.page)
    insertion(practice).click()
    expect(practice.dialog).to_contain_text("Loading…")
    hold.let_go()
    expect(practice.dialog.locator(".card-choice").first).to_be_focused()
    expect(practice.dialog).not_to_contain_text("Loading…")
    practice.dialog.locator(f"[data-card={NURSE}]").click()
    expect(practice.view.get_by_text(NURSE_NAME).first).to_be_visible()
    assert web.ask("GET", "/readers/reader-1")["slots"]["ps"]["name"] == NURSE


def test_the_menu_of_a_slot_offers_the_cards_once_they_are_there(look: LookAt) -> None:
    bench = look()
    hold, reader = Hold(bench.page), bench.reader("reader-1")
    reader.slot("ps").get_by_role("button", name="Insert a card: PS slot", exact=True).click()
    expect(reader.slot("ps").get_by_role("menuitem")).to_have_text(["Loading…"])
    hold.let_go()
    expect(reader.slot("ps").get_by_role("menuitem").first).not_to_have_text("Loading…")
    expect(reader.slot("ps").get_by_role("menuitem").first).to_be_focused()
    reader.slot("ps").get_by_role("menuitem", name=NURSE_NAME).click()
    reader.holds("ps", NURSE_NAME)


@pytest.mark.parametrize("taken", [NURSE, EMPLOYEE])
def test_the_dialog_follows_what_others_do_with_the_cards(web: WebProcess, look: LookAt, taken: str) -> None:
    """Whoever is at a card stays there while it is offered, and is at the first one when it is taken."""
    practice = PracticePage(look(path=PRACTICE))
    insertion(practice).click()
    choices = practice.dialog.locator(".card-choice")
    at = practice.dialog.locator(f"[data-card={NURSE}]")
    at.focus()
    web.ask("PUT", "/readers/reader-1/slots/vitale", {"card": taken})
    expect(practice.dialog.locator(f"[data-card={taken}]")).to_have_count(0)
    expect(choices.first if taken == NURSE else at).to_be_focused()
    web.ask("DELETE", "/readers/reader-1/slots/vitale")
    expect(practice.dialog.locator(f"[data-card={taken}]")).to_have_count(1)


def test_an_empty_tray_says_so(look: LookAt) -> None:
    bench = look()
    page, reader = bench.page, bench.reader("reader-1")
    page.route(TRAY, lambda route: route.fulfill(json={"cards": []}))
    page.reload()
    reader.slot("ps").get_by_role("button", name="Insert a card: PS slot", exact=True).click()
    offered = reader.slot("ps").get_by_role("menuitem")
    expect(offered).to_have_text(["Every card is in a slot."])
    expect(offered).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    expect(offered).to_have_count(0)
