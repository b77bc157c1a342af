"""The dialog of an invoice's supporting documents, and what is prepared for it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator, expect

from tests.integration.web.practice.practice_page import PracticePage
from tests.integration.web.web_process import WebProcess

OWNER: Final = "75629690"
NUMBER: Final = "190305028"
SAME_PRESCRIPTION: Final = ("190221022", "190221023")
INVOICE: Final = f"{OWNER}:{NUMBER}"
DROP: Final = """(zone, [name, bytes]) => {
  const moved = new DataTransfer();
  moved.items.add(new File([Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0))], name));
  ["dragover", "drop"].forEach((kind) => zone.dispatchEvent(
    new DragEvent(kind, { dataTransfer: moved, bubbles: true, cancelable: true })));
}"""


def bill_degraded(web: WebProcess, *numbers: str) -> None:
    """Have invoices of the nurse's billed degraded."""
    for each in numbers:
        web.ask("PUT", f"/practice/invoices/{OWNER}/{each}/choices", {"degraded": True})


@dataclass(frozen=True)
class PiecesPage:
    """The dialog on a page."""

    page: PracticePage

    def open(self) -> None:
        """Open it from the invoice's summary."""
        self.page.button("Documents…").click()
        expect(self.page.dialog).to_have_accessible_name(
            self.page.word("Documents of invoice {number}", number=NUMBER)
        )

    def part(self, title: str, **values: str) -> Locator:
        """Return a part of it, by its English title."""
        return self.page.dialog.get_by_role("region", name=self.page.word(title, **values), exact=True)

    def drop(self, part: Locator, name: str, content: bytes) -> None:
        """Drop a file on a part's place for files."""
        part.locator(".drop").evaluate(DROP, [name, base64.b64encode(content).decode()])

    def act(self, name: str) -> Locator:
        """Return a button of the dialog in front, by its English name."""
        return self.page.dialog.last.get_by_role("button", name=self.page.word(name), exact=True)

    def close(self) -> None:
        """Close the dialog in front."""
        count = self.page.page.locator("dialog[open]").count()
        self.page.page.keyboard.press("Escape")
        expect(self.page.page.locator("dialog[open]")).to_have_count(count - 1)
