"""The hands of the person at the page: a mouse alone, or a keyboard alone."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page, expect

from tests.integration.web.bench_page import ReaderOnPage

_MOST_STEPS = 300
SHORTCUTS = {
    "VAL": "Enter",
    "ANN": "Escape",
    "COR": "Backspace",
    "UP": "ArrowUp",
    "DOWN": "ArrowDown",
    "MENU": "m",
}
"""The keys of the keyboard for those of the reader; a digit is itself."""


class Hands(Protocol):
    """What a person does on the page."""

    def use(self, control: Locator) -> None:
        """Activate a button, a switch or a tab."""

    def press(self, reader: ReaderOnPage, *legends: str) -> None:
        """Press keys of a reader; a legend of several digits is as many keys."""

    def insert(self, reader: ReaderOnPage, card: str, slot: str) -> None:
        """Put a card of the tray into a slot."""

    def write(self, field: Locator, text: str) -> None:
        """Write into a field."""


class Mouse:
    """A mouse; only text is typed."""

    def use(self, control: Locator) -> None:
        """Click it."""
        control.click()

    def press(self, reader: ReaderOnPage, *legends: str) -> None:
        """Click the keys."""
        for legend in _each(legends):
            reader.key(legend).click()

    def insert(self, reader: ReaderOnPage, card: str, slot: str) -> None:
        """Drag the card, once the tray shows what is in the slots: until then its rows may move."""
        full = reader.root.locator("[data-slot].slot-full").count()
        expect(reader.tray.locator(".tray-card-used")).to_have_count(full)
        expect(reader.menu_of(card)).to_be_visible()
        self.drag(reader.card(card), reader.slot(slot))

    def drag(self, thing: Locator, onto: Locator) -> None:
        """Take hold of a thing, move it a little, and carry it to another."""
        # What is dragged is settled at the first movement. A window that scrolls before that has something
        # else under the mouse by then.
        onto.scroll_into_view_if_needed()
        thing.hover()
        mouse, box = thing.page.mouse, thing.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse.down()
        mouse.move(x + 8, y, steps=2)
        onto.hover()
        onto.hover()
        mouse.up()

    def write(self, field: Locator, text: str) -> None:
        """Click into the field and type."""
        field.click()
        field.press_sequentially(text)


class Keyboard:
    """A keyboard: Tab and arrows to get somewhere, Enter and Space to use it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def use(self, control: Locator) -> None:
        """Go there, and press Enter; a tab is chosen by getting there."""
        self._reach(control)
        if control.get_attribute("role") != "tab":
            self._page.keyboard.press("Enter")

    def press(self, reader: ReaderOnPage, *legends: str) -> None:
        """Press the keyboard's keys while the reader has the focus."""
        self._reach(reader.device)
        for legend in _each(legends):
            self._page.keyboard.press(SHORTCUTS.get(legend, legend))

    def insert(self, reader: ReaderOnPage, card: str, slot: str) -> None:
        """Open the card's menu and choose the slot."""
        self.use(reader.menu_of(card))
        item = reader.menu_item(slot)
        expect(item).to_be_visible()
        self._press_until_focused("ArrowDown", item)
        self._page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        """Go there and type."""
        self._reach(field)
        self._page.keyboard.type(text)

    def _reach(self, control: Locator) -> None:
        """Get the focus there: by Tab, within a group of tabs by the arrows."""
        expect(control).to_be_visible()
        if control.get_attribute("role") == "tab":
            chosen = control.locator("xpath=..").locator("[aria-selected=true]")
            self._press_until_focused("Tab", chosen)
            self._press_until_focused("ArrowRight", control)
        else:
            self._press_until_focused("Tab", control)

    def _press_until_focused(self, key: str, control: Locator) -> None:
        for _ in range(_MOST_STEPS):
            if control.evaluate("there => there === document.activeElement"):
                return
            self._page.keyboard.press(key)
        raise AssertionError(f"{key} never gets to {control}")


def _each(legends: tuple[str, ...]) -> list[str]:
    """Return the keys one by one."""
    return [key for legend in legends for key in (legend if legend.isdigit() else (legend,))]
