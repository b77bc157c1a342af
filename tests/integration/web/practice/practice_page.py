"""Where everything on the practice's page is found: by role and name, as on the bench's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.integration.web.bench_page import SLOTS, BenchPage, in_language
from tests.integration.web.browser_kit import violations
from tests.integration.web.hands import Hands, Mouse
from tla_sim.tools.language import Language

PRACTICE: Final = "/practice"
BOTH: Final = "/practice?both"

LookAtPractice = Callable[..., "PracticePage"]


class PracticePage:
    """The practice's page in a browser, in one language."""

    def __init__(self, bench: BenchPage) -> None:
        self.bench = bench
        self.page: Page = bench.page
        self.language: Language = bench.language

    def word(self, english: str, several: str = "", /, **values: object) -> str:
        """Return a text of the page in its language."""
        return in_language(self.language, english, several, **values)

    @property
    def view(self) -> Locator:
        """The view that is shown."""
        return self.page.get_by_role("main")

    def card(self, title: str) -> Locator:
        """Return a part of the home view, by its English title."""
        return self.view.get_by_role("region", name=self.word(title), exact=True)

    def button(self, name: str) -> Locator:
        """Return a button, by its English name."""
        return self.page.get_by_role("button", name=self.word(name), exact=True)

    def link(self, name: str) -> Locator:
        """Return a link, by its English name."""
        return self.page.get_by_role("link", name=self.word(name), exact=True)

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog")

    @property
    def code(self) -> Locator:
        """The field for the code porteur."""
        return self.dialog.get_by_label(self.word("Code porteur"))

    def insert(self, card: str, hands: Hands | None = None) -> None:
        """Put a card of the tray, by its name, into the slot that it belongs into."""
        by = hands or Mouse()
        slot = self.word(SLOTS["vitale" if card.startswith("vitale") else "ps"])
        words = "|".join(map(self.word, ("Insert a card…", "Another card…")))
        by.use(self.view.get_by_role("button", name=re.compile(rf"^({words}) {slot}$")))
        by.use(self.dialog.locator(f"[data-card={card}]"))
        expect(self.dialog).to_have_count(0)

    def waits(self, name: str) -> Locator:
        """Return how many there are of what waits, by the English name of its row."""
        row = self.card("What waits").get_by_role("row").filter(has_text=self.word(name))
        return row.get_by_role("cell").first

    def sound(self, what: str) -> None:
        """Fail on what axe finds, and on a page wider than its window."""
        found = violations(self.page)
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if wide > window:
            found.append(f"{wide} px wide in a window of {window} px")
        assert not found, f"{what}:\n" + "\n".join(found)

    def ready(self) -> None:
        """Wait until the home view knows what waits."""
        expect(self.waits("Invoices to bill or load")).to_be_visible()
