"""The first document followed on the page: an invoice without the Vitale, billed degraded."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.web.browser_kit import View, looking
from tests.integration.web.practice.invoices_page import (
    DESMAUX_CARD,
    MARTIN_CARD,
    NUMBER,
    NURSE_CARD,
    SECRETARY_CARD,
    InvoicesPage,
    insert,
    plug,
)
from tests.integration.web.practice.lists_page import ListsPage
from tests.integration.web.practice.practice_page import PRACTICE, PracticePage
from tests.integration.web.web_process import WebProcess, serving
from tests.scans import page as scanned
from tests.scans import scan_pdf, signature_png
from tests.tools.web.practice.test_invoices import SCREEN
from tests.tools.web.surgery.bench_kit import NURSE
from tla_sim.tools import cast
from tla_sim.tools.cast.people import WRONG_CODE
from tla_sim.tools.language import Language

REFUSED = "the server responded with a status of 4"
FRENCH = View(Language.FR)


COLUMNS = [
    "N° Facture",
    "Dégradé",
    "TP",
    "Nom du patient",
    "Destinataire",
    "Date facture",
    "Total",
    "Ordonnance Scor",
    "Feuille soins Scor",
]
TABLE = [
    [number, degraded, "☑", patient, "CPAM - DEMONSTRATION", on, total, prescription, sheet]
    for number, degraded, patient, on, total, prescription, sheet in (
        ("190305028", "☑", "MARTIN PAUL", "05/03/2019", "156,20", "green 01/01/19", "green"),
        ("190221022", "☑", "MARTIN PAUL", "21/02/2019", "624,80", "green 01/01/19", "green"),
        ("190221023", "☑", "MARTIN PAUL", "21/02/2019", "46,40", "green 01/01/19", "green"),
        ("190220006", "☐", "DESMAUX NATHALIE", "20/02/2019", "258,60", "red 01/02/19", "☐"),
    )
]
"""The document's own table; the days of its prescriptions stand beside their squares."""

TABS = [
    "1. FSE à sécuriser 0",
    "2. DRE à sécuriser 0",
    "3. FSE à transmettre 4",
    "4. DRE à transmettre 0",
    "5. Fichiers à transmettre 0",
    "Rejetées, à rectifier 0",
    "Transmis",
]


NOTICE = """\
Facturation de la prescription exécutée par PIQURE2969 MAYA
Prescription
Patient : MARTIN PAUL
Prescrit par : TOUBIB PAUL le 01/01/2019
Entente préalable
Code : du 00/00/0000
Motif :
Facture Complémentaire Actes NGAP
N° 190305028 Du 05/03/2019 Catégorie Facture Sesam-Vitale
Remboursements
Nature d'assurance : 10 Maladie
Date évènement : N° A.T. :
Exonération : 5 Assuré ou bénéficiaire exonéré
Cadre de remboursement : Tiers payant sur part obligatoire
Caisse : CPAM - DEMONSTRATION % : 100
Parcours de soins - Déclaration du médecin traitant : Sans objet
La facture est élaborée : Sans objet (facture non concernée par le parcours de soins)
Montants Remboursables
Total : 156,20
Caisse : 156,20
Complémentaire : 0,00
Assuré : 0,00
A payer : 0,00 (hors règlements perçus)
Pièce justificative
Attestation de la caisse : non
Impression du bon d'examen : non
A.M.E. de base : non
N° DRE Date Etat Type
"""
"""The document's screen, word by word; the three pieces, which it does not tick, are said not to be there."""


def words(text: str) -> list[str]:
    """Return the words of a screen, in the order in which they are read."""
    return [each for each in text.split() if each not in (":", "-")]


def test_the_first_document_step_by_step_on_the_practices_page_alone(
    browser: Browser, own_web: WebProcess, tmp_path: Path
) -> None:
    with looking(browser, own_web.url, FRENCH, path=PRACTICE, allowed=REFUSED) as bench:
        invoices = InvoicesPage(PracticePage(bench))
        page = invoices.page
        page.button("Plug the cable in").click()
        invoices.open()
        title = page.view.get_by_role("heading", level=2)
        expect(title).to_have_text("Facturation de la prescription exécutée par PIQURE2969 MAYA")
        assert invoices.lines == SCREEN
        assert list(invoices.lines) == list(SCREEN)
        read = page.view.locator(".summary-title, .summary-screen").all_inner_texts()[:2]
        assert words("\n".join(read)) == words(NOTICE)
        dres = page.view.get_by_role("table", name="DRE")
        expect(dres.get_by_role("columnheader")).to_have_text(["N° DRE", "Date", "Etat", "Type"])
        expect(invoices.tick("Imprimer la feuille de soins")).to_be_checked()
        _scan_signature(page, tmp_path)
        expect(invoices.tick("Préparer la facture pour chargement dans TLA")).not_to_be_checked()
        expect(invoices.tick("Imprimer la feuille de soins")).not_to_be_checked()
        expect(invoices.act("Facturer en dégradé")).to_have_accessible_description(
            "Carte PS absente. Insérez la carte PS"
        )
        page.insert(SECRETARY_CARD)
        expect(invoices.act("Facturer en dégradé")).to_have_accessible_description(
            "Une facture dégradée est signée avec la CPS de son titulaire ; dans le lecteur se trouve la CPE"
            " de ACCUEIL4242 ANNE. Insérez la CPS de PIQURE2969 MAYA"
        )
        page.insert(NURSE_CARD)
        invoices.tick("Utilisation des informations issues d'ADR pour facturation").check()
        before = own_web.ask("GET", f"/practice/invoices/{NURSE}/{NUMBER}")
        invoices.act("Facturer en dégradé").click()
        invoices.type_code(WRONG_CODE)
        expect(page.dialog.get_by_role("alert")).to_contain_text("essais restants : 2")
        page.button("Cancel").click()
        assert own_web.ask("GET", f"/practice/invoices/{NURSE}/{NUMBER}") == before, "nothing is billed"
        invoices.act("Facturer en dégradé").click()
        invoices.type_code()
        expect(invoices.told).to_contain_text(
            f"La facture {NUMBER} est facturée en dégradé, signée avec : PIQURE2969 MAYA."
        )
        expect(invoices.stands).to_contain_text("Prête à transmettre")
        assert ("Origine des droits", "Réponse ADR") in invoices.added["Droits"]
        assert ("Catégorie", "Facture Sesam-Vitale, mode dégradé") in invoices.lines[
            "Facture Complémentaire Actes NGAP"
        ]
        expect(invoices.act("Facturer")).to_have_attribute("aria-disabled", "true")
        expect(page.view.get_by_role("group", name="Facturée en dégradé")).to_be_visible()
        expect(page.view.get_by_text("Elle est déjà certifiée")).to_have_count(1)
        page.sound("an invoice that was billed degraded")
        page.link("All invoices").click()
        expect(invoices.row(NUMBER)).to_contain_text("Prête à transmettre")
        for number in ("190221022", "190221023"):
            invoices.open(number)
            invoices.act("Facturer en dégradé").click()
            invoices.type_code()
            expect(invoices.stands).to_contain_text("Prête à transmettre")
        invoices.open("190220006")
        page.insert(DESMAUX_CARD)
        invoices.act("Facturer").click()
        invoices.type_code()
        expect(invoices.stands).to_contain_text("Prête à transmettre")
        lists = ListsPage(page)
        lists.open("3. FSEs to send")
        for number in ("190305028", "190221022", "190221023"):
            lists.drop(number, "prescription", "ordonnance.pdf", scan_pdf(scanned()))
            expect(lists.cell(number, "prescription").locator(".square-green")).to_be_visible()
        expect(page.view.get_by_role("heading", level=2)).to_have_text("Télétransmission au 05/03/2019")
        expect(page.view.get_by_role("tab")).to_have_text(TABS)
        assert (lists.heads, lists.rows) == (COLUMNS, TABLE)


def _scan_signature(page: PracticePage, folder: Path) -> None:
    """« Numériser signature »: before anything is billed."""
    file = folder / "signature.png"
    file.write_bytes(signature_png())
    page.view.get_by_role("button", name="Numériser signature").click()
    expect(page.dialog).to_contain_text("Signature numérisée de PIQURE2969 MAYA")
    page.sound("the signature")
    with page.page.expect_file_chooser() as chooser:
        page.dialog.get_by_role("button", name="Numériser signature").click()
    chooser.value.set_files(file)
    expect(page.dialog.get_by_role("img")).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.view.get_by_role("button", name="Numériser signature")).to_be_focused()


def test_degraded_for_the_tla_needs_no_card_and_its_sheet_goes_on_paper(
    own_web: WebProcess, practice_of_own: PracticePage
) -> None:
    invoices = InvoicesPage(practice_of_own)
    invoices.open()
    invoices.tick("Préparer la facture pour chargement dans TLA").check()
    page = practice_of_own.page
    page.evaluate("window.print = () => { window.printed = true; }")
    invoices.act("Facturer en dégradé").click()
    assert page.wait_for_function("window.printed"), "« Imprimer la feuille de soins » was ticked"
    expect(page.locator(".sheet-printed img")).to_have_attribute("alt", f"Care sheet of invoice {NUMBER}")
    expect(invoices.stands).to_contain_text("Prepared without Vitale, for loading")
    expect(practice_of_own.view.get_by_role("group", name="To be billed degraded")).to_be_visible()
    assert own_web.ask("GET", "/practice/invoices?patient=martin")["lines"][0]["to_load"]
    sheet = practice_of_own.link("Care sheet (PDF)").get_attribute("href")
    assert own_web.api.get(sheet or "").content.startswith(b"%PDF")
    invoices.tick("Préparer la facture pour chargement dans TLA").uncheck()
    expect(invoices.stands).to_contain_text("to be signed by PIQURE2969 MAYA")
    plug(own_web)
    insert(own_web, NURSE_CARD, MARTIN_CARD)
    expect(invoices.act("Facturer")).not_to_have_attribute("aria-disabled", "true")
    practice_of_own.page.keyboard.press("Control+Enter")
    invoices.type_code()
    expect(invoices.told).to_contain_text("signed with: Vitale, PIQURE2969 MAYA")
    expect(invoices.stands).not_to_contain_text("Degraded")
    practice_of_own.link("All invoices").click()
    invoices.choose("190221022")
    invoices.act("Facturer en dégradé").click()
    invoices.type_code()
    expect(invoices.told).to_contain_text("Print the care sheet and send it to the fund.")
    printed = page.locator(".sheet-printed img")
    expect(printed).to_have_attribute("alt", "Care sheet of invoice 190221022")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(printed).to_have_count(0)
    practice_of_own.button("Print it").click()
    expect(printed).to_have_count(1)


@pytest.mark.parametrize("text", ["<img src=x onerror=\"document.title='taken'\">", "<b>GRAS</b>"])
def test_names_of_a_practice_file_stay_texts(browser: Browser, tmp_path: Path, text: str) -> None:
    told = json.loads(files(cast).joinpath("practice.json").read_text("utf-8"))
    told["name"] = told["funds"][0]["label"] = told["prescribers"][0]["last_name"] = text
    told["patients"][0]["beneficiaries"][0]["last_name"] = text
    for each in told["practitioners"]:
        each["last_name"] = text
    file = tmp_path / "practice.json"
    file.write_text(json.dumps(told), "utf-8")
    with serving("--practice", file) as web, looking(browser, web.url, path=PRACTICE) as bench:
        invoices = InvoicesPage(PracticePage(bench))
        page = invoices.page.page
        page.get_by_role("link", name="Invoices").first.click()
        expect(invoices.row(NUMBER)).to_contain_text(text)
        invoices.open()
        expect(invoices.page.view.get_by_text(text).first).to_be_visible()
        assert page.title() != "taken"
        assert page.locator("img[onerror], main b").count() == 0
