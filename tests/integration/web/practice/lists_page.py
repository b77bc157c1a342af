"""The view of the lists on a page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator, expect

from tests.integration.web.practice.pieces_page import DROP
from tests.integration.web.practice.practice_page import PracticePage

_CELLS: Final = """(rows) => rows.map((row) => [...row.querySelectorAll("[data-column]")]
  .filter((cell) => cell.checkVisibility())
  .map((cell) => {
    const mark = cell.querySelector(".square");
    return [mark === null ? "" : mark.className, cell.querySelector(".list-cell").innerText.trim()];
  }))"""
_SIGNS: Final = {
    "square square-mark": "☑",
    "square square-empty": "☐",
    "square square-green": "green",
    "square square-red": "red",
    "square square-none": "none",
}


@dataclass(frozen=True)
class ListsPage:
    """The view of the lists, in the page's language."""

    page: PracticePage

    def open(self, title: str, keys: str = "") -> None:
        """Go there by the bar, or by its keys; and to the tab with this English title."""
        if keys:
            self.page.page.keyboard.press(keys)
        else:
            self.page.page.get_by_role("link", name=self.page.word("Lists")).first.click()
            self.tab(title).click()
        expect(self.tab(title)).to_have_attribute("aria-selected", "true")

    def tab(self, title: str) -> Locator:
        """Return a tab, by its English title."""
        return self.page.view.get_by_role("tab").filter(has_text=self.page.word(title))

    @property
    def grid(self) -> Locator:
        """The table of the chosen list."""
        return self.page.view.get_by_role("grid")

    @property
    def heads(self) -> list[str]:
        """The titles of the columns that are shown, without the arrow of the order."""
        heads = self.grid.get_by_role("columnheader").all()
        return [each.inner_text().partition("\n")[0] for each in heads if each.is_visible()]

    def row(self, number: str) -> Locator:
        """Return the row of an invoice."""
        return self.grid.get_by_role("row").filter(has_text=number)

    def cell(self, number: str, column: str) -> Locator:
        """Return a cell by its column's name in the API."""
        return self.row(number).locator(f'[data-column="{column}"]')

    @property
    def rows(self) -> list[list[str]]:
        """What the rows show, cell by cell: the look of a square before the text beside it."""
        found: list[list[list[str]]] = self.grid.locator("tbody tr[data-place]").evaluate_all(_CELLS)
        return [[_told(look, text) for look, text in row] for row in found]

    def drop(self, number: str, column: str, name: str, content: bytes) -> None:
        """Drop a file on a cell."""
        cell = self.cell(number, column)
        cell.evaluate(DROP, [name, base64.b64encode(content).decode()])

    @property
    def foot(self) -> Locator:
        """How many there are, and their total."""
        return self.page.view.locator(".list-foot [role=status]")

    def field(self, label: str) -> Locator:
        """Return a filter, by its English label."""
        return self.page.view.get_by_label(self.page.word(label), exact=True)


def _told(look: str, text: str) -> str:
    if not look:
        return text
    sign, shown = _SIGNS[look], text.lstrip("✓✕–\n ").partition("\n")[0].partition(",")[0]
    return f"{sign} {shown}".strip() if shown[:1].isdigit() else sign
