"""The second document followed on the page by a nurse with a reader: load, visit, unload, sign finally."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.web.browser_kit import View, looking
from tests.integration.web.hands import Keyboard
from tests.integration.web.practice.invoices_page import AT, NURSE_CARD, insert, plug
from tests.integration.web.practice.practice_page import PRACTICE, PracticePage
from tests.integration.web.server_thread import serving
from tests.integration.web.test_accessible import OPPOSITE
from tests.integration.web.web_process import WebProcess
from tests.tools.web.surgery.bench_kit import certify
from tests.tools.web.surgery.bench_kit import plug as plug_in
from tla_sim.protocol.lad import Lad
from tla_sim.tools.cast.people import CODE, WRONG_CODE
from tla_sim.tools.language import Language
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.surgery.cable import SurgeryCable

REFUSED = "the server responded with a status of 4"
LOADING = f"{PRACTICE}#loading"
LOAD_BATCH, ACKNOWLEDGE = 0x32, 0x44
PATIENTS = ("vitale-martin-paul", "vitale-desmaux-nathalie")
OTHERS = {
    "cps-toubib-paul": "3 signées avec la CPS de TOUBIB PAUL.",
    "cps-masseur3107-luc": "2 signées avec la CPS de MASSEUR3107 LUC.",
}


def told(page: PracticePage, part: str) -> Locator:
    """What became of the work of a part of the view."""
    return page.view.locator(f"{part} .loading-told")


def type_code(page: PracticePage, code: str = CODE) -> None:
    expect(page.code).to_be_focused()
    page.page.keyboard.type(code)
    page.page.keyboard.press("Enter")


def visit(web: WebProcess) -> None:
    """The round at home: one CPS, one code a patient."""
    web.ask("PUT", f"{AT}/cable", {"plugged": False})
    insert(web, NURSE_CARD)
    for card in PATIENTS:
        insert(web, card)
        web.ask("POST", f"{AT}/keys", {"keys": ["VAL", CODE, "VAL", "VAL"]})
        web.ask("DELETE", f"{AT}/slots/vitale")
    plug(web)


def visit_by_hand(page: PracticePage) -> None:
    """The same at the reader itself, which the page takes in hand, by the keyboard alone."""
    hands = Keyboard(page.page)
    hands.use(page.button("Take the reader in hand…"))
    reader = page.bench.reader("reader-1")
    page.sound("the reader in hand")
    hands.use(reader.switch("Cable"))
    hands.insert(reader, NURSE_CARD, "ps")
    for card, left in zip(PATIENTS, (5, 1), strict=True):
        hands.insert(reader, card, "vitale")
        reader.shows("VAL")
        hands.press(reader, "VAL")
        reader.shows("CODE PORTEUR")
        hands.press(reader, CODE, "VAL")
        reader.shows("VAL")
        hands.press(reader, "VAL")
        hands.use(reader.removal("vitale"))
        reader.shows(f"A CERTIFIER {left:>9}")
    hands.use(reader.switch("Cable"))
    hands.use(page.button("Close"))
    expect(page.button("Take the reader in hand…")).to_be_focused()


def test_the_second_document_word_by_word(browser: Browser, own_web: WebProcess) -> None:
    with looking(browser, own_web.url, View(Language.FR), path=PRACTICE, allowed=REFUSED) as bench:
        page = PracticePage(bench)
        expect(page.waits("Invoices to bill or load")).to_have_text("10")
        page.page.keyboard.press("c")
        page.button("Plug the cable in").first.click()
        nurse = page.view.get_by_role("radio", name="PIQURE2969 MAYA")
        expect(nurse).to_be_checked()
        expect(nurse).to_have_accessible_description("5 factures, 3 patients, 1 091,65 €")
        expect(page.view).to_contain_text("version 1.40 : plusieurs titulaires à la fois")
        page.button("Load").click()
        question = page.page.get_by_role("dialog", name="Factures des autres professionnels de santé")
        expect(question).to_contain_text("appartenant aux mêmes patients")
        expect(question.get_by_role("checkbox", name="TOUBIB PAUL 3 factures, 2 patients")).to_be_checked()
        expect(question.get_by_role("checkbox", name="MASSEUR3107 LUC 2 factures")).to_be_checked()
        expect(question).to_contain_text("Non : seules les factures de PIQURE2969 MAYA sont chargées.")
        question.get_by_role("button", name="Oui").click()
        loaded = told(page, "tla-loading-in")
        for line in ("PIQURE2969 MAYA : 5 documents chargés", "TOUBIB PAUL : 3 ", "MASSEUR3107 LUC : 2 "):
            expect(loaded).to_contain_text(line)
        on_reader = page.view.locator("tla-loading-out .list-scroller")
        expect(on_reader.locator("tbody tr[data-place]")).to_have_count(10)
        assert on_reader.evaluate("(each) => each.scrollHeight === each.clientHeight"), "all ten in sight"
        expect(page.button("Load")).to_have_accessible_description(
            "Tout est déjà sur reader-1. Débranchez le câble pour la tournée, ou déchargez"
        )
        visit_by_hand(page)
        expect(page.view).to_contain_text("1 non certifiée · 5 partiellement sécurisées · 4 complètes")
        page.button("Unload").click()
        type_code(page, WRONG_CODE)
        expect(page.dialog.get_by_role("alert")).to_contain_text("essais restants : 2")
        type_code(page)
        expect(loaded).to_be_empty()
        expect(told(page, "tla-loading-out")).to_contain_text(
            "4 documents complets déchargés · 5 documents partiellement sécurisés déchargés."
            " 1 reste à certifier."
        )
        page.link("Give the final signatures").click()
        expect(page.button("Sign")).to_have_accessible_description(
            "Rien n'attend la signature de PIQURE2969 MAYA."
            " Insérez l'une après l'autre les CPS de : TOUBIB PAUL, MASSEUR3107 LUC"
        )
        page.view.get_by_text("Ce que TOUBIB PAUL va signer").click()
        expect(page.view.get_by_role("table", name="Ce que TOUBIB PAUL va signer")).to_contain_text(
            "MARTIN PAUL"
        )
        for card, signed in OTHERS.items():
            page.insert(card)
            expect(page.button("Sign")).not_to_have_attribute("aria-disabled", "true")
            page.button("Sign").click()
            type_code(page)
            expect(told(page, "tla-practice-signature")).to_contain_text(signed)
        nothing_due = page.view.get_by_text(page.word("Nothing waits for a final signature"))
        expect(nothing_due).to_be_hidden()
        page.page.reload()
        expect(nothing_due).to_have_class(re.compile("quiet"))
        page.page.keyboard.press("a")
        for name, count in {
            "Invoices to bill or load": 0,
            "1. FSEs to secure": 1,
            "3. FSEs to send": 9,
        }.items():
            expect(page.waits(name)).to_have_text(str(count))


def test_an_older_reader_takes_one_owner_and_what_is_cut_is_resumed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as served:
        bench = served.bench
        bench.add("older", ReaderControl.in_memory(bench.practice, seed=2, name="older", profile="1.31"))
        for each in bench.readers:
            plug_in(each.running)
        url = f"http://127.0.0.1:{served.port}"
        with looking(browser, url, path=LOADING, allowed=REFUSED) as opened:
            page = PracticePage(opened)
            page.page.get_by_role("combobox", name="Reader", exact=True).select_option("older")
            page.view.get_by_role("radio", name="MASSEUR3107 LUC").check()
            expect(page.view).to_contain_text(
                "PIQURE2969 MAYA and TOUBIB PAUL have invoices for the same patients, which stay here."
                " This reader (version 1.31) takes one owner's invoices at a time."
            )
            page.button("Load").click()
            loaded = told(page, "tla-loading-in")
            expect(loaded).to_have_text("MASSEUR3107 LUC: 2 documents loaded")
            page.page.get_by_role("combobox", name="Reader", exact=True).select_option("reader-1")
            page.view.get_by_role("radio", name="PIQURE2969 MAYA").check()
            expect(page.view).to_contain_text("version 1.40")
            pull_before(monkeypatch, bench.running("reader-1"), LOAD_BATCH, time=2)
            page.button("Load").click()
            page.button("Yes").click()
            cut = page.view.get_by_role("alert").filter(has_text="No cable is plugged into the reader")
            expect(cut).to_contain_text("5 of 8 were sent; what is in is not sent again.")
            cut.get_by_role("button", name="Plug the cable in").click()
            cut.get_by_role("button", name="Resume").click()
            expect(loaded).to_contain_text("PIQURE2969 MAYA: 0 documents loaded, 5 were in already")
            expect(loaded).to_contain_text("TOUBIB PAUL: 3 documents loaded")
            expect(cut).to_have_count(0)
            certify(bench.running("reader-1"), "MARTIN")
            pull_before(monkeypatch, bench.running("reader-1"), ACKNOWLEDGE)
            page.button("Unload").click()
            type_code(page)
            expect(cut).to_contain_text("What came is safe in the ledger; the rest is on the reader still.")
            cut.get_by_role("button", name="Plug the cable in").click()
            expect(cut.get_by_role("button", name="Resume")).to_be_focused()
            page.page.keyboard.press("Enter")
            type_code(page)
            expect(told(page, "tla-loading-out")).to_contain_text(
                "3 complete documents brought back · 1 partially secured"
            )


def pull_before(monkeypatch: pytest.MonkeyPatch, reader: RunningReader, command: int, time: int = 1) -> None:
    """Pull the cable once, when this command comes for that time."""
    left = [time]
    sent = SurgeryCable.transmit

    def transmit(cable: SurgeryCable, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        if apdu[1] == command:
            left[0] -= 1
            if left[0] == 0:
                plug_in(reader, False)
        return sent(cable, apdu, lad)

    monkeypatch.setattr(SurgeryCable, "transmit", transmit)


@pytest.mark.parametrize("view", OPPOSITE, ids=str)
def test_loading_and_signing_are_accessible(browser: Browser, own_web: WebProcess, view: View) -> None:
    with looking(browser, own_web.url, view, path=LOADING, allowed=REFUSED) as bench:
        page = PracticePage(bench)
        expect(page.view.get_by_role("radio", name="PIQURE2969 MAYA")).to_be_checked()
        page.sound("a reader that does not answer")
        plug(own_web)
        expect(page.button("Load")).not_to_have_attribute("aria-disabled", "true")
        page.button("Load").click()
        page.sound("the question")
        page.button("Yes").click()
        expect(told(page, "tla-loading-in")).to_contain_text("MASSEUR3107 LUC")
        visit(own_web)
        page.button("Unload").click()
        type_code(page)
        expect(page.link("Give the final signatures")).to_be_visible()
        page.sound("unloaded")
        page.link("Give the final signatures").click()
        expect(page.button("Sign")).to_have_attribute("aria-disabled", "true")
        page.sound("another's card")
        insert(own_web, "cps-toubib-paul")
        page.button("Sign").click()
        type_code(page)
        expect(told(page, "tla-practice-signature")).to_contain_text("TOUBIB PAUL")
        page.sound("signed")
