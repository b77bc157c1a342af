"""Where everything on the bench's page is found: by role and name, as people with a screen reader do."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tla_sim.tools.language import Language
from tla_sim.tools.web.words import french_words

SLOTS: Final = {"ps": "PS slot", "vitale": "Vitale slot"}
KEYS: Final = {"UP": "Up", "DOWN": "Down"}
"""The keys that bear a sign instead of their name."""


def in_language(language: Language, english: str, several: str = "", /, **values: object) -> str:
    """Return a text of the page in a language; with `several`, the form for `count`.

    A text that is the same in French is not in the page's French.
    """
    plural = several and values["count"] != 1
    if language is Language.EN:
        template = several if plural else english
    else:
        found = french_words().get(english, english)
        template = found if isinstance(found, str) else found[values["count"] not in (0, 1)]
    return template.format(**values)


class BenchPage:
    """The page in a browser, in one language."""

    def __init__(self, page: Page, language: Language) -> None:
        self.page = page
        self.language = language

    def word(self, english: str, several: str = "", /, **values: object) -> str:
        """Return a text of the page in its language, as `in_language`."""
        return in_language(self.language, english, several, **values)

    def reader(self, name: str) -> ReaderOnPage:
        """Return a reader."""
        return ReaderOnPage(self, name)

    @property
    def tabs(self) -> list[Locator]:
        """The tabs of the panels, in their order."""
        tabs = self.page.get_by_role("tab")
        expect(tabs.first).to_be_visible()
        return tabs.all()

    def tab(self, name: str) -> Locator:
        """Return the tab of a panel, by its English name."""
        return self.page.get_by_role("tab", name=self.word(name), exact=True)

    @property
    def done(self) -> Locator:
        """What the practice did, line by line."""
        return self.page.get_by_role("log", name=self.word("What was done")).get_by_role("listitem")

    def button(self, name: str) -> Locator:
        """Return a button, by its English name."""
        return self.page.get_by_role("button", name=self.word(name), exact=True)


class ReaderOnPage:
    """One reader on the page."""

    def __init__(self, bench: BenchPage, name: str) -> None:
        self.bench = bench
        self.name = name

    @cached_property
    def root(self) -> Locator:
        """Everything of the reader."""
        return self.bench.page.get_by_role(
            "region", name=self.bench.word("Reader {name}", name=self.name), exact=True
        )

    @cached_property
    def screen(self) -> Locator:
        """Its screen as text."""
        return self.root.get_by_role("status", name=self.bench.word("Screen"), exact=True)

    @cached_property
    def device(self) -> Locator:
        """The device, which takes the keyboard's keys while it has the focus."""
        return self.root.get_by_role(
            "group", name=self.bench.word("Keyboard of {name}", name=self.name), exact=True
        )

    def key(self, legend: str) -> Locator:
        """Return a key, by the legend on its cap."""
        keys = self.root.get_by_role("group", name=self.bench.word("Keys"), exact=True)
        name = self.bench.word(KEYS[legend]) if legend in KEYS else legend
        return keys.get_by_role("button", name=name, exact=True)

    def slot(self, slot: str) -> Locator:
        """Return a slot: ps or vitale."""
        return self.root.get_by_role("group", name=self.bench.word(SLOTS[slot]), exact=True)

    def removal(self, slot: str) -> Locator:
        """Return the button that takes the card out of a slot."""
        return self.slot(slot).get_by_role("button", name=self.bench.word("Remove"), exact=True)

    @cached_property
    def tray(self) -> Locator:
        """The list of its cards."""
        return self.root.get_by_role("list", name=self.bench.word("Cards"), exact=True)

    def card(self, name: str) -> Locator:
        """Return a card of the tray, by its name."""
        return self.tray.locator(f"[data-card={json.dumps(name)}]")

    def menu_of(self, card: str) -> Locator:
        """Return the button that opens the menu of a card of the tray."""
        return self.card(card).locator("button[aria-haspopup=menu]")

    def menu_item(self, slot: str) -> Locator:
        """Return the item of an open menu that puts the card into a slot."""
        return self.root.get_by_role("menuitem", name=self.bench.word(SLOTS[slot]), exact=True)

    def switch(self, name: str) -> Locator:
        """Return a switch, Power or Cable."""
        return self.root.get_by_role("switch", name=self.bench.word(name), exact=True)

    def shows(self, text: str) -> None:
        """Wait until the screen shows a text."""
        expect(self.screen).to_contain_text(text)

    def holds(self, slot: str, holder: str) -> None:
        """Wait until a slot shows a card of a holder."""
        expect(self.slot(slot)).to_contain_text(holder)
