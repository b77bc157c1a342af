"""The view of lots, files, sending and answers on the practice's page, and what leads up to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.integration.web.practice.invoices_page import NUMBER, NURSE_CARD, insert, plug
from tests.integration.web.practice.practice_page import PracticePage
from tests.integration.web.web_process import WebProcess
from tests.tools.web.practice.files_kit import BYTES, arl
from tests.tools.web.surgery.bench_kit import NURSE
from tla_sim.tools.cast.people import CODE

FILES = "/practice#files"
FIRST, SECOND = NUMBER, "190221022"


def bill(web: WebProcess, *numbers: str) -> None:
    """Bill invoices of the nurse degraded, signed at the desk."""
    plug(web)
    insert(web, NURSE_CARD)
    for number in numbers:
        one = f"/practice/invoices/{NURSE}/{number}"
        web.ask("PUT", f"{one}/choices", {"degraded": True, "to_load": False})
        web.ask("POST", f"{one}/bill", {"reader": "reader-1", "code": CODE})


def make_file(web: WebProcess, *numbers: str) -> str:
    """Bill invoices, put them into a file, and return its identity."""
    bill(web, *numbers)
    (made,) = web.ask("POST", "/practice/lots", {"reader": "reader-1", "code": CODE})["files"]
    return str(made["identity"])


def content(web: WebProcess, identity: str) -> bytes:
    """Return the bytes of a file."""
    return web.api.get(f"/v1/practice/files/{identity}/content").content


def reject(web: WebProcess, identity: str, folder: Path, *numbers: str, reason: str = "Absente") -> None:
    """Send a file into a folder, and have its recipient reject these invoices."""
    web.ask("POST", f"/practice/files/{identity}/send", {"folder": str(folder)})
    raw = arl(content(web, identity), identity, numbers, reason=reason)
    assert web.api.post("/v1/practice/answers", content=raw, headers=BYTES).is_success


@dataclass(frozen=True)
class FilesPage:
    """The view on a page."""

    page: PracticePage

    def part(self, title: str) -> Locator:
        """Return a part of the view, by its English title."""
        return self.page.view.get_by_role("region", name=self.page.word(title), exact=True)

    def row(self, title: str, identity: str) -> Locator:
        """Return a file in one of the lists."""
        return self.part(title).get_by_role("listitem").filter(has_text=identity)

    def act(self, within: Locator, name: str) -> Locator:
        """Return a button of a row, by its English name."""
        return within.get_by_role("button", name=self.page.word(name))

    def send_into(self, folder: Path | str) -> None:
        """Choose the folder in the dialog, and send."""
        dialog = self.page.dialog
        dialog.get_by_role("radio", name=self.page.word("Into a folder")).check()
        dialog.get_by_label(self.page.word("Folder"), exact=True).fill(str(folder))
        dialog.get_by_role("button", name=self.page.word("Send"), exact=True).click()

    def drop(self, name: str, raw: bytes) -> None:
        """Hand in an answer."""
        self.page.view.locator(".drop input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/json", "buffer": raw}
        )

    @property
    def answers(self) -> Locator:
        """What the answers said."""
        return self.part("Recipients' answers (ARL)").get_by_role("list").first

    def answer_says(self, text: str) -> None:
        """Wait until the last answer says something."""
        expect(self.answers.locator("> li").first).to_contain_text(text)
