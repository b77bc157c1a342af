"""The invoices on the practice's page, and what is at the reader for them."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.integration.web.practice.practice_page import PracticePage
from tests.integration.web.web_process import WebProcess
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.language.summary_words import say_summary

AT = "/readers/reader-1"
NURSE_CARD = "cps-piqure2969-maya"
SECRETARY_CARD = "cpe-accueil4242-anne"
MARTIN_CARD = "vitale-martin-paul"
DESMAUX_CARD = "vitale-desmaux-nathalie"
NUMBER = "190305028"


def plug(web: WebProcess) -> None:
    """Plug the cable in."""
    web.ask("PUT", f"{AT}/cable", {"plugged": True})


def insert(web: WebProcess, *cards: str) -> None:
    """Put cards into the slots that they belong into."""
    for card in cards:
        slot = "vitale" if card.startswith("vitale") else "ps"
        web.ask("PUT", f"{AT}/slots/{slot}", {"card": card})


@dataclass(frozen=True)
class InvoicesPage:
    """The view of invoices on a page."""

    page: PracticePage

    def row(self, number: str) -> Locator:
        """Return an invoice's row in the list."""
        return self.page.view.get_by_role("row").filter(has_text=number)

    def open(self, number: str = NUMBER) -> None:
        """Go to the invoices by the bar, and open one by its number."""
        self.page.page.get_by_role("link", name=self.page.word("Invoices")).first.click()
        self.choose(number)

    def choose(self, number: str = NUMBER) -> None:
        """Open an invoice of the list by its number."""
        self.page.view.get_by_role("link", name=number, exact=True).click()
        expect(self.stands).to_contain_text(number)

    @property
    def stands(self) -> Locator:
        """Where the invoice stands."""
        return self.page.view.locator(".summary-stands")

    @property
    def told(self) -> Locator:
        """What became of it."""
        return self.page.view.locator(".summary-done")

    def act(self, french: str) -> Locator:
        """Return one of the two buttons, by its French words."""
        return self.page.view.get_by_role("button", name=self.say(french), exact=True)

    def tick(self, french: str) -> Locator:
        """Return one of the tick boxes, by its French words."""
        return self.page.view.get_by_role("checkbox", name=self.say(french), exact=True)

    def say(self, french: str) -> str:
        """Return a text of the summary in the page's language."""
        return say_summary(french, self.page.language)

    def type_code(self, code: str = CODE) -> None:
        """Type the code into the dialog that asks for it."""
        expect(self.page.code).to_be_focused()
        self.page.page.keyboard.type(code)
        self.page.page.keyboard.press("Enter")

    @property
    def lines(self) -> dict[str, list[tuple[str, str]]]:
        """The summary as the notice's screen has it: by title, labels and values."""
        return self._lines(":not(.summary-added) > .summary-screen")

    @property
    def added(self) -> dict[str, list[tuple[str, str]]]:
        """What is added to the notice's screen, by title, labels and values."""
        return self._lines(".summary-added")

    def _lines(self, within: str) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for section in self.page.view.locator(f"{within} .summary-section:has(dl)").all():
            labels, values = (section.locator(each).all_inner_texts() for each in ("dt", "dd"))
            found[section.locator("h3").inner_text()] = list(zip(labels, values, strict=True))
        return found
