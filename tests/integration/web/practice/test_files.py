"""Lots, files, sending and answers on the page, up to the invoice that rectifies a rejected one."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.web.browser_kit import View, looking
from tests.integration.web.practice.files_page import (
    FILES,
    FIRST,
    SECOND,
    FilesPage,
    bill,
    content,
    make_file,
    reject,
)
from tests.integration.web.practice.practice_page import PracticePage
from tests.integration.web.test_accessible import OPPOSITE
from tests.integration.web.web_process import WebProcess, serving
from tests.scripted_mail import SILENCE, Script, scripted_server
from tests.tools.web.practice.files_kit import arl, sent_content
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.language import Language

REFUSED = "the server responded with a status of 4"
_DROP_BESIDE = """(name) => {
  const moved = new DataTransfer();
  moved.items.add(new File(["{}"], `${name}.json`));
  ["tla-files-ready", ".drop"].forEach((place, at) => document.querySelector(place).dispatchEvent(
    new DragEvent(at === 0 ? "dragover" : "drop", { dataTransfer: moved, bubbles: true, cancelable: true })));
}"""
BREAKS_OFF = "net::ERR_|the server responded with a status of 4"


def test_from_what_is_ready_to_the_invoice_that_rectifies_a_rejected_one(
    browser: Browser, own_web: WebProcess, tmp_path: Path
) -> None:
    with looking(browser, own_web.url, View(Language.FR), path=FILES, allowed=REFUSED) as bench:
        files = FilesPage(PracticePage(bench))
        page = files.page
        make = page.view.get_by_role("button", name="Faire les lots")
        expect(make).to_have_attribute("aria-disabled", "true")
        nothing_ready = page.view.get_by_text("Rien n'est prêt à être mis en lots")
        expect(nothing_ready).to_have_class(re.compile("quiet"))
        bill(own_web, FIRST, SECOND)
        expect(files.part("Ready to be put into lots").get_by_role("row").nth(1)).to_contain_text("781,00 €")
        expect(make).not_to_have_attribute("aria-disabled", "true")
        make.click()
        expect(page.code).to_be_focused()
        page.page.keyboard.type(CODE)
        page.page.keyboard.press("Enter")
        row = files.part("Files to send").get_by_role("listitem").first
        expect(row).to_contain_text("CPAM - DEMONSTRATION · 2 FSE · 1 lot · 781,00 €")
        identity = row.get_by_role("link").inner_text()

        files.act(row, "Send…").click()
        folder = page.dialog.get_by_label("Dossier", exact=True)
        expect(folder).to_have_value(str(Path.home()))
        expect(folder).to_have_accessible_description(re.compile("dossier personnel"))
        files.send_into("")
        expect(page.dialog.get_by_role("alert")).to_have_text("Écrivez le chemin entier du dossier")
        expect(page.dialog.get_by_label("Dossier", exact=True)).to_be_focused()
        files.send_into(tmp_path / "missing")
        expect(page.dialog.get_by_role("alert")).to_contain_text("Il n'y a pas de dossier")
        files.send_into(tmp_path)
        expect(page.dialog).to_have_count(0)
        expect(nothing_ready).to_be_hidden()
        expect(page.view.locator(".files-done:not(:empty)")).to_be_focused()
        (said,) = page.view.locator(".files-done:not(:empty)").all()
        expect(said).to_have_text(f"1 fichier transmis dans le dossier {tmp_path} : {identity}")
        expect(files.row("Files sent", identity)).to_contain_text("transmis, pas encore de réponse")
        expect(files.row("Files sent", identity)).to_contain_text("Transmis le 05/03/2019")
        expect(row).to_have_count(0)

        files.drop("ordonnance.pdf", b"%PDF-1.4")
        files.answer_says("Ce n'est pas un ARL")
        expect(page.view.locator(".files-done:not(:empty)")).to_have_count(0)
        files.drop("réponse.json", arl(sent_content(tmp_path, identity), identity, [SECOND]))
        files.answer_says("1 document accepté, 1 rejeté")
        files.answer_says(f"FSE {SECOND} · R01 Droits non ouverts")
        expect(files.row("Files sent", identity)).to_contain_text("accepté, 1 rejeté sur 2")

        page.view.get_by_role("link", name="1 document rejeté à rectifier").click()
        page.view.get_by_role("checkbox", name=f"Rectifier {SECOND}").check()
        page.view.get_by_role("button", name="Rectifier (1)…").click()
        page.dialog.get_by_label("Date de la nouvelle facture").fill("06/03/2019")
        number = page.dialog.get_by_label(f"Nouveau numéro pour {SECOND}")
        expect(number).to_have_value("190306001")
        number.press("Enter")
        expect(page.view.get_by_role("status")).to_contain_text(f"{SECOND} → 190306001")
        expect(page.view).to_contain_text("Aucun rejet n'attend d'être rectifié.")
        page.view.get_by_role("link", name="190306001").click()
        expect(page.view.locator(".summary-stands")).to_contain_text("190306001")

        page.page.go_back()
        page.page.keyboard.press("t")
        page.view.get_by_role("link", name=identity).click()
        documents = page.view.get_by_role("grid")
        expect(documents.get_by_role("row").nth(1)).to_contain_text("rectifiée par 190306001")
        expect(documents.get_by_role("row").nth(2)).to_contain_text("accepté")
        page.button("Verify its signatures").click()
        expect(page.view).to_contain_text("Toutes les signatures sont valides")


class _Silent(Script):
    """A mail server that takes a message and says nothing more."""

    taken = threading.Event()

    def answer(self, word: str) -> str:
        if word != ".":
            return super().answer(word)
        self.taken.set()
        return SILENCE


def test_a_server_killed_in_the_middle_of_sending_leaves_a_doubt_that_a_person_settles(
    browser: Browser, tmp_path: Path
) -> None:
    ledger = tmp_path / "book.db"
    secret = "sesame-4711"
    with serving("--ledger", ledger) as first, scripted_server(_Silent()) as mail:
        identity = make_file(first, FIRST)
        with looking(browser, first.url, path=FILES, allowed=BREAKS_OFF) as bench:
            files = FilesPage(PracticePage(bench))
            page, dialog = files.page, files.page.dialog
            row = files.row("Files to send", identity)
            files.act(row, "Send…").click()
            dialog.get_by_role("radio", name="By e-mail").check()
            for label, text in (
                ("Mail server", f"127.0.0.1:{mail.port}"),
                ("Sender's address", "cabinet@example.org"),
                ("Recipient's address", "cpam@example.org"),
                ("Password", secret),
            ):
                dialog.get_by_label(label, exact=True).fill(text)
            page.page.keyboard.press("Enter")
            assert _Silent.taken.wait(60)
            expect(row).to_contain_text("being sent")
            first.kill()
            expect(dialog.get_by_role("alert")).to_contain_text("The bench does not answer")
            dialog.get_by_role("button", name="Close").click()
            with serving("--ledger", ledger, port=first.port) as second:
                expect(row).to_contain_text("in doubt: sending was interrupted")
                files.act(row, "Settle…").click()
                expect(dialog).to_contain_text(f"<{identity}@tla-sim.invalid>")
                page.button("No, it did not arrive").click()
                expect(dialog).to_have_count(0)
                expect(row).to_contain_text("to send")
                files.act(row, "Send…").click()
                expect(dialog.get_by_label("Mail server")).to_have_value(f"127.0.0.1:{mail.port}")
                expect(dialog.get_by_label("Password")).to_have_value("")
                assert secret not in page.page.evaluate("JSON.stringify({...localStorage})")
                files.send_into(tmp_path)
                expect(files.row("Files sent", identity)).to_contain_text("into a folder")
                assert second.ask("GET", f"/practice/files/{identity}")["doubt"] is None


def test_texts_of_an_answer_and_names_of_dropped_files_stay_texts(
    browser: Browser, own_web: WebProcess, tmp_path: Path
) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\">"
    identity = make_file(own_web, FIRST)
    raw = arl(content(own_web, identity), identity, [FIRST], reason=hostile)
    own_web.ask("POST", f"/practice/files/{identity}/send", {"folder": str(tmp_path)})
    with looking(browser, own_web.url, path=FILES, allowed=REFUSED) as bench:
        files = FilesPage(PracticePage(bench))
        page = files.page
        expect(files.row("Files sent", identity)).to_be_visible()
        page.page.evaluate(_DROP_BESIDE, hostile)
        files.answer_says(f"{hostile}.json")
        expect(files.answers.locator("> li")).to_have_count(1)
        files.drop("answer.json", raw)
        files.answer_says(hostile)
        page.page.goto(f"{own_web.url}{FILES}/rejected")
        expect(page.view.get_by_role("row").nth(1)).to_contain_text(hostile)
        page.page.goto(f"{own_web.url}{FILES}/{identity}")
        expect(page.view.get_by_role("grid")).to_contain_text(hostile)
        assert "taken" not in page.page.title()
        assert page.page.locator("img[onerror]").count() == 0


@pytest.mark.parametrize("view", OPPOSITE, ids=str)
def test_the_view_is_accessible(browser: Browser, own_web: WebProcess, tmp_path: Path, view: View) -> None:
    with looking(browser, own_web.url, view, path=FILES) as bench:
        files = FilesPage(PracticePage(bench))
        page = files.page
        expect(page.view.get_by_role("button", name=page.word("Make the lots…"))).to_be_visible()
        page.sound("nothing to send")
        sent, waiting = make_file(own_web, FIRST), make_file(own_web, SECOND)
        reject(own_web, sent, tmp_path, FIRST)
        own_web.ask("POST", "/surgery/load", {"reader": "reader-1"})
        page.view.locator(".files-held summary").click()
        expect(files.row("Files sent", sent)).to_be_visible()
        page.sound("files to send and sent")
        files.act(files.row("Files to send", waiting), "Send…").click()
        page.dialog.get_by_role("radio", name=page.word("By e-mail")).check()
        page.sound("the dialog that sends")
        page.page.keyboard.press("Escape")
        files.row("Files sent", sent).get_by_role("link").click()
        expect(page.view.get_by_role("grid")).to_contain_text("Absente")
        page.sound("a look into a file")
        page.page.goto(f"{own_web.url}{FILES}/rejected")
        page.view.get_by_role("checkbox").check()
        page.sound("rejected documents")
